"""Payments from the bank: an entry's state is what its last decision says, and an accepted one is in the ledger."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, or_, select

from ...models.bank import BankDecision, BankEntry, BankFile, DecisionKind, EntryState
from ...models.postings import DebtorPosting, PostingKind
from .found import Check, count, found, listed


def entries() -> Check:
    """States against decisions, accepted entries against their payments, files against the entries they brought."""
    last = _last()
    said = func.coalesce(
        case(
            (last.c.kind == DecisionKind.ACCEPT, EntryState.ACCEPTED.value),
            (last.c.kind == DecisionKind.IGNORE, EntryState.IGNORED.value),
            else_=EntryState.OPEN.value,
        ),
        EntryState.OPEN.value,
    )
    states = (
        select(BankEntry.id, BankEntry.state, said)
        .outerjoin(last, last.c.entry_id == BankEntry.id)
        .where(BankEntry.state != said)
    )
    problems = listed(states, "bank entry %s is %s, but %s by its last decision")
    problems += listed(_unlike(), "the payment of bank entry %s is not what the bank says")
    problems += listed(_still_standing(), "bank entry %s was opened again, but its payment stands")
    brought = (
        select(BankFile.id, BankFile.taken_in, func.count(BankEntry.id))
        .outerjoin(BankEntry, BankEntry.file_id == BankFile.id)
        .group_by(BankFile.id, BankFile.taken_in)
        .having(func.count(BankEntry.id) != BankFile.taken_in)
    )
    problems += listed(brought, "bank file %s brought %s entries, and %s are there")
    return found("bank entries", {"files": count(BankFile), "entries": count(BankEntry)}, problems)


def _last() -> Any:
    """The last decision about each entry."""
    newest = select(func.max(BankDecision.id)).group_by(BankDecision.entry_id)
    return select(BankDecision.entry_id, BankDecision.kind).where(BankDecision.id.in_(newest)).subquery("last")


def _unlike() -> Any:
    return (
        select(BankEntry.id)
        .join(BankDecision, BankDecision.entry_id == BankEntry.id)
        .join(DebtorPosting, DebtorPosting.id == BankDecision.posting_id)
        .where(
            or_(
                DebtorPosting.kind != PostingKind.PAYMENT,
                DebtorPosting.amount_ore != -BankEntry.amount_ore,
                DebtorPosting.posted_on < BankEntry.booked_on,  # later where that day was closed
            )
        )
    )


def _still_standing() -> Any:
    """Payments of decisions that a later one took back, without the posting that reverses them."""
    reversals, later = DebtorPosting.__table__.alias("reversals"), BankDecision.__table__.alias("later")
    return (
        select(BankDecision.entry_id)
        .join(later, (later.c.entry_id == BankDecision.entry_id) & (later.c.id > BankDecision.id))
        .outerjoin(reversals, reversals.c.reverses_id == BankDecision.posting_id)
        .where(BankDecision.posting_id.is_not(None), reversals.c.id.is_(None))
        .distinct()
    )
