"""A look at the first rows of a file: as they are, and what an import would make of them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import readers
from .mapping import Mapping
from .parsing import Remark
from .running import open_import
from .values import Cell, as_text
from .writing import Context

ROWS = 100


@dataclass(frozen=True, slots=True)
class Glance:
    """The header and first rows of a file, and how they were read."""

    header: list[str]
    rows: list[list[Cell]]
    encoding: str
    delimiter: str
    estimate: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of one row: imported, updated, existing or refused."""

    line: int
    cells: list[str]
    outcome: str
    reason: Any = None
    warnings: tuple[Remark, ...] = ()


def glance(path: Path, reading: dict[str, Any], limit: int = ROWS) -> Glance:
    """Read the beginning of a file; `reading` holds what is stated of encoding, delimiter, sheet and spaces."""
    with readers.open_table(path, **reading) as table:
        rows = [row.cells for row in itertools.islice(table.rows, limit) if row.fault is None]
        return Glance(table.header, rows, table.encoding, table.delimiter, table.estimate)


def verdicts(path: Path, mapping: Mapping, context: Context, limit: int = ROWS) -> list[Verdict]:
    """Decide on the first rows and write nothing."""
    with open_import(path, mapping, context=replace(context, is_dry=True)) as run:
        chunk = run.first(limit)
        if chunk is None:
            return []
        run.write(chunk)
    warnings: dict[int, list[Remark]] = {}
    for one in (*chunk.warnings, *chunk.batch.warnings):
        warnings.setdefault(one.line, []).append(one)
    found = [
        Verdict(one.line, list(map(as_text, one.cells)), "refused", one.reason)
        for one in (*chunk.rejected, *chunk.batch.rejected)
    ]
    for row in chunk.rows:
        if outcome := chunk.batch.outcomes.get(row.line):
            noted = tuple(warnings.get(row.line, ()))
            found.append(Verdict(row.line, list(map(as_text, row.cells)), outcome, warnings=noted))
    return sorted(found, key=lambda verdict: verdict.line)
