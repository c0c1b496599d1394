"""Time: instants are aware UTC, people read Europe/Copenhagen."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def now() -> datetime:
    """The present instant, aware UTC."""
    return datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """The same instant on a Danish clock."""
    return instant.astimezone(COPENHAGEN)


def today() -> date:
    """Today's date in Denmark."""
    return local(now()).date()


def from_local(naive: datetime) -> datetime:
    """Read a Danish wall-clock time as an instant (the earlier one when the clock is set back)."""
    return naive.replace(tzinfo=COPENHAGEN).astimezone(UTC)


def is_skipped(naive: datetime) -> bool:
    """Whether this Danish wall-clock time never comes, since the clock is set forward past it."""
    return local(from_local(naive)).replace(tzinfo=None) != naive


def midnight(day: date) -> datetime:
    """The instant at which `day` begins in Denmark."""
    return from_local(datetime.combine(day, time()))
