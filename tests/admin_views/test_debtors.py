"""The debtor overview and the debtor's page."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.debtors import Debtor
from gecko.models.payment_types import PaymentType
from gecko.models.people import Role, RolePermission, StaffUser
from gecko.models.postings import DebtorPosting
from gecko.operations import closing_out, debtor_links, debtors, ledger, periods, settings, settling
from tests import factories, pages

FORM = {
    "name": "Åse Holm", "address": "Havnegade 2", "postal_code": "8000", "city": "Aarhus C", "phone": "86 12 12 12",
    "email": "aase@example.dk", "country": "DK", "language": "da",
}  # fmt: skip


@pytest.fixture
def office(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    return factories.signed_in(sqlite_app, factories.user("office"))


def text(answer):
    return answer.get_data(as_text=True)


def detail(client, debtor_id, **query):
    return client.get("/debtors/details/", query_string={"id": debtor_id, **query})


def test_only_those_who_owe_unless_the_switch_is_off(app, client_as):
    owes, even = factories.debtor(company_name="Skylder ApS").id, factories.debtor(company_name="Udlignet ApS").id
    for debtor_id in (owes, even):
        factories.invoice(debtor_id, 12_345)
    with transaction():
        ledger.record_payment(even, 12_345)
    client = client_as("office")
    page = text(client.get("/debtors/"))
    assert "Skylder ApS" in page
    assert "123,45" in page
    assert "Udlignet ApS" not in page
    assert "f_zero=1" in page
    page = text(client.get("/debtors/?f_zero=1"))
    assert "Udlignet ApS" in page
    assert "Udlignet ApS" in text(client.get("/debtors/?f_zero=1&q=udlig"))


def test_every_debtor_can_be_looked_up(office):
    factories.debtor(company_name="Udlignet ApS")
    assert [row["text"].startswith("Udlignet") for row in office.get("/debtors/lookup?q=udl").json] == [True]


def test_the_overview_asks_as_many_questions_for_fifty_as_for_two(app, client_as):
    client = client_as("office")
    counts = []
    for many in (2, 48):
        for _n in range(many):
            factories.invoice(factories.debtor().id)
        client.get("/debtors/")  # the choices of small filters are remembered for a while
        seen = []

        def listener(*args, seen=seen):
            seen.append(args[2])

        event.listen(db.engine, "before_cursor_execute", listener)
        assert client.get("/debtors/").status_code == 200
        event.remove(db.engine, "before_cursor_execute", listener)
        counts.append(sum(statement.lstrip().upper().startswith(("SELECT", "WITH")) for statement in seen))
    assert counts[1] <= counts[0] + 1 <= 12  # a full page looks for the next one, no row asks for itself


def test_a_debtor_is_created_and_every_missing_field_is_named(office):
    answer = office.post("/debtors/new/", data={"name": "Åse", "country": "DK", "language": "da"})
    assert answer.status_code == 422
    for field in debtors.REQUIRED:
        assert f'id="{field}-error"' in text(answer)
    assert office.post("/debtors/new/", data=FORM).status_code == 303
    assert db.session.scalars(select(Debtor)).one().phone == "+4586121212"


def test_a_wrong_cvr_is_shown_beside_its_field(office):
    answer = office.post("/debtors/new/", data={**FORM, "cvr": "12345678"})
    assert 'id="cvr-error"' in text(answer)
    assert 'value="12345678"' in text(answer)


def test_an_incomplete_debtor_says_what_is_missing(office):
    with transaction():
        debtor_id = debtors.create({"name": "Import"}, complete=False).id
    page = text(detail(office, debtor_id))
    assert "Ufuldstændig" in page
    assert "mangler Adresse, Postnr." in page


def test_the_account_has_a_running_sum_and_pages(office):
    debtor_id = factories.debtor().id
    for n in range(1, 56):
        factories.invoice(debtor_id, 100, document_date=date(2026, 1, 1 + n // 2))
    page = text(detail(office, debtor_id))
    assert page.count('id="posting-') == 50
    assert "55 posteringer i alt" in page
    assert '<td class="num">55,00</td>' in page
    older = page.split("after=")[1].split('"')[0]
    page = text(detail(office, debtor_id, after=older))
    assert page.count('id="posting-') == 5
    assert '<td class="num">5,00</td>' in page


def test_a_payment_is_recorded_once_however_often_it_is_sent(office):
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id, 10_000)
    form = {"amount_ore": "40,50", "paid_on": today().strftime("%d-%m-%Y"), "text": "MobilePay", "once": "abc"}
    for _turn in range(2):
        assert office.post(f"/debtors/{debtor_id}/pay", data=form).status_code == 303
    assert ledger.outstanding(debtor_id) == 5_950
    assert "MobilePay" in text(detail(office, debtor_id))


@pytest.mark.parametrize(
    ("change", "field"), [({"amount_ore": "0"}, "amount_ore"), ({"amount_ore": "x"}, "amount_ore"),
                          ({"paid_on": "01-01-2099"}, "paid_on"), ({"paid_on": ""}, "paid_on")],
)  # fmt: skip
def test_a_refused_payment_keeps_what_was_typed(office, change, field):
    debtor_id = factories.debtor().id
    form = {"amount_ore": "10", "paid_on": "01-01-2026", "text": "Bemærkning", **change}
    answer = office.post(f"/debtors/{debtor_id}/pay", data=form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text(answer)
    assert "Bemærkning" in text(answer)
    assert ledger.outstanding(debtor_id) == 0


def test_a_payment_of_a_closed_day_is_offered_on_the_first_open_one(office):
    debtor_id, until = factories.debtor().id, today() - timedelta(days=10)
    with transaction():
        periods.close(until, reason="Slut", seen=0)
    form = {"amount_ore": "10", "paid_on": f"{until:%d-%m-%Y}", "text": "Bemærkning", "once": "a"}
    answer = office.post(f"/debtors/{debtor_id}/pay", data=form)
    assert answer.status_code == 422
    offered = {name: value[-1] for name, value in pages.form_values(text(answer), having="paid_on").items()}
    assert offered["paid_on"] == f"{until + timedelta(days=1):%d-%m-%Y}"
    assert offered["text"] == "Bemærkning"
    assert office.post(f"/debtors/{debtor_id}/pay", data=offered).status_code == 303
    assert ledger.outstanding(debtor_id) == -1_000


def test_a_payment_is_reversed_only_on_its_own_debtor(office):
    mine, other = factories.debtor().id, factories.debtor().id
    with transaction():
        posting_id = ledger.record_payment(mine, 100).id
    office.post(f"/debtors/{other}/reverse", data={"posting": posting_id})
    office.post(f"/debtors/{other}/reverse", data={"posting": "x"})
    assert ledger.outstanding(mine) == -100
    office.post(f"/debtors/{mine}/reverse", data={"posting": posting_id})
    assert ledger.outstanding(mine) == 0
    assert "tilbageført" in text(detail(office, mine))


def test_customers_are_linked_and_unlinked_with_history(office):
    customer_id, debtor_id = factories.customer(name="Åse Holm").id, factories.debtor().id
    assert office.post(f"/debtors/{debtor_id}/link", data={"customer_id": customer_id}).status_code == 303
    assert debtor_links.sole_customer(debtor_id) == customer_id
    other = factories.debtor().id
    answer = office.post(f"/debtors/{other}/link", data={"customer_id": customer_id})
    assert answer.status_code == 422
    assert "Kunden har allerede en debitor" in text(answer)
    office.post(f"/debtors/{other}/unlink", data={"customer": customer_id})
    assert debtor_links.sole_customer(debtor_id) == customer_id  # the link is not this debtor's
    office.post(f"/debtors/{debtor_id}/unlink", data={"customer": customer_id})
    assert debtor_links.sole_customer(debtor_id) is None
    assert "g-past" in text(detail(office, debtor_id))


def test_who_may_only_look_cannot_change(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    debtor_id = factories.debtor().id
    reviewer = factories.signed_in(sqlite_app, factories.user("reviewer"))
    assert detail(reviewer, debtor_id).status_code == 403
    for name in ("pay", "reverse", "link", "unlink"):
        assert reviewer.post(f"/debtors/{debtor_id}/{name}").status_code == 403


def test_a_limited_user_sees_only_debtors_of_their_customers(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    group = factories.group()
    _mine, visible = factories.linked(group_id=group.id)
    _other, hidden = factories.linked()
    visible_id, hidden_id, group_id = visible.id, hidden.id, group.id
    for debtor_id in (visible_id, hidden_id):
        factories.invoice(debtor_id, 100)
    user_id = factories.user("office", is_limited=True).id
    with transaction() as session:
        user = session.get(factories.StaffUser, user_id)
        user.groups = [session.get(factories.CustomerGroup, group_id)]
    client = factories.signed_in(sqlite_app, user)
    assert detail(client, visible_id).status_code == 200
    assert detail(client, hidden_id).status_code == 404
    assert client.post(f"/debtors/{hidden_id}/pay", data={}).status_code == 404
    assert text(client.get("/debtors/")).count("data-id=") == 1
    assert text(client.get("/postings/")).count("data-id=") == 1
    assert client.get(f"/postings/details/?id={hidden_posting(hidden_id)}").status_code == 404


def hidden_posting(debtor_id):
    return db.session.scalar(select(func.max(DebtorPosting.id)).where(DebtorPosting.debtor_id == debtor_id))


@pytest.mark.parametrize("page", ["debtors", "postings", "invoices", "debtor-groups", "payment-terms"])
def test_without_invoices_the_pages_do_not_exist(office, page):
    assert office.get(f"/{page}/").status_code == 200
    with transaction():
        settings.put("feature.invoices", False)
    assert office.get(f"/{page}/").status_code == 404


def test_a_limited_user_ends_no_link_of_a_customer_outside_their_groups(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    mine, debtor = factories.linked()
    foreign = factories.customer(group_id=factories.group().id)
    who = factories.user("office", is_limited=True)
    ids, debtor_id, user_id = {"mine": mine.id, "foreign": foreign.id}, debtor.id, who.id
    group_id = factories.primary_group().id
    with transaction() as session:
        debtor_links.link(ids["foreign"], debtor_id)
        who = session.get(factories.StaffUser, user_id)
        who.groups = [session.get(factories.CustomerGroup, group_id)]
    client = factories.signed_in(sqlite_app, who)
    assert client.post(f"/debtors/{debtor_id}/unlink", data={"customer": ids["foreign"]}).status_code == 404
    assert client.post(f"/debtors/{debtor_id}/unlink", data={"customer": ids["mine"]}).status_code == 303
    db.session.rollback()
    assert debtor_links.open_link(ids["foreign"]) is not None
    assert debtor_links.open_link(ids["mine"]) is None


def test_a_payment_by_hand_says_how_it_was_paid_by_bank_unless_chosen(office):
    debtor_id = factories.debtor().id
    bank, cash = db.session.scalars(select(PaymentType.id).order_by(PaymentType.id).limit(2)).all()
    assert f'<option selected value="{bank}">' in text(detail(office, debtor_id))
    form = {"amount_ore": "40", "paid_on": today().strftime("%d-%m-%Y"), "payment_type_id": cash, "once": "abc"}
    assert office.post(f"/debtors/{debtor_id}/pay", data=form).status_code == 303
    assert db.session.scalar(select(DebtorPosting.payment_type_id)) == cash
    answer = office.post(f"/debtors/{debtor_id}/pay", data={**form, "payment_type_id": "99", "once": "def"})
    assert answer.status_code == 422


def test_the_overview_leads_to_open_postings_and_to_what_is_done_with_many(office):
    debtor_id = factories.debtor().id
    for ore in (100, 200):
        factories.invoice(debtor_id, ore)
    page = text(office.get("/debtors/"))
    assert f'<a href="/debtors/{debtor_id}/postings/">2</a>' in page
    for address in ("/settling/", "/debtor-groups/"):
        assert f'class="btn btn-ghost-secondary" href="{address}"' in page


def test_the_account_tells_what_is_open_and_what_settled_it(office):
    debtor_id = factories.debtor().id
    invoice_id = factories.invoice(debtor_id, 10_000).id
    with transaction():
        ledger.record_payment(debtor_id, 4_000, text="Overførsel", payment_type_id=1)
    with transaction():
        settling.settle(debtor_id, [one.posting_id for one in settling.open_of(debtor_id)])
    page = text(detail(office, debtor_id))
    assert '<td class="num">60,00</td>' in page
    assert 'aria-label="udlignet"' in page
    assert page.count("Udlignet af:") == page.count("Udligner:") == 1
    assert f'href="/invoices/{invoice_id}/pdf"' in page
    assert page.count(f'href="/invoices/{invoice_id}"') == 2  # in its own row, and where its payment tells of it
    type_name = db.session.get(PaymentType, 1).name
    assert f"<td>{type_name}</td>" in page


def test_a_write_off_is_reversed_by_those_who_may_write_off(sqlite_app, office):
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id, 100)
    with transaction():
        chosen = [one.posting_id for one in settling.open_of(debtor_id)]
        posting_id = closing_out.write_off(debtor_id, chosen, reason="Forældet").id
    with transaction() as session:
        role = Role(name="Elev", permissions=[])
        session.add(role)
        session.flush()
        for permission in ("debtor.view", "debtor.edit"):
            session.add(RolePermission(role_id=role.id, permission=permission))
        who = StaffUser(username="elev", name="Elev", roles=[role])
        session.add(who)
    pupil = factories.signed_in(sqlite_app, who)
    assert pupil.post(f"/debtors/{debtor_id}/reverse", data={"posting": posting_id}).status_code == 403
    assert ledger.outstanding(debtor_id) == 0
    office.post(f"/debtors/{debtor_id}/reverse", data={"posting": posting_id})
    assert ledger.outstanding(debtor_id) == 100
    assert [one.remaining_ore for one in settling.open_of(debtor_id)] == [100]
