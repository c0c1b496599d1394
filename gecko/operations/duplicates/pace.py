"""How far a reviewer is in this sitting, and how long the rest takes at the pace they keep."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import func, select

from ...clock import now
from ...db import db
from ...models.duplicates import DuplicateDecision, Verdict
from .. import sessions
from . import queue

SITTING = timedelta(minutes=30)
"""Who decides nothing for so long has got up."""
_LOOKED_AT = 20
_MOST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Pace:
    """Decided in this sitting, of how many in all, seconds for each, and minutes left; None before there is a pace."""

    done: int
    total: int
    seconds: float | None
    minutes: int | None


def of(user_id: int, *, left: int | None = None) -> Pace:
    """The pace of a user with `left` cases still open in front of them; all they may see where it is not given."""
    if left is None:
        who = sessions.principal(user_id)
        left = queue.count(who, queue.Filters()).number if who else 0
    instants = _instants(user_id)
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(instants)]
    seconds = median(gaps[:_LOOKED_AT]) if gaps else None
    minutes = math.ceil(seconds * left / 60) if seconds is not None else None
    return Pace(len(instants), len(instants) + left, seconds, minutes)


def _instants(user_id: int) -> list[datetime]:
    """When the acts of this sitting were, the last first."""
    at = func.min(DuplicateDecision.created_at)
    statement = (
        select(at)
        .where(
            DuplicateDecision.decided_by_id == user_id,
            DuplicateDecision.created_at > now() - _MOST,
            DuplicateDecision.verdict != Verdict.UNDONE,
            DuplicateDecision.is_batch.is_(False),
        )
        .group_by(DuplicateDecision.act)
        .order_by(at.desc())
    )
    sitting: list[datetime] = []
    last = now()
    for instant in db.session.scalars(statement):
        if last - instant > SITTING:
            break
        sitting.append(instant)
        last = instant
    return sitting
