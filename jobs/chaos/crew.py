"""The processes of a trial: senders and writers that are killed and started again."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from gecko.db import db

from .. import processes


@dataclass
class Crew:
    """Processes that do one thing each, over and over; whoever dies is replaced."""

    app: Flask
    draw: random.Random
    bodies: list[Callable[[], object]]
    pids: dict[int, int] = field(default_factory=dict)

    def start(self) -> None:
        """Start whoever does not run. Processes of one body that came to its end stay away."""
        db.session.remove()
        db.engine.dispose()  # a child must not share a connection with its parent
        for place, body in enumerate(self.bodies):
            if place not in self.pids:
                self.pids[place] = processes.spawn(body)

    def kill_one(self) -> None:
        """Kill a process, or one of its children, at random, and start it again."""
        place = self.draw.choice(sorted(self.pids))
        pid = self.pids[place]
        target = self.draw.choice([pid, *_children(pid)])
        with suppress(ProcessLookupError):
            os.kill(target, signal.SIGKILL)
        if target == pid:
            self._reap(place)
        self.start()

    def mend(self) -> None:
        """Replace those who ended by themselves."""
        for place, pid in list(self.pids.items()):
            with suppress(ChildProcessError):
                if processes.reaped(pid):
                    del self.pids[place]
        self.start()

    def stop(self) -> None:
        """End everybody."""
        for pid in self.pids.values():
            processes.end(pid, patience=10)
        self.pids.clear()

    def _reap(self, place: int) -> None:
        with suppress(ChildProcessError):
            os.waitpid(self.pids[place], 0)
        del self.pids[place]


def _children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(child) for child in path.read_text().split()]
    return found
