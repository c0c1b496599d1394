"""Settling: what is open of each posting, from the top down, taken back by a counter-row, and never beyond it."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy.exc
from sqlalchemy import select, text

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import GeckoError, Invalid, NotFound
from gecko.models.postings import DebtorPosting
from gecko.models.settlements import OpenPosting, Settlement, SettlementLine, SettlementMethod
from gecko.operations import ledger, reversing, settling
from tests import factories, invariants


def pay(debtor_id, ore, **values):
    with transaction():
        return ledger.record_payment(debtor_id, ore, **values).id


def invoice(debtor_id, ore):
    document = factories.invoice(debtor_id, ore)
    return db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.document_id == document.id)).one()


def settle(debtor_id, *posting_ids, **values):
    with transaction():
        return settling.settle(debtor_id, posting_ids, **values).id


def undo(settlement_id, **values):
    with transaction():
        return settling.undo(settlement_id, **values).id


def left(*posting_ids, as_of=None):
    db.session.rollback()
    found = settling.remaining(posting_ids, as_of)
    return tuple(found[one] for one in posting_ids)


def is_clean():
    return [one.name for one in invariants.checked() if not one.is_ok] == []


def test_a_partial_settlement_and_its_undo_leave_what_is_owed_alone(app):
    debtor_id = factories.debtor().id
    owed, paid = invoice(debtor_id, 10_000), pay(debtor_id, 4_000)
    assert left(owed, paid) == (10_000, -4_000)
    made = settle(debtor_id, owed, paid)
    assert left(owed, paid) == (6_000, 0)
    assert db.session.get(OpenPosting, paid) is None
    taken_back = undo(made)
    assert left(owed, paid) == (10_000, -4_000)
    row = db.session.get(Settlement, taken_back)
    assert (row.method, row.undoes_id) == (SettlementMethod.UNDO, made)
    assert ledger.outstanding(debtor_id) == 6_000
    for settlement_id in (made, taken_back):
        with pytest.raises(Invalid):
            undo(settlement_id)
    assert is_clean()


def post(debtor_id, kind, ore, days_ago):
    with transaction():
        return ledger.post(debtor_id, kind, ore, posted_on=today() - timedelta(days=days_ago), text="").id


def backdated(debtor_id, *posting_ids, days_ago):
    with transaction():
        matches = settling.match(settling.open_of(debtor_id, posting_ids))
        return settling.write(debtor_id, matches, SettlementMethod.MANUAL, on=today() - timedelta(days=days_ago)).id


def test_a_backdated_settlement_counts_no_earlier_than_the_undo_before_it(app):
    debtor_id = factories.debtor().id
    owed, first = post(debtor_id, "payout", 1_000, 20), post(debtor_id, "payment", -1_000, 18)
    undo(backdated(debtor_id, owed, first, days_ago=18))
    second = post(debtor_id, "payment", -1_000, 10)
    made = backdated(debtor_id, owed, second, days_ago=10)
    assert db.session.get(Settlement, made).effective_on == today()
    assert left(owed, first, second, as_of=today() - timedelta(days=5)) == (0, 0, -1_000)
    assert left(owed, first, second) == (0, -1_000, 0)
    assert is_clean()


def test_the_check_finds_a_posting_that_was_settled_twice_over_on_a_day_in_the_past(app):
    debtor_id = factories.debtor().id
    owed, first = post(debtor_id, "payout", 1_000, 20), post(debtor_id, "payment", -1_000, 18)
    undo(backdated(debtor_id, owed, first, days_ago=18))
    second, day = post(debtor_id, "payment", -1_000, 10), today() - timedelta(days=10)
    with transaction() as session:
        row = Settlement(debtor_id=debtor_id, effective_on=day, method=SettlementMethod.MANUAL)
        row.lines = [
            SettlementLine(debit_posting_id=owed, credit_posting_id=second, amount_ore=1_000, effective_on=day)
        ]
        session.add(row)
    [found] = [one for one in invariants.checked() if not one.is_ok]
    assert found.name == "remaining"
    assert found.problems == [f"posting {owed} was settled beyond its amount on {day}"]


def test_settling_goes_from_the_top_down_by_due_date(app):
    debtor_id = factories.debtor().id
    with transaction():
        late, early = (
            ledger.post(debtor_id, "payout", 100, posted_on=today(), due_on=today() + timedelta(days=days), text="").id
            for days in (20, 10)
        )
    paid = pay(debtor_id, 150)
    settle(debtor_id, late, early, paid)
    assert left(early, late, paid) == (0, 50, 0)


def test_an_amount_settles_so_much_and_an_overpayment_stays_as_credit(app):
    debtor_id = factories.debtor().id
    owed, paid = invoice(debtor_id, 1_000), pay(debtor_id, 1_500)
    settle(debtor_id, owed, paid, amount_ore=300)
    assert left(owed, paid) == (700, -1_200)
    for amount in (0, -1, 701):
        with pytest.raises(Invalid):
            settle(debtor_id, owed, paid, amount_ore=amount)
    settle(debtor_id, owed, paid)
    assert left(owed, paid) == (0, -500)
    assert is_clean()


def test_what_cannot_be_settled_is_refused(app):
    mine, other = factories.debtor().id, factories.debtor().id
    owed, paid, theirs = invoice(mine, 500), pay(mine, 500), pay(other, 500)
    for chosen in ((owed,), (paid,), (owed, theirs), (owed, paid, 999), ()):
        with pytest.raises(Invalid):
            settle(mine, *chosen)
    settle(mine, owed, paid)
    with pytest.raises(Invalid):
        settle(mine, owed, paid)
    with pytest.raises(NotFound):
        undo(999)


def test_the_same_key_settles_and_undoes_once(app):
    debtor_id = factories.debtor().id
    owed, paid = invoice(debtor_id, 500), pay(debtor_id, 500)
    first = settle(debtor_id, owed, paid, key="s")
    assert settle(debtor_id, owed, paid, key="s") == first
    assert undo(first, key="u") == undo(first, key="u")


def test_reversing_a_payment_opens_what_it_paid(app):
    debtor_id = factories.debtor().id
    owed, paid = invoice(debtor_id, 500), pay(debtor_id, 500)
    settle(debtor_id, owed, paid)
    with transaction():
        reversal = reversing.reverse(paid).id
    assert left(owed, paid, reversal) == (500, 0, 0)
    standing = settling.standing(paid)
    assert [one.method for one in standing] == [SettlementMethod.REVERSAL]
    with pytest.raises(Invalid):
        undo(standing[0].id)
    assert is_clean()


def test_a_past_day_knows_only_what_had_happened(app):
    debtor_id, day = factories.debtor().id, today()
    with transaction():
        owed = ledger.post(debtor_id, "payout", 900, posted_on=day - timedelta(days=30), text="").id
        paid = ledger.record_payment(debtor_id, 400, paid_on=day - timedelta(days=10)).id
        matches = settling.match(settling.open_of(debtor_id))
        made = settling.write(debtor_id, matches, SettlementMethod.MANUAL, on=day - timedelta(days=5)).id
    undo(made)
    for days, expected in ((31, (0, 0)), (30, (900, 0)), (10, (900, -400)), (6, (900, -400)), (5, (500, 0))):
        assert left(owed, paid, as_of=day - timedelta(days=days)) == expected
    assert left(owed, paid, as_of=day) == left(owed, paid) == (900, -400)


LINE = "INSERT INTO settlement_line (settlement_id, debit_posting_id, credit_posting_id, amount_ore, effective_on) "


@pytest.mark.parametrize(
    "values",
    [
        "SELECT settlement_id, debit_posting_id, credit_posting_id, 1, effective_on FROM settlement_line",  # too much
        "SELECT settlement_id, credit_posting_id, debit_posting_id, 1, effective_on FROM settlement_line",
        "SELECT settlement_id, debit_posting_id, credit_posting_id, -1, effective_on FROM settlement_line",
        "SELECT settlement_id, debit_posting_id, credit_posting_id, 1, DATE '1999-01-01' FROM settlement_line",
        "SELECT settlement_id, debit_posting_id, (SELECT max(id) FROM debtor_posting), 1, effective_on"
        " FROM settlement_line",  # another debtor's
    ],
)
def test_the_database_refuses_a_line_that_cannot_be(app, values):
    debtor_id = factories.debtor().id
    settle(debtor_id, invoice(debtor_id, 500), pay(debtor_id, 500))
    pay(factories.debtor().id, 500)
    if db.engine.dialect.name == "sqlite":
        values = values.replace("DATE ", "")
    with pytest.raises(sqlalchemy.exc.IntegrityError), transaction() as session:
        session.execute(text(LINE + values))
    assert is_clean()


@pytest.mark.parametrize("table", ["settlement", "settlement_line"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET id = id + 1000", "DELETE FROM {0}"])
def test_a_settlement_never_changes(app, table, change):
    debtor_id = factories.debtor().id
    settle(debtor_id, invoice(debtor_id, 500), pay(debtor_id, 500))
    with pytest.raises(sqlalchemy.exc.DatabaseError, match="never change"), transaction() as session:
        session.execute(text(change.format(table)))


def test_two_at_once_settle_an_amount_once(app):
    debtor_id = factories.debtor().id
    owed, paid = invoice(debtor_id, 500), pay(debtor_id, 500)
    outcomes, start = [], threading.Barrier(2)
    db.session.remove()

    def attempt():
        with app.app_context():
            start.wait()
            try:
                settle(debtor_id, owed, paid)
                outcomes.append("settled")
            except GeckoError:
                outcomes.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=attempt) for _n in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["refused", "settled"]
    assert db.session.scalars(select(SettlementLine.amount_ore)).all() == [500]
