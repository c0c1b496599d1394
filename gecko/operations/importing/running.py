"""One import from file to rows: read and parse outside transactions, write a chunk inside one, keep the books.

    with importing.open_import(path, mapping, ...) as run:
        for chunk in run.chunks():
            with transaction():
                run.write(chunk)          # and keep run.checkpoint() in the same transaction
            run.settle(chunk)             # the chunk is committed: rejects and warnings reach their files

A checkpoint holds the counts and how far the files of rejects and warnings reached; an import opened with it skips
what was done. A chunk is as large as fits in a transaction of about 80 ms, the commit not counted.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...db import db
from ..matching import keeping
from . import guessing, readers
from .customers import CustomerWriter
from .debtors import DebtorWriter
from .faults import Unreadable
from .fields import FIELDS, Kind, Value
from .invoices import InvoiceWriter
from .items import ItemWriter
from .mapping import Mapping
from .parsing import Parsed, Parser, Rejected, Remark
from .readers import Row, Table
from .rejects import Lists
from .writing import Batch, Context, Writer

BUDGET = 0.08
SMALLEST, FIRST, LARGEST = 100, 200, 2000
_SAMPLE = 200


@dataclass
class Counts:
    """How the rows fared: imported + existing + refused = read. `updated` are among the imported.

    like_customers, like_rows: new ones that look like a customer who was there, or like an earlier row; unlooked: how
    many new ones were compared with the latest rows before them only, because the file is long.
    """

    read: int = 0
    imported: int = 0
    existing: int = 0
    refused: int = 0
    warnings: int = 0
    updated: int = 0
    like_customers: int = 0
    like_rows: int = 0
    unlooked: int = 0
    made: dict[str, int] = field(default_factory=dict)

    def add(self, chunk: Chunk) -> None:
        """Count a chunk that was written."""
        batch = chunk.batch
        self.read += chunk.read
        self.imported += batch.imported
        self.existing += batch.existing
        self.updated += batch.updated
        self.like_customers += batch.like_customers
        self.like_rows += batch.like_rows
        self.unlooked += batch.unlooked
        self.refused += len(chunk.rejected) + len(batch.rejected)
        self.warnings += len(chunk.warnings) + len(batch.warnings)
        for noun, count in batch.made.items():
            self.made[noun] = self.made.get(noun, 0) + count


@dataclass
class Chunk:
    """Rows that are written together."""

    rows: list[Parsed]
    rejected: list[Rejected]
    warnings: list[Remark]
    read: int
    batch: Batch = field(default_factory=Batch)


class Import:
    """An import under way; see the module."""

    def __init__(
        self,
        table: Table,
        mapping: Mapping,
        context: Context,
        lists: Lists,
        checkpoint: dict[str, Any] | None = None,
    ) -> None:
        self.table = table
        self.is_dry = context.is_dry
        self.counts = Counts(**checkpoint["counts"]) if checkpoint else Counts()
        self._lists = lists
        self._rows = table.rows
        sign = mapping.decimal or self._guess_sign(mapping)
        self._parser = Parser(mapping, table.header, sign)
        self._writer = _writer(mapping, context, sign)
        self._size = FIRST
        self._lengths = lists.lengths()
        skipped = sum(1 for _row in itertools.islice(self._rows, self.counts.read))
        if skipped < self.counts.read:
            raise Unreadable("The file is shorter than when the import began.")

    def _guess_sign(self, mapping: Mapping) -> str:
        """Look at the first rows' amounts, and put the rows back."""
        sample = list(itertools.islice(self._rows, _SAMPLE))
        self._rows = itertools.chain(sample, self._rows)
        amounts = {spec.name for spec in FIELDS[mapping.kind] if spec.value in {Value.MONEY, Value.QUANTITY}}
        names = {column for name, columns in mapping.columns.items() if name in amounts for column in columns}
        at = [index for index, name in enumerate(self.table.header) if name in names]
        return guessing.decimal_sign(row.cells[i] for row in sample if row.fault is None for i in at)

    def chunks(self) -> Iterator[Chunk]:
        """The rest of the file, parsed, in chunks that fit the budget."""
        while chunk := self._chunk(list(itertools.islice(self._rows, self._size))):
            yield chunk

    def first(self, limit: int) -> Chunk | None:
        """The first rows alone, for a preview."""
        return self._chunk(list(itertools.islice(self._rows, limit)))

    def _chunk(self, rows: list[Row]) -> Chunk | None:
        if not rows:
            return None
        parsed: list[Parsed] = []
        rejected: list[Rejected] = []
        for row in rows:
            found = self._parser.parse(row)
            if isinstance(found, Parsed):
                parsed.append(found)
            else:
                rejected.append(found)
        warnings, self._parser.warnings = self._parser.warnings, []
        return Chunk(parsed, rejected, warnings, len(rows))

    def write(self, chunk: Chunk) -> None:
        """Decide on a chunk's rows and write the new ones, inside the caller's transaction."""
        began = time.monotonic()
        chunk.batch = Batch()
        if chunk.rows:
            self._writer.write(chunk.rows, chunk.batch)
            if not self.is_dry:
                keeping.catch_up(db.session())  # part of what the chunk costs
        self._lists.cut(self._lengths)  # what an attempt that failed had written
        self._lists.stage(chunk.rejected, chunk.warnings, chunk.batch)
        self._adapt(len(chunk.rows), time.monotonic() - began)

    def _adapt(self, rows: int, seconds: float) -> None:
        if rows and seconds > 0:
            fitting = int(rows * BUDGET / seconds)
            self._size = max(SMALLEST, min(fitting, self._size * 2, LARGEST))

    def checkpoint(self, chunk: Chunk) -> dict[str, Any]:
        """Where the import stands once `chunk` is committed; to be kept in the same transaction."""
        after = Counts(**{**asdict(self.counts), "made": dict(self.counts.made)})
        after.add(chunk)
        return {"counts": asdict(after), "lists": self._lists.lengths()}

    def settle(self, chunk: Chunk) -> None:
        """Note that a chunk is committed."""
        self.counts.add(chunk)
        self._lengths = self._lists.lengths()

    def facts(self) -> dict[str, Any]:
        """The counts as small facts for the log, the job and `--json`."""
        counts = asdict(self.counts)
        made = counts.pop("made")
        return {**counts, **{f"made_{noun}": count for noun, count in sorted(made.items())}}

    def close(self) -> None:
        """Let go of the file and finish the lists."""
        self.table.close()
        self._lists.close()

    def __enter__(self) -> Import:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_import(
    path: Path,
    mapping: Mapping,
    *,
    context: Context | None = None,
    rejects: Path | None = None,
    warnings: Path | None = None,
    checkpoint: dict[str, Any] | None = None,
) -> Import:
    """Open a file for import; raises Unreadable or BadMapping before anything is written.

    rejects, warnings: files for the rows that did not come in, and for what was noted about others.
    """
    _require_apart(path, rejects, warnings)
    table = readers.open_table(
        path,
        encoding=mapping.encoding,
        delimiter=mapping.delimiter,
        skip_initial_space=mapping.skip_initial_space,
        sheet=mapping.sheet,
    )
    try:
        lengths = checkpoint["lists"] if checkpoint else None
        lists = Lists(rejects, warnings, table.header, table.delimiter, lengths)
        return Import(table, mapping, context or Context(), lists, checkpoint)
    except BaseException:
        table.close()
        raise


def _require_apart(path: Path, *lists: Path | None) -> None:
    """Refuse a list that would overwrite the file itself, or the other list."""
    named = [one.resolve() for one in (path, *lists) if one is not None]
    if len(set(named)) < len(named):
        raise Unreadable("The file, its rejects and its warnings must be different files.")


def _writer(mapping: Mapping, context: Context, sign: str) -> Writer:
    if mapping.kind == Kind.INVOICES:
        return InvoiceWriter(mapping, context)
    record_writers = {Kind.CUSTOMERS: CustomerWriter, Kind.DEBTORS: DebtorWriter, Kind.ITEMS: ItemWriter}
    return record_writers[mapping.kind](mapping, context, sign)
