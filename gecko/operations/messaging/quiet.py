"""Quiet hours: when automatic messages may go, on a Danish clock, summer and winter time included."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from ...clock import from_local, local
from .. import settings


def next_allowed(instant: datetime) -> datetime:
    """The first instant from `instant` on that is not in the quiet hours.

    Settings `message.quiet_from` and `message.quiet_until` (HH:MM); equal ones mean that there are none. A time that
    the change to summer time skips counts an hour later.
    """
    start, end = (time.fromisoformat(settings.get(f"message.quiet_{edge}")) for edge in ("from", "until"))
    wall = local(instant)
    clock = wall.time()
    is_quiet = start <= clock < end if start <= end else clock >= start or clock < end
    if not is_quiet:
        return instant
    day = wall.date() + timedelta(days=1 if clock >= end else 0)
    return max(instant, from_local(datetime.combine(day, end)))
