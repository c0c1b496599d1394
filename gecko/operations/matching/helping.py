"""Processes that make signatures beside this one, so that a large base is filled by all processors.

Each gets rows through a pipe whose other end nobody but this process has: it ends when this process does, however that
ends. What a helper does not give back, because it was killed, is made here.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection as Pipe
from typing import Any, TypeVar

from .normalising import normalise_row
from .placeholders import Learned
from .signature import SIZE, pack

MOST = 4
Rows = Sequence[Sequence[Any]]
Given = TypeVar("Given")


def made(rows: Rows, learned: Learned) -> list[bytes]:
    """The signatures of rows, each in the order of `normalising.FIELDS`."""
    return [pack(normalise_row(row, learned)) for row in rows]


def all_made(given: Iterable[tuple[Given, Rows, Learned]], helpers: int) -> Iterator[tuple[Given, list[bytes]]]:
    """What was given, in its order, with the signatures of its rows; a page for each helper is read ahead."""
    with ExitStack() as stack:
        idle = [stack.enter_context(_Helper()) for _number in range(helpers)]
        at_work: deque[tuple[Given, _Helper]] = deque()
        for what, rows, learned in given:
            if not helpers:
                yield what, made(rows, learned)
                continue
            done = []
            if not idle:
                first, helper = at_work.popleft()
                done.append((first, helper.take()))
                idle.append(helper)
            at_work.append((what, idle.pop()))
            at_work[-1][1].give(rows, learned)
            yield from done
        for what, helper in at_work:
            yield what, helper.take()


def worth_it() -> int:
    """How many helpers are worth it here: as many as processors, and none where there is one."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors, MOST) if processors > 1 else 0


class _Helper:
    """A process that begins afresh: one that was forked would share our connections."""

    def __init__(self) -> None:
        fresh = multiprocessing.get_context("spawn")
        self._pipe, theirs = fresh.Pipe()
        self._process = fresh.Process(target=_help, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._rows: Rows = ()
        self._learned = Learned()

    def __enter__(self) -> _Helper:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pipe.close()
        self._process.join()

    def give(self, rows: Rows, learned: Learned) -> None:
        """Let it make these."""
        self._rows, self._learned = rows, learned
        try:
            self._pipe.send((rows, learned))
        except OSError:
            return  # it has ended, as `take` will notice

    def take(self) -> list[bytes]:
        """What was made of what was given last."""
        try:
            stored = self._pipe.recv_bytes()
        except (EOFError, OSError):
            return made(self._rows, self._learned)
        return [stored[at : at + SIZE] for at in range(0, len(stored), SIZE)]


def _help(pipe: Pipe) -> None:
    """Make signatures until nobody is there who wants more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # is for the process that is helped
    while True:
        try:
            rows, learned = pipe.recv()
            pipe.send_bytes(b"".join(made(rows, learned)))
        except (EOFError, OSError):
            return
