"""The files of an import: refused rows to mend and import again, and warnings about rows that came in.

A list grows inside the import's transactions and its length is part of the checkpoint: a resumed import cuts off what
a lost transaction had written and goes on from there, so that both agree.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from ...errors import GeckoError
from .faults import Unreadable
from .parsing import Rejected, Remark
from .values import as_text
from .writing import Batch


def explain(message: str, params: dict[str, Any]) -> str:
    """A reason in the reader's language."""
    return str(_(message, **{key: str(value) for key, value in params.items()}) if params else _(message))


def reason(error: GeckoError) -> str:
    """Why a row was refused, in the reader's language."""
    return explain(error.message, error.params)


class _List:
    """One csv file that can be cut back to a known length."""

    def __init__(self, path: Path, header: list[str], delimiter: str, length: int | None) -> None:
        try:
            self._file = path.open("r+b" if length is not None and path.exists() else "w+b")
        except OSError as error:
            why = error.strerror or str(error)
            raise Unreadable("%(path)s cannot be written: %(error)s", path=str(path), error=why) from None
        os.chmod(path, 0o600)
        self._delimiter = delimiter
        if length is None or self._file.seek(0, os.SEEK_END) < length:
            self._file.truncate(0)
            self._file.seek(0)
            self._file.write("\ufeff".encode())
            self.write([header])
        else:
            self._file.truncate(length)
            self._file.seek(length)

    def write(self, rows: Iterable[list[str]]) -> None:
        """Add rows; they are on disk when this returns."""
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._delimiter).writerows(rows)
        self._file.write(text.getvalue().encode("utf-8", "replace"))
        self._file.flush()

    def length(self) -> int:
        """How many bytes the list has."""
        return self._file.tell()

    def cut(self, length: int) -> None:
        """Take back what was written after `length`."""
        self._file.truncate(length)
        self._file.seek(length)

    def close(self) -> None:
        self._file.close()


class Lists:
    """The two lists of one import; either may be unwanted."""

    def __init__(
        self,
        rejects: Path | None,
        warnings: Path | None,
        header: list[str],
        delimiter: str,
        lengths: dict[str, int] | None = None,
    ) -> None:
        lengths = lengths or {}
        self._width = len(header)
        self._rejects = rejects and _List(rejects, [*header, _("Line"), _("Reason")], delimiter, lengths.get("rejects"))
        self._warnings = warnings and _List(warnings, [_("Line"), _("Warning")], delimiter, lengths.get("warnings"))

    def stage(self, rejected: Iterable[Rejected], warnings: Iterable[Remark], batch: Batch) -> None:
        """Write down what a chunk brought, in the order of lines."""
        if self._rejects:
            whole = sorted([*rejected, *batch.rejected], key=lambda one: one.line)
            self._rejects.write(self._reject_row(one) for one in whole)
        if self._warnings:
            noted = sorted([*warnings, *batch.warnings], key=lambda one: one.line)
            self._warnings.write([str(one.line), explain(one.message, one.params)] for one in noted)

    def _reject_row(self, one: Rejected) -> list[str]:
        cells = [as_text(cell).encode("utf-8", "replace").decode() for cell in one.cells[: self._width]]
        return [*cells, *[""] * (self._width - len(cells)), str(one.line), reason(one.reason)]

    def lengths(self) -> dict[str, int]:
        """How long the lists are, for the checkpoint."""
        lists = {"rejects": self._rejects, "warnings": self._warnings}
        return {name: one.length() for name, one in lists.items() if one}

    def cut(self, lengths: dict[str, int]) -> None:
        """Take back what a failed transaction had written."""
        for name, one in (("rejects", self._rejects), ("warnings", self._warnings)):
            if one and name in lengths:
                one.cut(lengths[name])

    def close(self) -> None:
        """Finish the files."""
        for one in (self._rejects, self._warnings):
            if one:
                one.close()
