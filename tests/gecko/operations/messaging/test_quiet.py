"""Quiet hours on a Danish clock, over midnight and over both changes of the clock."""

from datetime import datetime

import pytest

from gecko.clock import from_local, local
from gecko.db import transaction
from gecko.operations import settings
from gecko.operations.messaging import quiet

CASES = [
    # asked for (Danish wall clock), quiet from, until, goes at
    ("2026-11-20 12:00", "21:00", "08:00", "2026-11-20 12:00"),
    ("2026-11-20 21:00", "21:00", "08:00", "2026-11-21 08:00"),
    ("2026-11-20 23:59", "21:00", "08:00", "2026-11-21 08:00"),
    ("2026-11-21 00:00", "21:00", "08:00", "2026-11-21 08:00"),
    ("2026-11-21 07:59", "21:00", "08:00", "2026-11-21 08:00"),
    ("2026-11-21 08:00", "21:00", "08:00", "2026-11-21 08:00"),
    ("2026-11-20 12:30", "12:00", "13:00", "2026-11-20 13:00"),
    ("2026-11-20 13:00", "12:00", "13:00", "2026-11-20 13:00"),
    ("2026-11-20 03:00", "00:00", "00:00", "2026-11-20 03:00"),
    ("2026-03-28 22:00", "21:00", "08:00", "2026-03-29 08:00"),  # summer time begins at 02:00
    ("2026-03-28 22:00", "21:00", "02:30", "2026-03-29 03:30"),  # a time that is skipped counts an hour later
    ("2026-10-24 22:00", "21:00", "08:00", "2026-10-25 08:00"),  # summer time ends at 03:00
]


@pytest.mark.parametrize(("asked", "start", "end", "expected"), CASES)
def test_the_next_allowed_instant(sqlite_app, asked, start, end, expected):
    with transaction():
        settings.put("message.quiet_from", start)
        settings.put("message.quiet_until", end)
    found = quiet.next_allowed(from_local(datetime.fromisoformat(asked)))
    assert local(found).strftime("%Y-%m-%d %H:%M") == expected
