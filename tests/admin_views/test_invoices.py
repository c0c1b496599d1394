"""Issuing and crediting in the browser, documents, and the grids of postings, items and set-up."""

import re

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.debtors import DebtorGroup, PaymentTerm
from gecko.models.documents import DocumentKind, SaleDocument
from gecko.models.items import Item, ItemGroup
from gecko.operations import ledger, settings
from tests import factories


@pytest.fixture
def office(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    return factories.signed_in(sqlite_app, factories.user("office"))


def text(answer):
    return answer.get_data(as_text=True)


def documents():
    return db.session.scalars(select(SaleDocument).order_by(SaleDocument.id)).all()


def test_an_invoice_is_issued_from_item_and_text_once(app, client_as):
    customer, debtor = factories.linked()
    item = factories.item(name="Klipning", price_ore=39_900)
    form = {
        "debtor_id": debtor.id, "customer_id": customer.id, "document_date": "01-06-2026", "term_id": "", "once": "k1",
        "lines-0-item_id": item.id, "lines-0-quantity": "1,5",
        "lines-1-text": "Porto", "lines-1-price_ore": "50,00", "lines-1-discount_ore": "5",
        "lines-1-is_vat_exempt": "y",
        "lines-2-text": "",
    }  # fmt: skip
    client = client_as("office")
    first = client.post("/invoices/new/", data=form)
    assert first.status_code == 303
    assert client.post("/invoices/new/", data=form).headers["Location"] == first.headers["Location"]
    (document,) = documents()
    assert (document.total_ore, document.vat_free_ore, document.customer_id) == (64_350, 4_500, customer.id)
    page = text(client.get(first.headers["Location"]))
    for shown in ("Klipning", "1,5", "598,50", "643,50", "momsfri", debtor.company_name):
        assert shown in page


def test_a_refused_invoice_keeps_what_was_typed_and_costs_no_number(office):
    debtor_id = factories.debtor().id
    form = {
        "debtor_id": debtor_id,
        "document_date": "01-06-2026",
        "lines-0-text": "Rådgivning",
        "lines-0-price_ore": "x",
    }
    answer = office.post("/invoices/new/", data=form)
    assert answer.status_code == 422
    assert "Rådgivning" in text(answer)
    answer = office.post("/invoices/new/", data={**form, "lines-0-price_ore": "10", "lines-0-discount_ore": "11"})
    assert answer.status_code == 422
    assert "Rabatten på linje 1 er større end linjen." in text(answer)
    answer = office.post("/invoices/new/", data={"debtor_id": debtor_id, "document_date": "01-01-2099",
                                                 "lines-0-text": "a", "lines-0-price_ore": "1"})  # fmt: skip
    assert "Datoen må ikke ligge i fremtiden." in text(answer)
    assert documents() == []
    assert factories.invoice(debtor_id).number == "1"


def test_more_lines_are_made_without_a_script(office):
    answer = office.post("/invoices/new/", data={"more": "1", "lines-0-text": "Første", "lines-2-text": "Tredje"})
    assert answer.status_code == 200
    assert 'name="lines-5-text"' in text(answer)
    assert "Tredje" in text(answer)


def test_the_form_starts_with_debtor_and_its_only_customer(office):
    customer, debtor = factories.linked(name="Åse Holm")
    assert "Åse Holm" in text(office.get(f"/invoices/new/?debtor={debtor.id}"))
    assert debtor.company_name in text(office.get(f"/invoices/new/?customer={customer.id}"))
    assert office.get("/invoices/new/?debtor=999").status_code == 200


def test_an_invoice_is_credited_in_part_and_then_wholly(office):
    debtor_id = factories.debtor().id
    invoice_id, line_id = (document := factories.invoice(debtor_id, 10_000)).id, document.lines[0].id
    page = text(office.get(f"/invoices/{invoice_id}/credit"))
    assert f'name="line_{line_id}"' in page
    form = {"document_date": factories.invoice(debtor_id).document_date.strftime("%d-%m-%Y"), f"line_{line_id}": "0,25"}
    for _turn in range(2):
        answer = office.post(f"/invoices/{invoice_id}/credit", data={**form, "once": "one"})
        assert answer.status_code == 303
    assert ledger.outstanding(debtor_id) == 17_500
    assert "Kreditnota 1" in text(office.get(f"/invoices/{invoice_id}"))
    answer = office.post(f"/invoices/{invoice_id}/credit", data={**form, f"line_{line_id}": "0,8"})
    assert answer.status_code == 422
    assert "På linje 1 kan der krediteres 0,75." in text(answer)
    assert office.post(f"/invoices/{invoice_id}/credit", data={**form, f"line_{line_id}": "0,75"}).status_code == 303
    assert office.get(f"/invoices/{invoice_id}/credit").status_code == 303
    note = documents()[-1]
    assert note.kind == DocumentKind.CREDIT_NOTE
    assert office.get(f"/invoices/{note.id}/credit").status_code == 303
    assert "Krediterer" in text(office.get(f"/invoices/{note.id}"))


def test_issuing_needs_its_right(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    invoice_id = factories.invoice(factories.debtor().id).id
    receptionist = factories.signed_in(sqlite_app, factories.user("receptionist"))
    for url in (
        "/invoices/",
        "/invoices/new/",
        *(f"/invoices/{invoice_id}{part}" for part in ("", "/lines", "/credit")),
    ):
        assert receptionist.get(url).status_code == 403
    assert receptionist.post("/invoices/new/").status_code == 403


def test_the_list_of_invoices_filters_and_opens_to_lines(office):
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id, 10_000)
    factories.invoice(debtor_id, 20_000)
    page = text(office.get("/invoices/?f_number=2"))
    assert page.count("data-id=") == 1
    assert "data-open" in page
    assert ">Ydelse<" not in page  # the lines come when the row is opened
    document_id = re.search(r'data-id="(\d+)"', page)[1]
    lines = text(office.get(f"/invoices/{document_id}/lines"))
    assert ">Ydelse<" in lines
    assert "<html" not in lines
    assert text(office.get("/invoices/?f_total_ore_from=150&f_kind=invoice")).count("data-id=") == 1
    assert text(office.get("/invoices/?f_issued_at_to=01-01-2020")).count("data-id=") == 0


def test_postings_add_up_to_their_control_total(app, client_as):
    first, second = factories.debtor().id, factories.debtor().id
    factories.invoice(first, 10_000)
    factories.invoice(second, 2_345)
    with transaction():
        ledger.record_payment(first, 1_000)
    client = client_as("accountant")
    page = text(client.get("/postings/"))
    assert "113,45" in page
    assert page.count("data-id=") == 3
    page = text(client.get("/postings/?f_kind=payment"))
    assert "-10,00" in page
    assert page.count("data-id=") == 1
    assert "90,00" in text(client.get(f"/postings/total?f_debtor_id={first}"))
    assert text(client.get("/postings/?f_amount_ore_from=50")).count("data-id=") == 1


def test_postings_of_a_group(office):
    with transaction() as session:
        group = DebtorGroup(name="Kommuner")
        session.add(group)
        session.flush()
        group_id = group.id
    factories.invoice(factories.debtor(group_id=group_id).id, 10_000)
    factories.invoice(factories.debtor().id, 2_345)
    page = text(office.get(f"/postings/?f_group={group_id}"))
    assert page.count("data-id=") == 1
    assert "100,00" in page


def test_terms_groups_and_items_are_set_up_in_the_browser(office):
    saved = office.post("/payment-terms/new/", data={"name": "Netto 14 dage", "days": "14", "day_kind": "banking",
                                                     "is_default": "y", "is_active": "y"})  # fmt: skip
    assert saved.status_code == 303
    term = db.session.scalars(select(PaymentTerm).where(PaymentTerm.is_default)).one()
    assert term.name == "Netto 14 dage"
    assert office.post("/debtor-groups/new/", data={"name": "Firmaer", "default_term_id": term.id}).status_code == 303
    assert office.post("/item-groups/new/", data={"name": "Produkter", "account_no": "1030"}).status_code == 303
    group = db.session.scalars(select(ItemGroup)).one()
    form = {"item_no": "S1", "name": "Shampoo", "kind": "product", "group_id": group.id, "price_ore": "1.149,50",
            "is_active": "y"}  # fmt: skip
    assert office.post("/items/new/", data=form).status_code == 303
    assert db.session.scalars(select(Item)).one().price_ore == 114_950
    refused = office.post("/items/new/", data=form)
    assert refused.status_code == 422
    assert 'id="item_no-error"' in text(refused)
    assert "1.149,50" in text(office.get("/items/"))
    assert (
        office.post("/item-groups/delete/", data={"id": group.id, "row_version": group.row_version}).status_code == 303
    )
    assert db.session.scalar(select(func.count()).select_from(ItemGroup)) == 1  # it has an item


def test_the_default_term_stays(office):
    term = db.session.scalars(select(PaymentTerm)).one()
    answer = office.post(
        f"/payment-terms/edit/?id={term.id}",
        data={"name": term.name, "days": "8", "day_kind": "calendar", "row_version": term.row_version},
    )
    assert answer.status_code == 422
    assert "Gør i stedet en anden betingelse til standard." in text(answer)


def test_items_belong_to_the_register(office):
    with transaction():
        settings.put("module.cash_register", False)
    assert office.get("/items/").status_code == 404
    assert office.get("/item-groups/").status_code == 404
