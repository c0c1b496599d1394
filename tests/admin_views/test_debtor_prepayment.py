"""A debtor's prepayment: on its own page, in the overview, beside an open invoice and on the profile."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.models.people import Role, RolePermission, StaffUser
from gecko.models.postings import DebtorPosting
from gecko.models.prepayments import PrepaymentEntry
from gecko.operations import ledger, prepaying, prepayments
from tests import factories

DAY = today().strftime("%d-%m-%Y")


@pytest.fixture
def office(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    return factories.signed_in(sqlite_app, factories.user("office"))


def page(client, debtor_id, **query):
    return client.get(f"/debtors/{debtor_id}/prepayment/", query_string=query).get_data(as_text=True)


def post(client, debtor_id, act, prefix="", **values):
    data = {f"{prefix}{name}": value for name, value in {"once": "a", **values}.items()}
    return client.post(f"/debtors/{debtor_id}/prepayment/{act}", data=data)


def prepay(debtor_id, ore, **values):
    with transaction():
        return prepaying.pay_in(debtor_id, ore, **values).id


def figures(debtor_id):
    db.session.rollback()
    return prepayments.balance(debtor_id), ledger.outstanding(debtor_id)


def test_it_is_paid_in_used_and_paid_out_once_however_often_it_is_sent(app, client_as):
    client, debtor_id = client_as("office"), factories.debtor().id
    factories.invoice(debtor_id, 10_000)
    for _turn in range(2):
        answer = post(client, debtor_id, "pay-in", "in-", amount_ore="150,00", paid_on=DAY, text="Depositum")
        assert answer.status_code == 303
    shown = page(client, debtor_id)
    assert "Depositum" in shown
    [tick] = re.findall(r'name="tick" value="(\d+:-?\d+)"', shown)
    for _turn in range(2):
        assert post(client, debtor_id, "use", tick=tick).status_code == 303
    assert figures(debtor_id) == (5_000, 0)
    for _turn in range(2):
        assert post(client, debtor_id, "pay-out", "out-", amount_ore="20", paid_on=DAY).status_code == 303
    assert figures(debtor_id) == (3_000, 0)
    shown = page(client, debtor_id)
    assert 'name="tick"' not in shown
    assert re.findall(r'<td class="num">(-?[\d.,]+)</td>', shown) == [
        "-20,00", "30,00", "-100,00", "50,00", "150,00", "150,00",
    ]  # fmt: skip


def test_what_is_refused_stands_beside_its_field_and_what_was_typed_is_kept(office):
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id, 10_000)
    prepay(debtor_id, 5_000)
    [tick] = re.findall(r'name="tick" value="(\d+:-?\d+)"', page(office, debtor_id))
    late = (today() + timedelta(days=2)).strftime("%d-%m-%Y")
    for act, values, said in (
        ("use", {"tick": tick, "amount_ore": "50,01"}, 'id="amount_ore-error"'),
        ("use", {"tick": tick.replace(":10000", ":9999")}, "Se listen igen"),
        ("use", {}, "Vælg det udestående"),
        ("pay-in", {"prefix": "in-", "amount_ore": "1", "paid_on": late, "text": "Husk mig"}, 'value="Husk mig"'),
        ("pay-out", {"prefix": "out-", "amount_ore": "50,01", "paid_on": DAY}, 'id="out-amount_ore-error"'),
    ):
        answer = post(office, debtor_id, act, **values)
        assert answer.status_code == 422, act
        assert said in answer.get_data(as_text=True), act
    assert figures(debtor_id) == (5_000, 10_000)


def test_an_entry_is_reversed_with_a_reason_and_only_the_debtors_own(office):
    debtor_id, other = factories.debtor().id, factories.debtor().id
    mine, theirs = prepay(debtor_id, 5_000), prepay(other, 7_000)
    assert post(office, debtor_id, "reverse", entry=theirs, reason="Fejl").status_code == 422
    assert post(office, debtor_id, "reverse", entry=mine, reason=" ").status_code == 422
    for _turn in range(2):
        assert post(office, debtor_id, "reverse", entry=mine, reason="Tastefejl").status_code == 303
    assert (figures(debtor_id), figures(other)) == ((0, 0), (7_000, 0))
    shown = page(office, debtor_id)
    assert "Tastefejl" in shown
    assert "/prepayment/reverse" not in shown


def test_taking_back_what_was_paid_out_needs_the_right_to_pay_out(sqlite_app, office):
    debtor_id = factories.debtor().id
    prepay(debtor_id, 5_000)
    with transaction() as session:
        out = prepaying.pay_out(debtor_id, 100).id
        role = Role(key="clerk", name="Clerk")
        role.permissions = [RolePermission(permission=name) for name in ("debtor.view", "debtor.edit")]
        session.add(role)
    clerk = factories.signed_in(sqlite_app, factories.user("clerk"))
    assert post(clerk, debtor_id, "reverse", entry=out, reason="Fejl").status_code == 403
    assert page(clerk, debtor_id).count("/prepayment/reverse") == 1
    assert page(office, debtor_id).count("/prepayment/reverse") == 2


def test_a_limited_user_does_not_see_the_prepayment_of_others(sqlite_app, office):
    group = factories.group()
    _customer, debtor = factories.linked(group_id=group.id)
    debtor_id = debtor.id
    who = factories.user("office", is_limited=True)
    with transaction() as session:
        session.get(StaffUser, who.id).groups = [session.get(CustomerGroup, factories.primary_group().id)]
    limited = factories.signed_in(sqlite_app, who)
    assert limited.get(f"/debtors/{debtor_id}/prepayment/").status_code == 404
    assert post(limited, debtor_id, "pay-in", "in-", amount_ore="1", paid_on=DAY).status_code == 404
    assert office.get(f"/debtors/{debtor_id}/prepayment/").status_code == 200


def test_older_entries_are_a_page_away_with_what_was_left_then(office):
    debtor_id = factories.debtor().id
    with transaction() as session:
        session.add_all(
            PrepaymentEntry(debtor_id=debtor_id, kind="paid_in", amount_ore=100, posted_on=today(), text="")
            for _n in range(52)
        )
    shown = page(office, debtor_id)
    assert shown.count('id="entry-') == 50
    older = page(office, debtor_id, after=re.search(r"after=([^\"&]+)", shown)[1])
    assert re.findall(r'<td class="num">([\d.,]+)</td>', older) == ["1,00", "2,00", "1,00", "1,00"]
    assert page(office, debtor_id, after="x~y").count('id="entry-') == 50


def test_the_overview_tells_it_and_finds_those_who_have_some(app, client_as, queries):
    client = client_as("office")
    prepaid, used = factories.debtor(company_name="Forud ApS").id, factories.debtor(company_name="Opbrugt ApS").id
    for debtor_id in (prepaid, used):
        prepay(debtor_id, 76_500)
    factories.invoice(used, 76_500)
    owed = db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.debtor_id == used)).one()
    with transaction():
        prepaying.use(used, (owed,))
    shown = client.get("/debtors/?f_prepaid=1").get_data(as_text=True)
    assert "Forud ApS" in shown
    assert "765,00" in shown
    assert "Opbrugt ApS" not in shown
    assert "Forud ApS" not in client.get("/debtors/").get_data(as_text=True)
    with queries(app) as few:
        client.get("/debtors/?f_zero=1")
    for _n in range(30):
        prepay(factories.debtor().id, 100)
    with queries(app) as many:
        client.get("/debtors/?f_zero=1")
    assert len(many) <= len(few) + 1


def test_an_open_invoice_offers_what_was_prepaid_until_it_is_used(office):
    customer, debtor = factories.linked()
    customer_id, debtor_id = customer.id, debtor.id
    document_id = factories.invoice(debtor_id, 10_000, customer_id=customer_id).id
    where = f"/invoices/{document_id}"
    assert "/prepayment/" not in office.get(where).get_data(as_text=True)
    prepay(debtor_id, 4_000)
    shown = office.get(where).get_data(as_text=True)
    assert "Debitoren har forudbetalt 40,00" in shown
    link = re.search(r'href="(/debtors/\d+/prepayment/\?tick=[^"#]+)', shown)[1]
    assert re.search(r'name="tick" value="\d+:10000" checked', office.get(link).get_data(as_text=True))
    profile = office.get(f"/customers/{customer_id}/debtor-postings").get_data(as_text=True)
    assert f'href="/debtors/{debtor_id}/prepayment/"' in profile
    owed = db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.document_id == document_id)).one()
    with transaction():
        prepaying.use(debtor_id, (owed,))
    assert "/prepayment/?" not in office.get(where).get_data(as_text=True)


def test_a_debtor_who_prepaid_is_not_deleted(office):
    debtor_id = factories.debtor().id
    prepay(debtor_id, 100)
    assert "har en forudbetaling" in office.get(f"/debtors/delete/?id={debtor_id}").get_data(as_text=True)
