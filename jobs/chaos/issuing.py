"""Invoices issued by many processes at once, a fifth of which break or are killed in the middle; then the numbers.

What is told is kept apart from what is stored: a writer notes an invoice's number in a file of its own only after the
commit. One that was killed asks for the same invoice again with the same key, as a form that is sent twice does, and
each fiftieth invoice is asked for by two writers.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import func, select

from gecko.db import db, run_write, transaction
from gecko.models.debtors import Debtor
from gecko.models.documents import DocumentKind, NumberSeries, SaleDocument, Series
from gecko.models.postings import DebtorPosting
from gecko.operations import checking, debtors, invoicing, numbering
from reports.benchmarks import bare, postgres

from .crew import Crew

DEBTORS = 40
SHARED_EVERY = 50
_REACHED = {"address": "Torvet 1", "postal_code": "8000", "city": "Aarhus C", "phone": "86121212", "email": "a@b.dk"}
STALLED = 120.0
"""Seconds without any new invoice after which a trial gives up."""


class Fate(StrEnum):
    """What becomes of the first attempt at an invoice."""

    ISSUED = "issued"
    BREAKS = "breaks"
    KILLED = "killed"


class Broken(Exception):
    """The attempt was broken off on purpose."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a trial found. broken, killed: attempts ended on purpose in their transaction; struck: kills from outside.

    lost: told and not there, or never issued. untrue: told under another number. missing: numbers of the series that no
    invoice bears. doubled: numbers on more than one. unposted: invoices without exactly their posting.
    """

    invoices: int
    writers: int
    seconds: float
    broken: int
    killed: int
    struck: int
    lost: int
    untrue: int
    missing: int
    doubled: int
    unposted: int
    failed_checks: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether the numbers have no gap and no double, and everything told is true."""
        return not (self.lost + self.untrue + self.missing + self.doubled + self.unposted or self.failed_checks)


@dataclass(frozen=True, slots=True)
class Notes:
    """What one writer wrote down: invoices with their numbers, and first attempts that were to fail."""

    folder: Path
    writer: int

    def told(self) -> dict[int, str]:
        """The numbers by invoice, as somebody was told them; a line that a kill tore does not count."""
        return {int(task): number for task, number in self._read("told")}

    def failed(self) -> dict[int, str]:
        """How the first attempts ended that are over."""
        return {int(task): fate for task, fate in self._read("failed")}

    def note(self, what: str, task: int, word: str) -> None:
        """Add a line; it stands once this returns, whoever is killed."""
        with (self.folder / f"{what}-{self.writer}").open("a", encoding="utf-8", buffering=1) as file:
            file.write(f"{task} {word}\n")

    def _read(self, what: str) -> Iterator[tuple[str, str]]:
        path = self.folder / f"{what}-{self.writer}"
        for line in path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else ():
            task, _space, word = line.partition(" ")
            yield task, word


@contextmanager
def installation(dialect: str) -> Iterator[Flask]:
    """An empty installation on SQLite or PostgreSQL that is gone afterwards."""
    with TemporaryDirectory(prefix="gecko-chaos-") as name:
        if dialect == "postgresql":
            with postgres.database(os.environ.get("DATABASE_URL", "")) as url:
                yield from _installed(url)
        else:
            yield from _installed(f"sqlite:///{Path(name) / 'gecko.db'}")


def _installed(url: str) -> Iterator[Flask]:
    app = bare.app(url)
    with app.app_context():
        bare.install()
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def run(app: Flask, *, invoices: int, writers: int, kills: int, seed: int = 1) -> Reckoning:
    """Issue everything while processes break, kill themselves and are killed; inside the app's context."""
    draw = random.Random(seed)  # noqa: S311 (who is killed when)
    payers = _payers()
    with TemporaryDirectory(prefix="gecko-notes-") as folder:
        notes = [Notes(Path(folder), number) for number in range(writers)]
        shares = [_share(number, writers, invoices) for number in range(writers)]
        bodies = [partial(_write, share, note, payers, seed) for share, note in zip(shares, notes, strict=True)]
        started, crew = time.monotonic(), Crew(app, draw, list(bodies))
        try:
            crew.start()
            struck = _strike(crew, notes, sum(map(len, shares)), kills)
        finally:
            crew.stop()
        return _reckon(notes, invoices, round(time.monotonic() - started, 1), struck)


def fate_of(task: int, seed: int) -> Fate:
    """A tenth breaks, a tenth is killed."""
    drawn = random.Random(f"{seed}:{task}").random()  # noqa: S311 (the same fate in every process)
    return Fate.BREAKS if drawn < 0.1 else Fate.KILLED if drawn < 0.2 else Fate.ISSUED


def _share(writer: int, writers: int, invoices: int) -> list[int]:
    """The invoices of one writer; each fiftieth is its neighbour's, too."""
    neighbour = (writer + 1) % writers
    return [
        task for task in range(invoices)
        if task % writers == writer or (task % writers == neighbour and task // writers % SHARED_EVERY == 0)
    ]  # fmt: skip


def _payers() -> list[int]:
    with transaction():
        for number in range(DEBTORS):
            debtors.create({"company_name": f"Firma {number} ApS", **_REACHED})
    return list(db.session.scalars(select(Debtor.id).order_by(Debtor.id)))


def _write(share: list[int], notes: Notes, payers: list[int], seed: int) -> None:
    """Issue a share, and go on where a killed one was; then wait to be sent home."""
    told, failed = notes.told(), notes.failed()
    for task in share:
        if task in told:
            continue
        fate = fate_of(task, seed)
        if fate != Fate.ISSUED and task not in failed:
            notes.note("failed", task, fate)
            _go_down(task, fate, payers)
        notes.note("told", task, run_write(partial(_issue, task, payers)))
        db.session.remove()
    signal.pause()


def _issue(task: int, payers: list[int]) -> str:
    lines = [invoicing.Line(1_000, 10_000 + task % 997, f"Ydelse {task}")]
    return invoicing.issue(debtor_id=payers[task % len(payers)], lines=lines, key=f"chaos:{task}").number


def _go_down(task: int, fate: Fate, payers: list[int]) -> None:
    """With the number drawn, or with everything written, but before the commit."""

    def attempt() -> None:
        if task % 2:
            numbering.draw(Series.INVOICE)
        else:
            _issue(task, payers)
        if fate == Fate.KILLED:
            os.kill(os.getpid(), signal.SIGKILL)
        raise Broken

    with suppress(Broken):
        run_write(attempt)


def _strike(crew: Crew, notes: list[Notes], expected: int, kills: int) -> int:
    """Keep the crew going until all is told, killing `kills` of it evenly on the way; returns how many were killed."""
    struck = done = 0
    until = time.monotonic() + STALLED
    while done < expected and time.monotonic() < until:
        time.sleep(0.1)
        crew.mend()
        now_done = sum(len(note.told()) for note in notes)
        if now_done > done:
            done, until = now_done, time.monotonic() + STALLED
        while struck < kills and struck * expected < done * kills:
            crew.kill_one()
            struck += 1
    return struck


def _reckon(notes: list[Notes], invoices: int, seconds: float, struck: int) -> Reckoning:
    fates = [fate for note in notes for fate in note.failed().values()]
    columns = select(SaleDocument.idempotency_key, SaleDocument.number, SaleDocument.sequence_no)
    stored = {row.idempotency_key: row for row in db.session.execute(columns)}
    told = [(f"chaos:{task}", number) for note in notes for task, number in note.told().items()]
    asked = {f"chaos:{task}" for task in range(invoices)}
    numbers = [row.sequence_no for row in stored.values()]
    next_no = db.session.scalar(select(NumberSeries.next_no).where(NumberSeries.code == Series.INVOICE)) or 0
    return Reckoning(
        invoices=invoices,
        writers=len(notes),
        seconds=seconds,
        broken=fates.count(Fate.BREAKS),
        killed=fates.count(Fate.KILLED),
        struck=struck,
        lost=len(asked - set(stored)) + sum(1 for key, _number in told if key not in stored),
        untrue=sum(1 for key, number in told if key in stored and stored[key].number != number),
        missing=len(set(range(1, next_no)) - set(numbers)) + abs(next_no - 1 - invoices),
        doubled=len(numbers) - len(set(numbers)),
        unposted=_unposted(),
        failed_checks=tuple(check.name for check in checking.run() if not check.is_ok),
    )


def _unposted() -> int:
    """Invoices that have not exactly one posting, of their own amount and debtor."""
    matching = (
        select(func.count())
        .select_from(DebtorPosting)
        .where(
            DebtorPosting.document_id == SaleDocument.id,
            DebtorPosting.kind == DocumentKind.INVOICE,
            DebtorPosting.amount_ore == SaleDocument.total_ore,
            DebtorPosting.debtor_id == SaleDocument.debtor_id,
        )
        .scalar_subquery()
    )
    return db.session.scalar(select(func.count()).select_from(SaleDocument).where(matching != 1)) or 0
