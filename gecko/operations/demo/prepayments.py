"""What some debtors of the demo paid beforehand: deposits and courses, some used, one paid back, one typed in twice."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from ... import actor
from ...clock import from_local
from ...db import db, transaction
from ...models.debtors import Debtor
from ...models.payment_types import PaymentMeans
from ...models.postings import PostingKind
from ...models.prepayments import PrepaymentKind
from ...models.settlements import OpenPosting, SettlementMethod
from .. import ledger, payment_types, prepayments, settling
from . import moments
from .draw import ANCHOR

_PAID = (
    (44, 480_000, "Forudbetalt forløb, 10 behandlinger"),
    (37, 250_000, "Depositum ifølge aftale"),
    (29, 150_000, "A conto"),
    (20, 75_000, "Depositum"),
    (12, 1_200_000, "Julegaver til medarbejdere"),
    (5, 60_000, "Forudbetaling"),
)
"""How many days before the end, how much, and what for."""
_USING, _PAID_BACK, _TWICE = (0, 1), 2, 3
"""Which of them use it for their oldest open invoice, get half of it back, and were entered twice by mistake."""


def build(staff: dict[str, int]) -> None:
    """As the accountant. Opens a transaction of its own; writes nothing where no debtor owes anything."""
    with actor.acting_as(actor.Actor(user_id=staff["accountant"], name="demo", source="system")), transaction():
        for place, (debtor_id, (days, ore, text)) in enumerate(zip(_debtors(), _PAID, strict=False)):
            ledger.lock_debtor(debtor_id)
            day = ANCHOR - timedelta(days=days)
            _move(debtor_id, PrepaymentKind.PAID_IN, ore, day, text)
            if place in _USING:
                _use(debtor_id, ore, day + timedelta(days=4))
            elif place == _PAID_BACK:
                _move(debtor_id, PrepaymentKind.PAID_OUT, -ore // 2, day + timedelta(days=9), "Aflyst aftale")
            elif place == _TWICE:
                wrong = _move(debtor_id, PrepaymentKind.PAID_IN, ore, day, text)
                _move(debtor_id, PrepaymentKind.REVERSAL, -ore, day, "Indtastet to gange", reverses_id=wrong)


def _debtors() -> list[int]:
    """Firms and people who owe the most, with something that was posted early enough to be paid with it."""
    owed = OpenPosting.remaining_ore
    latest = ANCHOR - timedelta(days=_PAID[0][0])
    statement = (
        select(OpenPosting.debtor_id)
        .join(Debtor, Debtor.id == OpenPosting.debtor_id)
        .where(owed > 0, OpenPosting.posted_on <= latest, Debtor.deleted_at.is_(None))
        .group_by(OpenPosting.debtor_id)
        .order_by(func.sum(owed).desc(), OpenPosting.debtor_id)
    )
    return list(db.session.scalars(statement.limit(len(_PAID))))


def _move(
    debtor_id: int, kind: PrepaymentKind, ore: int, day: date, text: str, *, reverses_id: int | None = None
) -> int:
    bank = payment_types.first_of(PaymentMeans.BANK)
    type_id = bank.id if bank else None
    with moments.at(_at(day)):
        return prepayments.enter(
            debtor_id, kind, ore, posted_on=day, text=text, payment_type_id=type_id, reverses_id=reverses_id
        ).id


def _use(debtor_id: int, most_ore: int, day: date) -> None:
    """As `prepaying.use` does, dated on a day of the demo."""
    owed = next(one for one in settling.open_of(debtor_id) if one.remaining_ore > 0 and one.posted_on <= day)
    ore = min(most_ore, owed.remaining_ore)
    of_prepayment = payment_types.first_of(PaymentMeans.PREPAYMENT)
    type_id = of_prepayment.id if of_prepayment else None
    with moments.at(_at(day)):
        payment = ledger.post(debtor_id, PostingKind.PAYMENT, -ore, posted_on=day, text="", payment_type_id=type_id)
        matches = settling.match([owed, *settling.open_of(debtor_id, (payment.id,))])
        settling.write(debtor_id, matches, SettlementMethod.MANUAL, on=day)
        prepayments.enter(debtor_id, PrepaymentKind.USED, -ore, posted_on=day, text="", posting_id=payment.id)


def _at(day: date) -> datetime:
    return from_local(datetime.combine(day, time(11, 15)))
