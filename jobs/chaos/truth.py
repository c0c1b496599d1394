"""What really reached the other side: a line for each, in a file before it is answered, so that no kill forgets it."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Taken:
    """One message that was taken over. reference: the left half of its Message-ID, or the reference of an SMS."""

    recipient: str
    reference: str
    sender: str
    content: str


class Ledger:
    """All that was taken over, in order; written to a file as well where there is one."""

    def __init__(self, path: Path | None = None) -> None:
        self.taken: list[Taken] = []
        self._path = path
        self._lock = threading.Lock()

    def note(self, taken: Taken) -> None:
        """Write it down, then return: only after that may the other side be told yes."""
        with self._lock:
            self.taken.append(taken)
            if self._path is not None:
                line = json.dumps(asdict(taken), ensure_ascii=False).encode() + b"\n"
                descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                os.write(descriptor, line)  # one call: whole or not at all, also when this process is killed
                os.close(descriptor)

    def references(self) -> list[str]:
        """What was taken over, once for each time."""
        return [one.reference for one in self.taken]


def read(path: Path) -> list[Taken]:
    """What a ledger's file says, also after its writer was killed."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return [Taken(**json.loads(line)) for line in file]
