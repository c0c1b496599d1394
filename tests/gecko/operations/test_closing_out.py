"""Writing off and paying out: a posting of its own, settled at once with what it closes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import Invalid, NotFound
from gecko.models.payment_types import PaymentType
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import closing_out, debtors, ledger, settling
from tests import factories, invariants


def owe(debtor_id, ore):
    document = factories.invoice(debtor_id, ore)
    return db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.document_id == document.id)).one()


def pay(debtor_id, ore):
    with transaction():
        return ledger.record_payment(debtor_id, ore).id


def write_off(debtor_id, *posting_ids, reason="Forældet", **values):
    with transaction():
        return closing_out.write_off(debtor_id, posting_ids, reason=reason, **values).id


def pay_out(debtor_id, *posting_ids, **values):
    with transaction():
        return closing_out.pay_out(debtor_id, posting_ids, **values).id


def test_what_is_left_of_invoices_is_written_off_and_nothing_stays_open(app):
    debtor_id = factories.debtor().id
    part, whole, paid = owe(debtor_id, 10_000), owe(debtor_id, 2_500), pay(debtor_id, 9_000)
    with transaction():
        settling.settle(debtor_id, (part, paid))
    made = db.session.get(DebtorPosting, write_off(debtor_id, part, whole, reason=" Forældet "))
    assert (made.kind, made.amount_ore, made.text, made.posted_on) == (
        PostingKind.WRITE_OFF, -3_500, "Forældet", today(),
    )  # fmt: skip
    assert settling.open_of(debtor_id) == []
    assert ledger.outstanding(debtor_id) == 0
    assert [one.name for one in invariants.checked() if not one.is_ok] == []


def test_a_small_credit_is_written_off_and_a_large_one_is_not(app):
    debtor_id = factories.debtor().id
    small, large = pay(debtor_id, closing_out.SMALL_CREDIT_ORE), pay(debtor_id, closing_out.SMALL_CREDIT_ORE + 1)
    for chosen in ((large,), (small, large)):
        with pytest.raises(Invalid):
            write_off(debtor_id, *chosen)
    write_off(debtor_id, small)
    assert [one.posting_id for one in settling.open_of(debtor_id)] == [large]


def test_an_overpayment_is_paid_out(app):
    debtor_id, day = factories.debtor().id, today() - timedelta(days=3)
    owed, paid = owe(debtor_id, 1_000), pay(debtor_id, 50_000)
    with transaction():
        settling.settle(debtor_id, (owed, paid))
    bank = db.session.scalars(select(PaymentType.id).order_by(PaymentType.id)).first()
    made = db.session.get(
        DebtorPosting, pay_out(debtor_id, paid, paid_on=day, payment_type_id=bank, text="For meget", key="p")
    )
    assert (made.kind, made.amount_ore, made.posted_on, made.payment_type_id) == (
        PostingKind.PAYOUT, 49_000, day, bank,
    )  # fmt: skip
    assert pay_out(debtor_id, paid, key="p") == made.id
    assert settling.open_of(debtor_id) == []
    assert ledger.outstanding(debtor_id) == 0


def test_what_cannot_be_closed_is_refused_and_leaves_nothing(app):
    debtor_id, other = factories.debtor().id, factories.debtor().id
    owed, paid, theirs = owe(debtor_id, 500), pay(debtor_id, 700), pay(other, 700)
    idle = factories.save(PaymentType(name="Check", means="other", is_active=False)).id
    attempts = [
        lambda: write_off(debtor_id, owed, reason="  "),
        lambda: write_off(debtor_id, owed, paid),
        lambda: write_off(debtor_id),
        lambda: write_off(debtor_id, owed, seen={owed: 499}),
        lambda: pay_out(debtor_id, owed),
        lambda: pay_out(debtor_id, theirs),
        lambda: pay_out(debtor_id, paid, paid_on=today() + timedelta(days=1)),
        lambda: pay_out(debtor_id, paid, payment_type_id=idle),
    ]
    for attempt in attempts:
        with pytest.raises(Invalid):
            attempt()
    assert ledger.outstanding(debtor_id) == -200
    assert len(settling.open_of(debtor_id)) == 2


def test_the_same_key_writes_off_once(app):
    debtor_id = factories.debtor().id
    owed = owe(debtor_id, 500)
    assert write_off(debtor_id, owed, key="w") == write_off(debtor_id, owed, key="w")
    assert ledger.outstanding(debtor_id) == 0


def test_a_deleted_debtor_has_nothing_to_write_off(app):
    debtor_id = factories.debtor().id
    with transaction():
        debtors.delete(debtor_id)
    with pytest.raises(NotFound):
        write_off(debtor_id, 1)
