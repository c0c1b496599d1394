"""Every periodic job in one list. Times are Danish wall-clock times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from gecko.clock import from_local, local


@dataclass(frozen=True, slots=True)
class Daily:
    """A kind of job that runs once a day at `at`."""

    kind: str
    at: time

    def slot(self, instant: datetime) -> datetime:
        """The latest instant at or before `instant` at which the job was due.

        A time that the change to summer time skips counts an hour later; one that comes twice counts once.
        """
        today = local(instant).date()
        due = from_local(datetime.combine(today, self.at))
        return due if due <= instant else from_local(datetime.combine(today - timedelta(days=1), self.at))


SCHEDULE = (
    Daily("matching.learn", time(1, 0)),
    Daily("duplicates.changed", time(1, 30)),
    Daily("recalls.run", time(6, 30)),
    Daily("triggers.run", time(9, 0)),
    Daily("ledger.seal", time(2, 15)),
    Daily("housekeeping.exports", time(2, 30)),
    Daily("housekeeping.traces", time(2, 45)),
    Daily("housekeeping.statistics", time(3, 15)),
)
