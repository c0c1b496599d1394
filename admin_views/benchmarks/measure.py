"""Timing requests: wall clock here, processor time of the serving processes from /proc."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import click


@dataclass(slots=True)
class Sample:
    """What one operation of one contestant took: milliseconds, and the bytes of its page."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    html: int = 0

    def summary(self) -> dict[str, float]:
        """p50 and p95 of the wall clock, the mean processor time, and the page's size."""
        ordered = sorted(self.wall)
        return {
            "p50_ms": round(median(ordered), 1),
            "p95_ms": round(ordered[max(0, -(-95 * len(ordered) // 100) - 1)], 1),
            "cpu_ms": round(sum(self.cpu) / len(self.cpu), 1),
            "html_bytes": self.html,
        }


class Client:
    """Requests one after the other over one connection to a contestant."""

    def __init__(self, port: int, pids: list[int], cookie: str = "") -> None:
        self.port = port
        self.pids = pids
        self.headers = {"Accept-Language": "da", **({"Cookie": cookie} if cookie else {})}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def get(self, path: str, sample: Sample | None = None) -> None:
        """Fetch a page; anything but 200 ends the benchmark."""
        cpu, started = processor_ms(self.pids), time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        wall = (time.perf_counter() - started) * 1000
        if answer.status != 200:
            raise click.ClickException(f"port {self.port}: {path} answered {answer.status}: {body[-500:]!r}")
        if sample is not None:
            sample.wall.append(wall)
            sample.cpu.append(processor_ms(self.pids) - cpu)
            sample.html = max(sample.html, len(body))


def processor_ms(pids: list[int]) -> float:
    """Processor time of the processes, their threads, and the children of database servers, in milliseconds."""
    return sum(_of_tasks(pid) for parent in pids for pid in (parent, *_children(parent)))


def _of_tasks(pid: int) -> float:
    total = 0.0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0]) / 1e6
    except OSError:  # a process that ended meanwhile
        return total
    return total


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
