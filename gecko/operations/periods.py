"""Closing periods, and opening them again: both are written down, with who and why.

Nothing is dated in a closed period any more: no document, posting, settlement or undo. A correction is dated in the
open, as bookkeeping wants it. What is written asks `require_open`; triggers hold the same against everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, select, text, true

from .. import actor, audit
from ..clock import today
from ..db import db
from ..errors import Conflict, Invalid
from ..language import _
from ..models.people import StaffUser
from ..models.period_locks import PeriodLock
from ..models.postings import DebtorPosting
from ..models.settlements import SettlementLine
from ..period_triggers import LOCK, UNTIL

LONGEST_REASON = 500


class ClosedDay(Invalid):
    """Nothing can be dated on that day any more. first_open: the first day on which it can."""

    def __init__(self, until: date) -> None:
        self.first_open = until + timedelta(days=1)
        days = {"day": written(until), "open": written(self.first_open)}
        super().__init__(_("The books are closed up to and including %(day)s. The first open day is %(open)s."), **days)


@dataclass(frozen=True, slots=True)
class Step:
    """One closing or reopening. former_until: the last closed day before it."""

    row: PeriodLock
    former_until: date | None
    by: str

    @property
    def is_closing(self) -> bool:
        """Whether more was closed by it; else less."""
        until, former = self.row.closed_until, self.former_until
        return until is not None and (former is None or until > former)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a period holds that would be closed, and what is still open at its end, øre."""

    postings: int
    debit_ore: int
    credit_ore: int
    unsettled_debit_ore: int
    unsettled_credit_ore: int


def current() -> PeriodLock | None:
    """The step that holds now."""
    return db.session.scalars(select(PeriodLock).order_by(PeriodLock.id.desc()).limit(1)).one_or_none()


def closed_until() -> date | None:
    """The last day of what is closed; None where nothing is."""
    row = current()
    return None if row is None else row.closed_until


def hold() -> date | None:
    """The last day of what is closed; nobody closes more before the running transaction ends."""
    if db.session.connection().dialect.name == "sqlite":  # the write lock is ours
        return closed_until()
    until: date | None = db.session.scalar(text(f"SELECT {UNTIL}()"))
    return until


def require_open(day: date) -> None:
    """Refuse to write what is dated on a closed day; raises ClosedDay."""
    until = hold()
    if until is not None and day <= until:
        raise ClosedDay(until)


def first_open() -> date | None:
    """The first day on which anything can be dated; None where nothing is closed."""
    until = closed_until()
    return None if until is None else until + timedelta(days=1)


def written(day: date) -> str:
    """A day in a message, as the pages write it."""
    return f"{day:%d-%m-%Y}"


def close(
    until: date, *, reason: str, seen: int, key: str | None = None, left: Mapping[str, int] | None = None
) -> PeriodLock:
    """Close everything up to and including `until`, a day that is over. One `key`, once.

    seen: the id of the step that held when this was decided, 0 for none; raises Conflict where another one holds now.
    left: what is left behind, for the log; see `closing`.
    """
    hold_still()
    known = by_key(key)
    if known is not None:
        return known
    former = _as_seen(seen)
    if until >= today():
        raise Invalid(_("Only days that are over can be closed."), field="until")
    if former is not None and until <= former:
        raise Invalid(_("This day is closed already."), field="until")
    return _write("period.closed", until, former, reason, key, left)


def reopen(until: date | None, *, reason: str, seen: int, key: str | None = None) -> PeriodLock:
    """Open what is closed after `until`, or everything where it is None. One `key`, once; `seen` as for `close`."""
    hold_still()
    known = by_key(key)
    if known is not None:
        return known
    former = _as_seen(seen)
    if former is None or (until is not None and until >= former):
        raise Invalid(_("This day is open already."), field="until")
    return _write("period.reopened", until, former, reason, key)


def by_key(key: str | None) -> PeriodLock | None:
    """The step that was taken with this idempotency key."""
    if key is None:
        return None
    return db.session.scalars(select(PeriodLock).where(PeriodLock.idempotency_key == key)).one_or_none()


def hold_still() -> None:
    """Wait for those who are writing, and keep others from it until the end of the transaction."""
    connection = db.session.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))


def _as_seen(seen: int) -> date | None:
    """The last closed day, where the step that holds is the one that was seen."""
    held = current()
    if (held.id if held else 0) != seen:
        raise Conflict(_("Somebody else closed or opened a period meanwhile. Look at it again."))
    return held.closed_until if held else None


def _write(
    event: str,
    until: date | None,
    former: date | None,
    reason: str,
    key: str | None,
    left: Mapping[str, int] | None = None,
) -> PeriodLock:
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    row = PeriodLock(
        closed_until=until,
        reason=reason.strip()[:LONGEST_REASON],
        idempotency_key=key,
        created_by_id=actor.current().user_id,
    )
    db.session.add(row)
    db.session.flush()
    days = {"closed_on": until, "former_on": former}
    facts: dict[str, Any] = {name: day.isoformat() for name, day in days.items() if day} | {"reason": row.reason}
    if left:
        facts["left"] = dict(left)
    audit.record(event, entity="period_lock", entity_id=row.id, facts=facts)
    return row


def history() -> list[Step]:
    """Every step, newest first."""
    statement = (
        select(PeriodLock, StaffUser.name)
        .outerjoin(StaffUser, StaffUser.id == PeriodLock.created_by_id)
        .order_by(PeriodLock.id.desc())
    )
    rows = db.session.execute(statement).all()
    former = [*(row.closed_until for row, _name in rows[1:]), None]
    return [Step(row, before, name or "") for (row, name), before in zip(rows, former, strict=False)]


def standing(until: date) -> Standing:
    """What would be closed with `until`, and what is unsettled at the end of that day."""
    amount = DebtorPosting.amount_ore
    day = DebtorPosting.posted_on
    former = closed_until()
    fresh = day > former if former is not None else true()
    sums = select(
        func.count().filter(fresh),
        *(func.coalesce(func.sum(amount).filter(and_(side, fresh)), 0) for side in (amount > 0, amount < 0)),
        *(func.coalesce(func.sum(amount).filter(side), 0) for side in (amount > 0, amount < 0)),
    ).where(day <= until)
    postings, debit, credit, all_debit, all_credit = (int(value) for value in db.session.execute(sums).one())
    settled = int(
        db.session.scalar(select(func.sum(SettlementLine.amount_ore)).where(SettlementLine.effective_on <= until)) or 0
    )
    return Standing(postings, debit, credit, all_debit - settled, all_credit + settled)
