"""The prepayment ledger: entries are added, never changed; a prepayment is their sum, øre, and never below zero.

What staff do with it is in `prepaying`. It is a debt of the house until it is used, not turnover, and does not lower
what the debtor owes before that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import accumulate

from sqlalchemy import ColumnElement, Select, func, select

from .. import actor
from ..db import db
from ..errors import Invalid
from ..language import _
from ..models.debtors import Debtor
from ..models.postings import DebtorPosting
from ..models.prepayments import PrepaymentEntry, PrepaymentKind
from . import periods

_ROW = PrepaymentEntry


def enter(
    debtor_id: int,
    kind: PrepaymentKind,
    amount_ore: int,
    *,
    posted_on: date,
    text: str,
    payment_type_id: int | None = None,
    posting_id: int | None = None,
    reverses_id: int | None = None,
    key: str | None = None,
) -> PrepaymentEntry:
    """Write one entry, under the debtor's lock; raises Invalid in a closed period and where too little is left."""
    periods.require_open(posted_on)
    if amount_ore < 0 and -amount_ore > room(debtor_id, posted_on):
        raise Invalid(_("The prepayment does not reach that far."), field="amount_ore")
    row = PrepaymentEntry(
        debtor_id=debtor_id,
        kind=kind,
        amount_ore=amount_ore,
        posted_on=posted_on,
        text=text.strip(),
        payment_type_id=payment_type_id,
        posting_id=posting_id,
        reverses_id=reverses_id,
        idempotency_key=key,
        created_by_id=actor.current().user_id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def follow(posting: DebtorPosting, reversal: DebtorPosting) -> None:
    """Give back the prepayment that a posting used, where it used any: the reversal of the one is that of the other."""
    used = db.session.scalars(select(_ROW).where(_ROW.posting_id == posting.id)).one_or_none()
    if used is not None:
        enter(
            used.debtor_id,
            PrepaymentKind.REVERSAL,
            -used.amount_ore,
            posted_on=reversal.posted_on,
            text=reversal.text,
            posting_id=reversal.id,
            reverses_id=used.id,
            key=reversal.idempotency_key,
        )


def room(debtor_id: int, day: date) -> int:
    """The most that can go out on a day, so that the prepayment is not below zero on that or a later one."""
    later = select(func.sum(_ROW.amount_ore)).where(_ROW.debtor_id == debtor_id, _ROW.posted_on > day)
    by_day = db.session.scalars(later.group_by(_ROW.posted_on).order_by(_ROW.posted_on))
    return min(accumulate((int(ore) for ore in by_day), initial=balance(debtor_id, day)))


def balance(debtor_id: int, as_of: date | None = None) -> int:
    """The prepayment of a debtor, now or at the end of `as_of`."""
    return balances([debtor_id], as_of)[debtor_id]


def balances(debtor_ids: Iterable[int], as_of: date | None = None) -> dict[int, int]:
    """The prepayment of each of the debtors, in one query."""
    wanted = list(debtor_ids)
    statement = sums(as_of).where(_ROW.debtor_id.in_(wanted))
    return dict.fromkeys(wanted, 0) | {debtor_id: int(ore) for debtor_id, ore in db.session.execute(statement)}


def balance_sql() -> ColumnElement[int]:
    """The prepayment of the Debtor of the enclosing statement, as a scalar subquery on the index of the ledger."""
    return (
        select(func.coalesce(func.sum(_ROW.amount_ore), 0))
        .where(_ROW.debtor_id == Debtor.id)
        .correlate(Debtor)
        .scalar_subquery()
    )


def sums(as_of: date | None = None) -> Select[int, int]:
    """A row for each debtor who ever prepaid: the id and the prepayment."""
    statement = select(_ROW.debtor_id, func.sum(_ROW.amount_ore).label("ore")).group_by(_ROW.debtor_id)
    return statement if as_of is None else statement.where(_ROW.posted_on <= as_of)


def by_key(key: str | None) -> PrepaymentEntry | None:
    """The entry that was written with this idempotency key."""
    if key is None:
        return None
    return db.session.scalars(select(_ROW).where(_ROW.idempotency_key == key)).one_or_none()


def of_debtor(debtor_id: int, entry_id: int) -> PrepaymentEntry | None:
    """An entry by its id, where it is that debtor's."""
    return db.session.scalars(select(_ROW).where(_ROW.id == entry_id, _ROW.debtor_id == debtor_id)).one_or_none()


def reversal_of(entry_id: int) -> PrepaymentEntry | None:
    """The entry that took this one back, if any."""
    return db.session.scalars(select(_ROW).where(_ROW.reverses_id == entry_id)).one_or_none()
