"""Writers: what a page does when somebody sends, done again and again by processes that are killed meanwhile.

A writer notes a batch as promised only after its commit. One that was killed asks for the same batch again, as a form
that is sent twice does; the dedupe keys see to it that nobody gets two.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gecko.db import transaction
from gecko.models.messages import MessageChannel, MessageKind
from gecko.operations.messaging import enqueuing

from .. import queue
from ..messages import crash_points

BATCH = 20
EVERY_FIFTH = 5


def drafts(numbers: range) -> Iterator[enqueuing.Draft]:
    """Messages of a trial; every fifth is an SMS."""
    for number in numbers:
        is_text = number % EVERY_FIFTH == 0
        yield enqueuing.Draft(
            channel=MessageChannel.SMS if is_text else MessageChannel.EMAIL,
            kind=MessageKind.MANUAL,
            dedupe_key=f"chaos:{number}",
            recipient=f"+45{20_000_000 + number}" if is_text else f"{number}@example.dk",
            subject=None if is_text else f"Message {number}",
            body=f"This is message {number}.",
        )


def write(numbers: range, promises: Path) -> None:
    """Write every message, and note each batch once it is committed; goes on where a killed one was."""
    known = len(promised(promises))
    for start in range(numbers.start + known, numbers.stop, BATCH):
        batch = range(start, min(start + BATCH, numbers.stop))
        write_batch(batch)
        with promises.open("a", encoding="utf-8") as file:
            file.write("".join(f"chaos:{number}\n" for number in batch))
            file.flush()
            os.fsync(file.fileno())


def write_batch(batch: range) -> None:
    """One form: a transaction, then the bell."""
    with transaction():
        enqueuing.enqueue_all(drafts(batch))
        crash_points.reached("enqueue.written")
    crash_points.reached("enqueue.committed")
    queue.wake_senders()


def promised(promises: Path) -> list[str]:
    """The keys that somebody was told about; a line that a kill tore does not count."""
    if not promises.exists():
        return []
    return promises.read_text(encoding="utf-8").split("\n")[:-1]
