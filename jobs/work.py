"""What a running job holds: its parameters, its checkpoint, and the line on which it tells how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from gecko import chunks
from gecko.db import is_writing, transaction
from gecko.operations import job_runs

T = TypeVar("T")
TELL_EVERY = 0.5
stopping = threading.Event()
"""Set when this process is asked to stop: jobs give their runs back at the next progress."""


class Stop(Exception):
    """The job must end here; raised by `progress`, meant for the runner alone."""


class Cancelled(Stop):
    """Somebody asked the job to stop."""


class Interrupted(Stop):
    """The worker is shutting down; the run goes back to the queue."""


class TookTooLong(Stop):
    """The job went past the time its kind allows."""


class Work:
    """One run in the hands of its worker. `checkpoint` is where the last attempt got to, or None."""

    def __init__(self, claimed: job_runs.Claimed, owner: str, *, timeout: timedelta) -> None:
        self.id = claimed.id
        self.parameters = claimed.parameters
        self.checkpoint = claimed.checkpoint
        self.user_id = claimed.user_id
        self.attempt = claimed.attempt
        self.done = claimed.done
        self.owner = owner
        self._deadline = time.monotonic() + timeout.total_seconds()
        self._told_at = 0.0
        self._said: tuple[Any, ...] = ()

    def progress(
        self,
        done: int,
        total: int | None = None,
        message: Any = None,
        checkpoint: dict[str, Any] | None = None,
    ) -> None:
        """Tell how far the job is, in its own unit; ends the job where it was cancelled, is late or lost its lease.

        Inside an open transaction it becomes part of it, so that data and checkpoint are committed together. Outside
        one it is committed at once, at most twice a second unless there is a checkpoint to keep or something new said.
        """
        self._check_clock()
        self.done = done
        said = (total, message)
        urgent = is_writing() or checkpoint is not None or said != self._said
        if not urgent and time.monotonic() - self._told_at < TELL_EVERY:
            return
        values: dict[str, Any] = {"done": done}
        if total is not None:
            values["total"] = total
        if message is not None:
            values["message"] = str(message)
        if checkpoint is not None:
            values["checkpoint"] = self.checkpoint = checkpoint
        self._tell(values)
        self._said = said

    def raise_if_cancelled(self) -> None:
        """End the job where somebody asked for it, or where the worker is to stop."""
        self._check_clock()
        if is_writing() or time.monotonic() - self._told_at >= TELL_EVERY:
            self._tell({})

    def write_in_chunks(
        self, items: Iterable[T], write: Callable[[T], object], *, total: int | None = None, message: Any = None
    ) -> int:
        """Write every item in short transactions, each with its progress; see gecko.chunks. Returns how many."""
        before = self.done
        return chunks.write_in_chunks(items, write, after=lambda count: self.progress(before + count, total, message))

    def _check_clock(self) -> None:
        if stopping.is_set():
            raise Interrupted
        if time.monotonic() > self._deadline:
            raise TookTooLong

    def _tell(self, values: dict[str, Any]) -> None:
        with _transaction_unless_open():
            wanted = job_runs.progress(self.id, self.owner, values)
        self._told_at = time.monotonic()
        if wanted:
            raise Cancelled


@contextmanager
def _transaction_unless_open() -> Iterator[None]:
    if is_writing():
        yield
    else:
        with transaction():
            yield
