"""Look at real processes: children, states, waiting for a condition."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def eventually(check: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true answer of `check`; fails after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < until, f"nothing within {seconds} s"
        time.sleep(0.05)


def parent_of(pid: int) -> int | None:
    """The parent of a live process; None where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[1])


def children(pid: int) -> list[int]:
    """The live children of a process."""
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit() and parent_of(int(name)) == pid)


def descendants(pid: int) -> list[int]:
    """The live children of a process, and theirs."""
    found = children(pid)
    return found + [below for child in found for below in descendants(child)]


def is_alive(pid: int) -> bool:
    """Whether a process runs."""
    return parent_of(pid) is not None
