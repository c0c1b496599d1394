"""Prepayments: paid in, used for what is owed, paid out and taken back, never below zero and never half."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy.exc
from sqlalchemy import select, text

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import GeckoError, Invalid, NotFound
from gecko.models.payment_types import PaymentMeans, PaymentType
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.models.prepayments import PrepaymentEntry, PrepaymentKind
from gecko.operations import debtors, ledger, periods, prepaying, prepayments, reversing, settling
from gecko.prepayment_triggers import BELOW, WRONG
from jobs.chaos.tampering import unguarded
from tests import factories, invariants
from tests.plans import plan

DAY = timedelta(days=1)


def do(work, *arguments, **values):
    with transaction():
        return work(*arguments, **values).id


def owe(debtor_id, ore):
    document = factories.invoice(debtor_id, ore)
    return db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.document_id == document.id)).one()


def entry(entry_id):
    return db.session.get(PrepaymentEntry, entry_id, populate_existing=True)


def figures(debtor_id, as_of=None):
    db.session.rollback()
    return prepayments.balance(debtor_id, as_of), ledger.outstanding(debtor_id, as_of)


def failing():
    return [one.name for one in invariants.checked() if not one.is_ok]


def test_money_that_is_prepaid_lowers_nothing_until_it_is_used(app):
    debtor_id = factories.debtor().id
    owed = owe(debtor_id, 10_000)
    do(prepaying.pay_in, debtor_id, 12_000, text=" Forud for maj ", paid_on=today() - DAY)
    assert figures(debtor_id) == (12_000, 10_000)
    assert figures(debtor_id, today() - 2 * DAY) == (0, 0)
    used = entry(do(prepaying.use, debtor_id, (owed,)))
    assert figures(debtor_id) == (2_000, 0)
    posting = used.posting
    assert (used.kind, used.amount_ore, used.posted_on) == (PrepaymentKind.USED, -10_000, today())
    assert (posting.kind, posting.amount_ore, posting.payment_type.means) == (
        PostingKind.PAYMENT, -10_000, PaymentMeans.PREPAYMENT,
    )  # fmt: skip
    assert settling.open_of(debtor_id) == []
    do(prepaying.pay_out, debtor_id, 2_000)
    assert figures(debtor_id) == (0, 0)
    assert failing() == []


def test_a_part_is_used_from_the_top_down(app):
    debtor_id = factories.debtor().id
    first, second = owe(debtor_id, 1_000), owe(debtor_id, 2_000)
    do(prepaying.pay_in, debtor_id, 1_500)
    do(prepaying.use, debtor_id, (second, first), amount_ore=300)
    do(prepaying.use, debtor_id, (second, first), seen={first: 700, second: 2_000})
    left = {one.posting_id: one.remaining_ore for one in settling.open_of(debtor_id)}
    assert left == {second: 1_500}
    assert figures(debtor_id) == (0, 1_500)
    assert failing() == []


@pytest.mark.parametrize("way", ["entry", "posting"])
def test_a_use_is_taken_back_on_both_ledgers_whichever_is_reversed(app, way):
    debtor_id = factories.debtor().id
    owed = owe(debtor_id, 1_000)
    do(prepaying.pay_in, debtor_id, 1_500)
    used = do(prepaying.use, debtor_id, (owed,))
    if way == "entry":
        do(prepaying.reverse, used, reason="Forkert faktura")
    else:
        do(reversing.reverse, entry(used).posting_id, text="Forkert faktura")
    made = prepayments.reversal_of(used)
    assert (made.kind, made.amount_ore, made.text) == (PrepaymentKind.REVERSAL, 1_000, "Forkert faktura")
    assert made.posting.reverses_id == entry(used).posting_id
    assert figures(debtor_id) == (1_500, 1_000)
    assert [one.posting_id for one in settling.open_of(debtor_id)] == [owed]
    for again in (used, made.id):
        with pytest.raises(Invalid):
            do(prepaying.reverse, again, reason="Igen")
    assert failing() == []


def test_what_came_in_or_was_paid_out_is_reversed_with_a_reason(app):
    debtor_id = factories.debtor().id
    bank = db.session.scalars(select(PaymentType.id).where(PaymentType.means == PaymentMeans.BANK)).one()
    paid = do(prepaying.pay_in, debtor_id, 1_000, payment_type_id=bank)
    back = do(prepaying.pay_out, debtor_id, 400)
    for entry_id, reason in ((back, " "), (paid, "Brugt")):
        with pytest.raises(Invalid):
            do(prepaying.reverse, entry_id, reason=reason)
    do(prepaying.reverse, back, reason="Afvist af banken")
    made = entry(do(prepaying.reverse, paid, reason="Tastet forkert", key="r"))
    assert (made.amount_ore, made.payment_type_id, made.reverses_id) == (-1_000, bank, paid)
    assert do(prepaying.reverse, paid, reason="Tastet forkert", key="r") == made.id
    assert figures(debtor_id) == (0, 0)
    assert failing() == []


def test_what_cannot_be_is_refused_and_leaves_nothing(app):
    debtor_id, other = factories.debtor().id, factories.debtor().id
    owed, theirs = owe(debtor_id, 500), owe(other, 500)
    paid = do(ledger.record_payment, debtor_id, 100)
    of_prepayment = db.session.scalars(select(PaymentType.id).where(PaymentType.means == PaymentMeans.PREPAYMENT)).one()
    attempts = [
        lambda: do(prepaying.use, debtor_id, (owed,)),
        lambda: do(prepaying.pay_in, debtor_id, 0),
        lambda: do(prepaying.pay_in, debtor_id, 100, paid_on=today() + DAY),
        lambda: do(prepaying.pay_in, debtor_id, 100, payment_type_id=of_prepayment),
        lambda: do(ledger.record_payment, debtor_id, 100, payment_type_id=of_prepayment),
        lambda: do(prepaying.pay_out, debtor_id, 1),
    ]
    for attempt in attempts:
        with pytest.raises(Invalid):
            attempt()
    do(prepaying.pay_in, debtor_id, 600)
    for chosen, values in (
        ((), {}), ((paid,), {}), ((owed, paid), {}), ((theirs,), {}), ((owed,), {"amount_ore": 501}),
        ((owed,), {"amount_ore": 0}), ((owed,), {"seen": {owed: 499}}),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            do(prepaying.use, debtor_id, chosen, **values)
    with pytest.raises(Invalid):
        do(debtors.delete, debtor_id)
    with pytest.raises(NotFound):
        do(prepaying.reverse, 999, reason="Findes ikke")
    assert figures(debtor_id) == (600, 400)


def test_it_is_never_below_zero_on_any_day_in_the_past(app):
    debtor_id = factories.debtor().id
    do(prepaying.pay_in, debtor_id, 1_000, paid_on=today() - 5 * DAY)
    do(prepaying.pay_out, debtor_id, 700, paid_on=today() - 2 * DAY)
    do(prepaying.pay_in, debtor_id, 5_000)
    for day, ore in ((today() - 6 * DAY, 1), (today() - 5 * DAY, 301), (today() - DAY, 301)):
        with pytest.raises(Invalid):
            do(prepaying.pay_out, debtor_id, ore, paid_on=day)
    do(prepaying.pay_out, debtor_id, 300, paid_on=today() - 4 * DAY)
    assert prepayments.balance(debtor_id, today() - 3 * DAY) == 700
    assert prepayments.balances([debtor_id, 0], today() - DAY) == {debtor_id: 0, 0: 0}
    assert failing() == []


def test_the_same_key_does_it_once(app):
    debtor_id = factories.debtor().id
    owed = owe(debtor_id, 500)
    for work, arguments in (
        (prepaying.pay_in, (900,)), (prepaying.pay_out, (100,)), (prepaying.use, ((owed,),)),
    ):  # fmt: skip
        assert do(work, debtor_id, *arguments, key=work.__name__) == do(work, debtor_id, *arguments, key=work.__name__)
    assert figures(debtor_id) == (300, 0)


def test_nothing_is_dated_in_a_closed_period(app):
    debtor_id = factories.debtor().id
    with transaction():
        periods.close(today() - DAY, reason="Afsluttet", seen=0)
    with pytest.raises(Invalid, match="lukket"):
        do(prepaying.pay_in, debtor_id, 100, paid_on=today() - DAY)
    with pytest.raises(sqlalchemy.exc.IntegrityError, match="closed"), transaction() as session:
        session.execute(insertion(debtor_id, 100, today() - DAY))


def insertion(debtor_id, ore, day, kind="paid_in", **values):
    columns = {"debtor_id": debtor_id, "amount_ore": ore, "posted_on": day, "kind": kind, "text": "", **values}
    return PrepaymentEntry.__table__.insert().values(columns)


def test_the_database_refuses_what_no_operation_would_write(app):
    debtor_id = factories.debtor().id
    owed = owe(debtor_id, 500)
    paid = do(prepaying.pay_in, debtor_id, 1_000, paid_on=today() - DAY)
    used = do(prepaying.use, debtor_id, (owed,))
    payment = do(ledger.record_payment, debtor_id, 70)
    for wrong, words in (
        (insertion(debtor_id, -501, today(), "paid_out"), BELOW),
        (insertion(debtor_id, -1, today() - 2 * DAY, "paid_out"), BELOW),
        (insertion(debtor_id, -71, today(), "used", posting_id=payment), WRONG),
        (insertion(debtor_id, 500, today(), "reversal", reverses_id=used), WRONG),
        (insertion(debtor_id, -400, today(), "reversal", reverses_id=paid), WRONG),
    ):
        with pytest.raises(sqlalchemy.exc.DatabaseError, match=words), transaction() as session:
            session.execute(wrong)
    for statement in ("UPDATE prepayment_entry SET amount_ore = 1", "DELETE FROM prepayment_entry"):
        with pytest.raises(sqlalchemy.exc.DatabaseError, match="never change"), transaction() as session:
            session.execute(text(statement))
    assert figures(debtor_id)[0] == 500


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE prepayment_entry SET amount_ore = 100 WHERE kind = 'paid_in'",
        "UPDATE prepayment_entry SET posted_on = '2001-01-01' WHERE kind = 'used'",
        "DELETE FROM prepayment_entry WHERE kind = 'reversal'",
        "UPDATE prepayment_entry SET debtor_id = (SELECT max(id) FROM debtor) WHERE kind = 'reversal'",
    ],
)
def test_the_check_finds_what_was_changed_past_the_triggers(app, wrong):
    debtor_id = factories.debtor().id
    owed = owe(debtor_id, 500)
    factories.debtor()
    do(prepaying.pay_in, debtor_id, 600)
    do(prepaying.use, debtor_id, (owed,), amount_ore=400)
    do(prepaying.reverse, do(prepaying.use, debtor_id, (owed,), amount_ore=100), reason="Fejl")
    assert failing() == []
    with unguarded() as connection:
        connection.execute(text(wrong))
    assert "prepayments" in failing()


def test_two_at_once_do_not_use_the_same_money(app):
    debtor_id = factories.debtor().id
    owed = [owe(debtor_id, 1_000) for _n in range(4)]
    do(prepaying.pay_in, debtor_id, 1_500)
    db.session.remove()
    start, outcomes = threading.Barrier(4), []

    def use(posting_id):
        with app.app_context():
            start.wait(30)
            try:
                with transaction():
                    outcomes.append(-prepaying.use(debtor_id, (posting_id,)).amount_ore)
            except GeckoError:
                outcomes.append(0)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=use, args=(one,)) for one in owed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == [0, 0, 500, 1_000]
    assert figures(debtor_id) == (0, 2_500)
    assert failing() == []


def test_balances_of_a_page_are_read_from_the_index_of_the_ledger_alone(app, queries):
    debtor_ids = [factories.debtor().id for _n in range(3)]
    do(prepaying.pay_in, debtor_ids[0], 100)
    with queries(app) as seen:
        assert prepayments.balances(debtor_ids) == {debtor_ids[0]: 100, debtor_ids[1]: 0, debtor_ids[2]: 0}
    assert len(seen) == 1
    asked = prepayments.sums().where(PrepaymentEntry.debtor_id.in_(debtor_ids))
    statement = str(asked.compile(db.engine, compile_kwargs={"literal_binds": True}))
    found = plan(statement, without=("seqscan", "bitmapscan"))
    assert "ix_prepayment_entry_debtor" in found
    assert "COVERING INDEX" in found or "Index Only Scan" in found
