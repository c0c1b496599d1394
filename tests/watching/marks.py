"""Three marks for each line of every source: it ran, its body was entered, its body was passed by.

They are the bytes of one file that all processes of a run have in their memory. A mark is only ever set, so that
nobody needs to wait for another, and what a process has seen is not lost with it.
"""

from __future__ import annotations

import mmap
import tempfile
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
RAN, ENTERED, PASSED = range(3)


def slot(line: int, what: int) -> int:
    """Which of a file's marks tells `what` of a line."""
    return 3 * line + what


def sources() -> list[Path]:
    """The files that are watched, as `[tool.coverage.run]` names them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["coverage"]["run"]
    found: set[Path] = set()
    for name in settings["source"]:
        found.update((ROOT / name).rglob("*.py") if (ROOT / name).is_dir() else [ROOT / f"{name}.py"])
    omitted = settings["omit"]
    return sorted(path for path in found if not any(fnmatch(str(path.relative_to(ROOT)), one) for one in omitted))


class Marks:
    """The marks of all files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place: dict[str, slice] = {}
        end = 0
        for source in sources():
            start, end = end, end + slot(source.read_bytes().count(b"\n") + 2, 0)
            self._place[str(source)] = slice(start, end)
        self._size = end

    @classmethod
    def make(cls) -> Marks:
        """New ones, none set."""
        with tempfile.NamedTemporaryFile(prefix="gecko-marks-", delete=False) as file:
            marks = cls(Path(file.name))
            file.truncate(marks._size)
        marks._open()
        return marks

    @classmethod
    def shared(cls, path: str) -> Marks:
        """Those of the process that made them."""
        marks = cls(Path(path))
        marks._open()
        return marks

    def _open(self) -> None:
        with self.path.open("r+b") as file:
            self._all = memoryview(mmap.mmap(file.fileno(), self._size))

    def __contains__(self, path: str) -> bool:
        return path in self._place

    def of(self, path: str) -> memoryview:
        """The marks of one file, to be set in place."""
        return self._all[self._place[path]]

    def files(self) -> list[str]:
        """All that are watched."""
        return list(self._place)
