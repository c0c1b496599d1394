"""Work that several processors share: compiled code, and numpy on whole columns, let other threads run meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")
MOST = 4
"""More would take the machine from those who use its pages meanwhile."""


def workers() -> int:
    """How many threads share a piece of work."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, MOST)


def shared(work: Callable[[Part], Result], parts: Iterable[Part]) -> list[Result]:
    """What `work` gives for each part, in their order."""
    listed = list(parts)
    if len(listed) < 2 or workers() < 2:
        return [work(part) for part in listed]
    with ThreadPoolExecutor(min(workers(), len(listed))) as threads:
        return list(threads.map(work, listed))
