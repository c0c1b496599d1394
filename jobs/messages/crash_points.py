"""Named places between two steps of sending, where a trial kills the process to see what is left.

`GECKO_CRASH_AT=<name>` ends the process there as kill -9 would; nothing else reads it.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "claim.written", "claim.committed", "send.begun", "fence.asked", "fence.written", "fence.committed",
    "send.answered", "answer.written", "answer.committed", "sweep.written", "sweep.committed",
)  # fmt: skip
_wanted = [os.environ.get("GECKO_CRASH_AT", "")]


def ask_for(point: str) -> None:
    """Have this process die at a point."""
    _wanted[0] = point


def reached(point: str) -> None:
    """Die here where a trial asked for it."""
    if point == _wanted[0]:
        os.kill(os.getpid(), signal.SIGKILL)
