"""Settling: placing credits against debits of one debtor, and taking that back. What is owed never changes by it.

Both the preview and the act work from the same `match`: from the top down, in the order of due date, posting date and
number, as much as fits. The debtor's row is locked first, so that two at once cannot settle the same øre.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from .. import actor
from ..clock import today
from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.postings import DebtorPosting
from ..models.settlements import OpenPosting, Settlement, SettlementLine, SettlementMethod
from . import ledger, periods


@dataclass(frozen=True, slots=True)
class Open:
    """An open posting as matching sees it. remaining_ore has the posting's sign."""

    posting_id: int
    remaining_ore: int
    posted_on: date
    falls_on: date


@dataclass(frozen=True, slots=True)
class Match:
    """So much of a debit by so much of a credit; amount_ore is above zero."""

    debit: Open
    credit: Open
    amount_ore: int


def open_of(debtor_id: int, posting_ids: Iterable[int] | None = None) -> list[Open]:
    """The open postings of a debtor in the order they are settled in; of `posting_ids` alone where given."""
    row = OpenPosting
    statement = (
        select(row.posting_id, row.remaining_ore, row.posted_on, row.falls_on)
        .where(row.debtor_id == debtor_id)
        .order_by(row.falls_on, row.posted_on, row.posting_id)
    )
    if posting_ids is not None:
        statement = statement.where(row.posting_id.in_(list(posting_ids)))
    return [Open(*found) for found in db.session.execute(statement)]


def count_open(debtor_ids: Iterable[int]) -> dict[int, int]:
    """How many postings are open of each of the debtors, in one query."""
    wanted = list(debtor_ids)
    statement = (
        select(OpenPosting.debtor_id, func.count())
        .where(OpenPosting.debtor_id.in_(wanted))
        .group_by(OpenPosting.debtor_id)
    )
    return dict.fromkeys(wanted, 0) | {row[0]: int(row[1]) for row in db.session.execute(statement)}


def match(postings: Sequence[Open], most_ore: int | None = None) -> list[Match]:
    """What would be settled against what, from the top down; at most `most_ore` in all."""
    owed = [one for one in postings if one.remaining_ore > 0]
    paid = [one for one in postings if one.remaining_ore < 0]
    most = min(sum(one.remaining_ore for one in owed), -sum(one.remaining_ore for one in paid))
    left = most if most_ore is None else min(most, most_ore)
    found: list[Match] = []
    at_owed = at_paid = of_owed = of_paid = 0  # where we are in each list, and how much of that one is taken
    while left > 0:
        debit, credit = owed[at_owed], paid[at_paid]
        amount = min(debit.remaining_ore - of_owed, -credit.remaining_ore - of_paid, left)
        found.append(Match(debit, credit, amount))
        left -= amount
        of_owed, of_paid = of_owed + amount, of_paid + amount
        if of_owed == debit.remaining_ore:
            at_owed, of_owed = at_owed + 1, 0
        if of_paid == -credit.remaining_ore:
            at_paid, of_paid = at_paid + 1, 0
    return found


def settle(
    debtor_id: int,
    posting_ids: Iterable[int],
    *,
    amount_ore: int | None = None,
    key: str | None = None,
    seen: Mapping[int, int] | None = None,
) -> Settlement:
    """Settle the chosen open postings against each other, all that fits or `amount_ore` of it. One `key`, once.

    seen: as in `chosen`. Raises Invalid as `chosen` does, and where debits and credits are not both chosen.
    """
    ledger.lock_debtor(debtor_id)
    known = by_key(key)
    if known is not None:
        return known
    postings = chosen(debtor_id, posting_ids, seen)
    largest = match(postings)
    if not largest:
        raise Invalid(_("Choose at least one posting that is owed and one that pays it."))
    most = sum(one.amount_ore for one in largest)
    if amount_ore is not None and not 0 < amount_ore <= most:
        raise Invalid(_("The amount must be greater than zero and no more than can be settled."), field="amount_ore")
    return write(debtor_id, match(postings, amount_ore), SettlementMethod.MANUAL, key=key)


def chosen(debtor_id: int, posting_ids: Iterable[int], seen: Mapping[int, int] | None = None) -> list[Open]:
    """The chosen open postings, under the debtor's lock, in the order they are settled in.

    seen: what was open of each, in øre, when they were chosen. Raises Invalid where a posting is not this debtor's, or
    not open any more, or where something else is open of it by now.
    """
    wanted = set(posting_ids)
    found = open_of(debtor_id, wanted)
    if len(found) < len(wanted):
        raise Invalid(_("A posting that you chose is not open any more. Look at the list again."))
    if seen is not None and any(seen.get(one.posting_id) != one.remaining_ore for one in found):
        raise Invalid(_("Something else is open of a posting that you chose by now. Look at the list again."))
    return found


def write(
    debtor_id: int,
    matches: Sequence[Match],
    method: SettlementMethod,
    *,
    on: date | None = None,
    key: str | None = None,
) -> Settlement:
    """Write a settlement of matches that were made under the debtor's lock.

    on: the day from which it counts, today unless given, and never before the youngest of its postings, nor before
    an undo of one of them: until then the posting stood settled with something else.
    """
    postings = {posting.posting_id: posting for one in matches for posting in (one.debit, one.credit)}
    day = max(on or today(), *(one.posted_on for one in postings.values()))
    day = max(day, _undone_on(postings) or day)
    lines = [
        SettlementLine(
            debit_posting_id=one.debit.posting_id,
            credit_posting_id=one.credit.posting_id,
            amount_ore=one.amount_ore,
            effective_on=day,
        )
        for one in matches
    ]
    return _add(debtor_id, day, method, lines, key=key)


def _undone_on(posting_ids: Iterable[int]) -> date | None:
    """The last day from which a settlement of one of the postings was undone; None where none was."""
    line, wanted = SettlementLine, list(posting_ids)
    days = [
        db.session.scalar(select(func.max(line.effective_on)).where(side.in_(wanted), line.amount_ore < 0))
        for side in (line.debit_posting_id, line.credit_posting_id)
    ]
    return max((one for one in days if one), default=None)


def undo(settlement_id: int, *, reason: str = "", key: str | None = None) -> Settlement:
    """Take a settlement back by a counter-row, from today on: its postings are open again. Once, and for good."""
    row = db.session.get(Settlement, settlement_id)
    if row is None:
        raise NotFound
    ledger.lock_debtor(row.debtor_id)
    known = by_key(key)
    if known is not None:
        return known
    if row.undoes_id is not None:
        raise Invalid(_("An undo cannot be undone. Settle the postings again."))
    if row.method == SettlementMethod.REVERSAL:
        raise Invalid(_("A reversed posting stays settled with its reversal."))
    return _undo(row, reason=reason, key=key)


def _undo(row: Settlement, *, reason: str = "", key: str | None = None) -> Settlement:
    if db.session.scalar(select(Settlement.id).where(Settlement.undoes_id == row.id)) is not None:
        raise Invalid(_("The settlement has already been undone."))
    day = max(today(), row.effective_on)
    lines = [
        SettlementLine(
            debit_posting_id=line.debit_posting_id,
            credit_posting_id=line.credit_posting_id,
            amount_ore=-line.amount_ore,
            effective_on=day,
        )
        for line in row.lines
    ]
    return _add(row.debtor_id, day, SettlementMethod.UNDO, lines, undoes_id=row.id, reason=reason, key=key)


def join_reversal(posting: DebtorPosting, reversal: DebtorPosting) -> None:
    """Free a posting of its settlements and settle it with what reversed it; under the debtor's lock."""
    for row in standing(posting.id):
        _undo(row)
    if posting.amount_ore:
        [found] = match(open_of(posting.debtor_id, (posting.id, reversal.id)))
        write(posting.debtor_id, [found], SettlementMethod.REVERSAL, on=reversal.posted_on)


def standing(posting_id: int) -> list[Settlement]:
    """The settlements of a posting that were not undone, by number."""
    line, undo = SettlementLine, aliased(Settlement)
    statement = (
        select(Settlement)
        .join(line, line.settlement_id == Settlement.id)
        .where(
            (line.debit_posting_id == posting_id) | (line.credit_posting_id == posting_id),
            Settlement.undoes_id.is_(None),
            ~exists().where(undo.undoes_id == Settlement.id),
        )
        .order_by(Settlement.id)
        .distinct()
    )
    return list(db.session.scalars(statement))


def remaining(posting_ids: Iterable[int], as_of: date | None = None) -> dict[int, int]:
    """What is open of each posting, with its sign, in øre: now, or at the end of `as_of`; 0 before it was posted."""
    wanted = list(posting_ids)
    if as_of is None:
        found = select(OpenPosting.posting_id, OpenPosting.remaining_ore).where(OpenPosting.posting_id.in_(wanted))
        return dict.fromkeys(wanted, 0) | {row.posting_id: row.remaining_ore for row in db.session.execute(found)}
    settled = dict.fromkeys(wanted, 0)
    for column in (SettlementLine.debit_posting_id, SettlementLine.credit_posting_id):
        sums = (
            select(column, func.sum(SettlementLine.amount_ore))
            .where(column.in_(wanted), SettlementLine.effective_on <= as_of)
            .group_by(column)
        )
        settled |= {posting_id: int(ore) for posting_id, ore in db.session.execute(sums)}
    amounts = select(DebtorPosting.id, DebtorPosting.amount_ore).where(
        DebtorPosting.id.in_(wanted), DebtorPosting.posted_on <= as_of
    )
    return dict.fromkeys(wanted, 0) | {
        posting_id: ore - settled[posting_id] if ore > 0 else ore + settled[posting_id]
        for posting_id, ore in db.session.execute(amounts)
    }


def by_key(key: str | None) -> Settlement | None:
    """The settlement that was made with this idempotency key."""
    if key is None:
        return None
    return db.session.scalars(select(Settlement).where(Settlement.idempotency_key == key)).one_or_none()


def _add(
    debtor_id: int,
    effective_on: date,
    method: SettlementMethod,
    lines: list[SettlementLine],
    *,
    undoes_id: int | None = None,
    reason: str = "",
    key: str | None = None,
) -> Settlement:
    periods.require_open(effective_on)
    row = Settlement(
        debtor_id=debtor_id,
        effective_on=effective_on,
        method=method,
        undoes_id=undoes_id,
        reason=reason.strip() or None,
        idempotency_key=key,
        created_by_id=actor.current().user_id,
        lines=lines,
    )
    db.session.add(row)
    db.session.flush()
    return row
