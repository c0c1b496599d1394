"""A debtor's open and settled postings: ticking, settling in part, undoing, writing off, paying out."""

import re
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import event, insert, select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.models.people import StaffUser
from gecko.models.postings import DebtorPosting
from gecko.models.settlements import OpenPosting, Settlement, SettlementMethod
from gecko.operations import debtors, ledger, settling
from tests import factories
from tests.plans import plan


@pytest.fixture
def office(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    return factories.signed_in(sqlite_app, factories.user("office"))


def page(client, debtor_id, **query):
    return client.get(f"/debtors/{debtor_id}/postings/", query_string=query).get_data(as_text=True)


def owe(debtor_id, ore):
    document = factories.invoice(debtor_id, ore)
    return db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.document_id == document.id)).one()


def pay(debtor_id, ore, text="Bankoverførsel"):
    with transaction():
        return ledger.record_payment(debtor_id, ore, text=text).id


def settle(debtor_id, *posting_ids):
    with transaction():
        return settling.settle(debtor_id, posting_ids).id


def ticks(text):
    return re.findall(r'name="tick" value="(\d+:-?\d+)"', text)


def post(client, debtor_id, act, chosen=(), **values):
    return client.post(f"/debtors/{debtor_id}/postings/{act}", data={"tick": list(chosen), "once": "a", **values})


def left(debtor_id):
    db.session.rollback()
    return {one.posting_id: one.remaining_ore for one in settling.open_of(debtor_id)}


def test_what_is_ticked_is_settled_once_however_often_it_is_sent(office):
    debtor_id = factories.debtor().id
    owed, paid = owe(debtor_id, 10_000), pay(debtor_id, 4_000)
    chosen = ticks(page(office, debtor_id))
    assert chosen == [f"{owed}:10000", f"{paid}:-4000"]
    for _turn in range(2):
        answer = post(office, debtor_id, "settle", chosen)
        assert answer.status_code == 303
    assert left(debtor_id) == {owed: 6_000}
    shown = page(office, debtor_id)
    assert ticks(shown) == [f"{owed}:6000"]
    assert re.search(r"Udlignet af: \w+ Bankoverførsel", shown)


def test_a_smaller_amount_is_settled_and_too_much_is_refused(office):
    debtor_id = factories.debtor().id
    owed, paid = owe(debtor_id, 10_000), pay(debtor_id, 4_000)
    chosen = ticks(page(office, debtor_id))
    answer = post(office, debtor_id, "settle", chosen, amount_ore="40,01", reason="Husk")
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert 'id="amount_ore-error"' in text
    assert text.count(" checked") == 2
    assert 'value="Husk"' in text
    assert post(office, debtor_id, "settle", chosen, amount_ore="15,00").status_code == 303
    assert left(debtor_id) == {owed: 8_500, paid: -2_500}


def test_what_changed_since_it_was_ticked_is_refused(office):
    debtor_id = factories.debtor().id
    owed, paid = owe(debtor_id, 10_000), pay(debtor_id, 4_000)
    chosen = ticks(page(office, debtor_id))
    with transaction():
        settling.settle(debtor_id, (owed, paid), amount_ore=100)
    assert post(office, debtor_id, "settle", chosen).status_code == 422
    assert post(office, debtor_id, "write-off", chosen[:1], reason="x").status_code == 422
    assert left(debtor_id) == {owed: 9_900, paid: -3_900}


@pytest.mark.parametrize("tick", ["", "x", "1", "1:", "1:x", "0:5", "99999999999999999999:1", "1:--5"])
def test_a_tick_that_was_tampered_with_settles_nothing(office, tick):
    debtor_id = factories.debtor().id
    owe(debtor_id, 100), pay(debtor_id, 100)
    for act in ("settle", "write-off", "pay-out"):
        assert post(office, debtor_id, act, [tick], reason="x").status_code == 422
    assert len(left(debtor_id)) == 2


def test_a_settlement_is_shown_and_undone_with_who_and_why(office):
    debtor_id = factories.debtor().id
    owed, paid = owe(debtor_id, 500), pay(debtor_id, 500)
    made = settle(debtor_id, owed, paid)
    assert f'id="settlement-{made}"' not in page(office, debtor_id)
    shown = page(office, debtor_id, settled=1, open=0)
    assert f'id="settlement-{made}"' in shown
    assert 'name="tick"' not in shown
    for _turn in range(2):
        data = {"settlement": made, "once": "b", "reason": "Forkert faktura"}
        answer = office.post(f"/debtors/{debtor_id}/postings/undo?settled=1&open=0", data=data)
        assert (answer.status_code, answer.location) == (303, f"/debtors/{debtor_id}/postings/?settled=1&open=0")
    assert left(debtor_id) == {owed: 500, paid: -500}
    shown = page(office, debtor_id, settled=1)
    assert "Forkert faktura" in shown
    assert "Fortryd udligningen" not in shown
    undone = db.session.scalars(select(Settlement).where(Settlement.undoes_id == made)).one()
    assert (undone.method, undone.reason) == (SettlementMethod.UNDO, "Forkert faktura")


def test_another_debtors_settlement_is_not_undone_here(office):
    mine, other = factories.debtor().id, factories.debtor().id
    made = settle(mine, owe(mine, 500), pay(mine, 500))
    for wanted in (made, "x", ""):
        office.post(f"/debtors/{other}/postings/undo", data={"settlement": wanted})
    assert left(mine) == {}


def test_writing_off_and_paying_out_with_what_was_typed_kept(office):
    debtor_id = factories.debtor().id
    owed, paid = owe(debtor_id, 500), pay(debtor_id, 70_000)
    chosen = ticks(page(office, debtor_id))
    answer = post(office, debtor_id, "write-off", chosen[:1], reason=" ")
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.get_data(as_text=True)
    assert post(office, debtor_id, "write-off", chosen[:1], reason="Forældet").status_code == 303
    assert left(debtor_id) == {paid: -70_000}
    answer = post(office, debtor_id, "pay-out", chosen[1:], paid_on="01-01-2099")
    assert 'id="paid_on-error"' in answer.get_data(as_text=True)
    day = today().strftime("%d-%m-%Y")
    assert post(office, debtor_id, "pay-out", chosen[1:], paid_on=day, payment_type_id="1").status_code == 303
    assert left(debtor_id) == {}
    assert "Banko" in page(office, debtor_id, settled=1, types=1)
    assert ledger.outstanding(debtor_id) == 0
    assert owed


def test_payment_types_are_shown_where_the_switch_says_so(office):
    debtor_id = factories.debtor().id
    with transaction():
        ledger.record_payment(debtor_id, 100, payment_type_id=1, text="Overført")
    assert "Betalingstype</th>" not in page(office, debtor_id)
    assert "Betalingstype</th>" in page(office, debtor_id, types=1)


def test_a_debtor_outside_ones_groups_does_not_exist(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    group_id, debtor_id = factories.group().id, factories.debtor().id
    owed, paid = owe(debtor_id, 500), pay(debtor_id, 500)
    who = factories.user("accountant", is_limited=True)
    with transaction() as session:
        session.get(StaffUser, who.id).groups = [session.get(CustomerGroup, group_id)]
    client = factories.signed_in(sqlite_app, who)
    assert client.get(f"/debtors/{debtor_id}/postings/").status_code == 404
    chosen = [f"{owed}:500", f"{paid}:-500"]
    for act in ("settle", "write-off", "pay-out", "undo"):
        assert post(client, debtor_id, act, chosen, reason="x", settlement="1").status_code == 404
    assert len(left(debtor_id)) == 2


def test_a_deleted_debtor_is_looked_at_and_left_alone(office):
    debtor_id = factories.debtor().id
    settle(debtor_id, owe(debtor_id, 500), pay(debtor_id, 500))
    with transaction():
        debtors.delete(debtor_id)
    shown = page(office, debtor_id, settled=1)
    assert 'id="settlement-' in shown
    assert "Fortryd udligningen" not in shown
    assert post(office, debtor_id, "settle", ["1:500"]).status_code == 404


def fill(debtor_id, count):
    """`count` invoices and as many payments of the same amounts, by date, open."""
    first = date(2020, 1, 1)
    rows = [
        {"debtor_id": debtor_id, "kind": kind, "amount_ore": sign * (100 + n % 50), "text": str(n),
         "posted_on": first + timedelta(days=n % 1_000), "due_on": None}
        for n in range(count) for kind, sign in (("invoice", 1), ("payment", -1))
    ]  # fmt: skip
    with transaction() as session:
        session.execute(insert(DebtorPosting), rows)


def statements(client, debtor_id, **query):
    seen = []

    def listener(*args):
        seen.append(args[2])

    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        page(client, debtor_id, **query)
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    return [one for one in seen if one.lstrip().upper().startswith(("SELECT", "WITH"))]


def test_pages_reach_every_open_posting_and_ask_no_more_for_many(app, client_as):
    client, debtor_id = client_as("office"), factories.debtor().id
    owe(debtor_id, 100)
    pay(debtor_id, 100)
    page(client, debtor_id)  # what is remembered for a while is remembered by now
    few = len(statements(client, debtor_id, settled=1))
    fill(debtor_id, 120)
    assert len(statements(client, debtor_id, settled=1)) == few
    found, after = [], ""
    for _page in range(3):
        shown = page(client, debtor_id, owed_after=after)
        found += [one for one in ticks(shown) if "-" not in one]
        owed = unquote(shown).partition("Betalinger og tilgodehavender")[0]
        after = (re.search(r'rel="next" href="[^"]*owed_after=([\d~-]+)', owed) or ["", ""])[1]
    assert len(found) == len(set(found)) == 121
    assert after == ""


def test_the_pages_of_a_large_account_walk_an_index(app):
    debtor_id = factories.debtor().id
    fill(debtor_id, 400)
    rows = [{"debtor_id": debtor_id, "effective_on": date(2020, 1, 1 + n % 28), "method": "manual"} for n in range(400)]
    with transaction() as session:
        session.execute(insert(Settlement), rows)
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    wanted = (
        f"SELECT posting_id FROM open_posting WHERE debtor_id = {debtor_id} AND remaining_ore + 0 > 0"
        " ORDER BY falls_on, posted_on, posting_id LIMIT 51"
    )
    found = plan(wanted, without=("seqscan", "bitmapscan", "sort", "incremental_sort"))
    assert "ix_open_posting_debtor" in found
    assert "TEMP B-TREE" not in found
    wanted = (
        f"SELECT id FROM settlement WHERE debtor_id = {debtor_id} AND method != 'undo'"
        " ORDER BY effective_on DESC, id DESC LIMIT 26"
    )
    found = plan(wanted, without=("seqscan", "bitmapscan", "sort", "incremental_sort"))
    assert "ix_settlement_debtor" in found
    assert "TEMP B-TREE" not in found


def test_a_cursor_that_was_tampered_with_starts_over(office):
    debtor_id = factories.debtor().id
    owed = owe(debtor_id, 100)
    for cursor in ("x", "2026-01-01", "2026-01-01~2026-01-01~x", "~~", "2026-01-01~2026-13-01~1"):
        shown = page(office, debtor_id, owed_after=cursor, before=cursor, settled=1)
        assert ticks(shown) == [f"{owed}:100"]
    assert db.session.get(OpenPosting, owed)
