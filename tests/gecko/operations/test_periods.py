"""Closed periods: nothing is dated in them, whoever writes, until somebody with a reason opens them again."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy.exc
from sqlalchemy import select, text

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid
from gecko.models.audit import AuditEntry
from gecko.models.bank import BankEntry, BankFileKind
from gecko.models.period_locks import PeriodLock
from gecko.models.postings import DebtorPosting
from gecko.operations import closing, crediting, ledger, periods, reversing, settling
from gecko.operations.bank import accounts, deciding, taking_in
from gecko.operations.bank.statements import Entry, Statement
from gecko.operations.dunning import planning, running
from gecko.period_triggers import CLOSED
from tests import factories, invariants

BEFORE = today() - timedelta(days=40)
INSIDE = today() - timedelta(days=35)
CLOSED_ON = today() - timedelta(days=30)
OPEN = CLOSED_ON + timedelta(days=1)


def seen():
    row = periods.current()
    return row.id if row else 0


def close(until=CLOSED_ON, **values):
    with transaction():
        return periods.close(until, **{"reason": "Måneden er afsluttet", "seen": seen(), **values}).id


def reopen(until=None, **values):
    with transaction():
        return periods.reopen(until, **{"reason": "En faktura manglede", "seen": seen(), **values}).id


def pay(debtor_id, ore=1_000, day=INSIDE):
    with transaction():
        return ledger.record_payment(debtor_id, ore, paid_on=day).id


def test_nothing_is_posted_issued_or_settled_in_a_closed_period(app):
    debtor_id = factories.debtor().id
    paid = pay(debtor_id)
    document_id = factories.invoice(debtor_id, 1_000, document_date=BEFORE).id
    owed = db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.document_id == document_id)).one()
    close()
    attempts = {
        "payment": lambda: ledger.record_payment(debtor_id, 1_000, paid_on=CLOSED_ON),
        "credit note": lambda: crediting.issue(document_id, document_date=INSIDE),
        "settlement": lambda: settling.write(
            debtor_id, settling.match(settling.open_of(debtor_id)), "manual", on=INSIDE
        ),
    }
    for attempt in attempts.values():
        with pytest.raises(Invalid, match=f"{CLOSED_ON:%d-%m-%Y}"), transaction():
            attempt()
    with pytest.raises(Invalid):
        factories.invoice(debtor_id, 1_000, document_date=INSIDE)
    assert factories.invoice(debtor_id, 1_000, document_date=OPEN).sequence_no == 2  # what was refused took no number
    pay(debtor_id, day=OPEN)
    with transaction():
        made = settling.settle(debtor_id, (owed, paid)).id
    with transaction():
        settling.undo(made)
    with transaction():
        reversing.reverse(paid)  # of an old payment, dated today
    assert [one.name for one in invariants.checked() if not one.is_ok] == []


def test_raw_sql_is_refused_in_every_table_of_the_ledger(app):
    debtor_id = factories.debtor().id
    pay(debtor_id)
    factories.invoice(debtor_id, 1_000)
    with transaction():
        settling.write(debtor_id, settling.match(settling.open_of(debtor_id)), "manual")
    close()
    for table, column in (
        ("debtor_posting", "posted_on"),
        ("sale_document", "document_date"),
        ("settlement", "effective_on"),
        ("settlement_line", "effective_on"),
    ):
        columns = [one.name for one in db.metadata.tables[table].columns if one.name != "id"]
        unique = {"document_id", "idempotency_key", "number"}
        given = ", ".join(f"'{CLOSED_ON}'" if one == column else "NULL" if one in unique else one for one in columns)
        if table == "sale_document":
            given = given.replace("NULL", "'9999'", 1)
        statement = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {given} FROM {table} ORDER BY id LIMIT 1"
        with pytest.raises(sqlalchemy.exc.IntegrityError, match=CLOSED), transaction() as session:
            session.execute(text(statement))


def test_a_period_is_closed_and_opened_step_by_step_with_a_reason(app):
    factories.debtor()
    first = close()
    assert periods.closed_until() == CLOSED_ON
    for wrong in (
        lambda: close(CLOSED_ON),
        lambda: close(BEFORE),
        lambda: close(today()),
        lambda: close(OPEN, reason="  "),
        lambda: reopen(CLOSED_ON),
        lambda: reopen(OPEN),
    ):
        with pytest.raises(Invalid):
            wrong()
    with pytest.raises(Conflict):
        close(OPEN, seen=first - 1)
    reopen(BEFORE)
    assert periods.closed_until() == BEFORE
    reopen()
    assert periods.closed_until() is None
    with pytest.raises(Invalid):
        reopen()
    steps = periods.history()
    assert [step.is_closing for step in steps] == [False, False, True]
    assert [step.former_until for step in steps] == [BEFORE, CLOSED_ON, None]
    entries = db.session.scalars(select(AuditEntry.action).where(AuditEntry.entity == "period_lock")).all()
    assert entries == ["period.closed", "period.reopened", "period.reopened"]


def test_a_step_sent_twice_is_one(app):
    assert close(key="a") == close(key="a", seen=0)
    assert reopen(key="b") == reopen(key="b")
    assert len(db.session.scalars(select(PeriodLock)).all()) == 2


def test_steps_never_change(app):
    close()
    for statement in ("UPDATE period_lock SET closed_until = NULL", "DELETE FROM period_lock"):
        with pytest.raises(sqlalchemy.exc.IntegrityError), transaction() as session:
            session.execute(text(statement))


def test_what_is_open_at_the_end_of_a_period_is_told_before_it_is_closed(app):
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id, 5_000, document_date=BEFORE)
    pay(debtor_id, 2_000)
    factories.invoice(debtor_id, 9_000)  # later
    assert periods.standing(CLOSED_ON) == periods.Standing(2, 5_000, -2_000, 5_000, -2_000)
    with transaction():
        settling.write(debtor_id, settling.match(settling.open_of(debtor_id)), "manual", on=INSIDE)
    assert periods.standing(CLOSED_ON) == periods.Standing(2, 5_000, -2_000, 3_000, 0)
    assert periods.standing(BEFORE) == periods.Standing(1, 5_000, 0, 5_000, 0)
    close(BEFORE)
    assert periods.standing(CLOSED_ON) == periods.Standing(1, 0, -2_000, 3_000, 0)


def test_who_closes_waits_for_who_is_writing(app):
    """PostgreSQL lets both run at once: what was begun in the open is committed before the period closes."""
    debtor_id = factories.debtor().id
    order, posted = [], threading.Event()

    def write():
        with app.app_context(), transaction():
            ledger.record_payment(debtor_id, 1_000, paid_on=INSIDE)
            posted.set()
            shutting.join(0.3)  # however long: closing cannot end before this does
            order.append("posted")

    def lock():
        posted.wait()
        with app.app_context():
            close()
            order.append("closed")

    writing, shutting = threading.Thread(target=write), threading.Thread(target=lock)
    shutting.start()
    writing.start()
    writing.join()
    shutting.join()
    assert order == ["posted", "closed"]
    with pytest.raises(Invalid):
        pay(debtor_id)


def left_over() -> dict[str, int]:
    """One of everything that a closing can leave behind, and one later of each that it does not."""
    reminded, forgotten = factories.debtor().id, factories.debtor().id
    for debtor_id in (reminded, forgotten):
        factories.invoice(debtor_id, 5_000, document_date=today() - timedelta(days=90))
    with transaction():
        run = running.create(planning.Terms(1, INSIDE), [reminded, forgotten], key="afbrudt")
        running.write(run, reminded)  # then it was broken off
    for day in (INSIDE, CLOSED_ON, OPEN, None):
        factories.draft(reminded, 7_000, document_date=day)
    with transaction():
        account = accounts.create({"name": "Drift", "registration_no": "3000", "account_no": "123456"})
        entries = [Entry(n, day, 1_000 + n, f"Bet {n}") for n, day in enumerate((BEFORE, INSIDE, OPEN))]
        taking_in.take_in(account.id, "bank.csv", "a" * 64, Statement(BankFileKind.CSV, entries))
        deciding.ignore(db.session.scalars(select(BankEntry.id).where(BankEntry.line == 0)).one(), "Ikke en debitor")
    return {"left_drafts": 2, "left_bank": 1, "left_runs": 1, "left_letters": 1}


def shut(**values):
    with transaction():
        return closing.close(CLOSED_ON, **{"reason": "Slut", "seen": seen(), **values}).id


def test_what_a_closing_leaves_behind_is_counted_and_has_to_be_agreed_to(app):
    expected = left_over()
    found = closing.left_behind(CLOSED_ON)
    assert {one.kind.value: one.count for one in found} == expected
    assert [one.ore for one in found[:3]] == [14_000, 1_001, 15_000]
    for agreed, error in ((None, Invalid), (expected | {"left_bank": 0}, Conflict)):
        with pytest.raises(error):
            shut(agreed=agreed)
    assert periods.closed_until() is None
    made = shut(agreed=expected | {"left_drafts": 9}, key="en")
    assert shut(agreed=None, key="en") == made
    facts = db.session.scalars(select(AuditEntry.changes).where(AuditEntry.action == "period.closed")).one()
    assert facts["left"] == expected
    assert closing.left_behind(CLOSED_ON) == []  # what is closed already is nobody's choice any more
    assert {one.kind.value: one.count for one in closing.left_behind(today())} == {"left_drafts": 1, "left_bank": 1}


def test_a_run_whose_debtors_have_paid_is_finished(app):
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id, 5_000, document_date=today() - timedelta(days=90))
    with transaction():
        run = running.create(planning.Terms(1, INSIDE), [debtor_id], key="forsent")
        run_id = run.id
    assert [list(one.run_ids) for one in closing.left_behind(CLOSED_ON)] == [[run_id]]
    pay(debtor_id, 5_000)
    assert closing.left_behind(CLOSED_ON) == []
    shut()
