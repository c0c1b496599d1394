"""A file that a trial "sends" into: one JSON object a line, on the disk before the answer, read from its end."""

from __future__ import annotations

import fcntl
import json
import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. offset: where it begins, in bytes: its name for as long as the file lives."""

    offset: int
    values: dict[str, Any]


def append(path: Path, values: dict[str, Any]) -> int:
    """Write one line and wait until the disk has it; several processes may. Returns its offset; raises OSError."""
    line = json.dumps(values, ensure_ascii=False).encode() + b"\n"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        if end and os.pread(file.fileno(), 1, end - 1) != b"\n":  # a full disk or a power cut tore the last one
            end += os.write(file.fileno(), b"\n")
        written = os.write(file.fileno(), line)
        os.fsync(file.fileno())
    if written < len(line):
        raise OSError("The disk is full.")
    return end


def newest(path: Path, *, limit: int, before: int | None = None) -> list[Entry]:
    """Up to `limit` lines, the latest first; older ones than the line at `before`. What is torn is left out."""
    if not path.exists() or not path.stat().st_size:
        return []
    found: list[Entry] = []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        end = text.rfind(b"\n", 0, len(text) if before is None else max(before, 0)) + 1
        while end and len(found) < limit:
            start = text.rfind(b"\n", 0, end - 1) + 1
            values = _values(text[start:end])
            if values is not None:
                found.append(Entry(start, values))
            end = start
    return found


def _values(line: bytes) -> dict[str, Any] | None:
    try:
        values = json.loads(line)
    except ValueError:
        return None
    return values if isinstance(values, dict) else None
