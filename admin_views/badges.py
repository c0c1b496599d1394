"""Numbers beside entries of the menu: other pages than the entry's own show what was counted a little while ago."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import request

from gecko.db import db

from .login import principal

KEPT_FOR = 30.0
"""Seconds."""
_counted: dict[tuple[str, str, frozenset[int] | None], tuple[float, int]] = {}


def kept(endpoint: str, count: Callable[[], int]) -> int:
    """What `count` says now, or on other pages than the entry's said a moment ago, for users who see the same."""
    key = (endpoint, str(db.engine.url), principal().groups)
    at, known = _counted.get(key, (0.0, 0))
    if request.blueprint != endpoint and at and time.monotonic() - at < KEPT_FOR:
        return known
    number = count()
    _counted[key] = time.monotonic(), number
    return number
