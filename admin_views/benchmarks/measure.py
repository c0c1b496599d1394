"""Timing requests: wall clock here, processor time of the serving processes from /proc."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode

import click

NOTHING: Mapping[str, str] = MappingProxyType({})


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


class Answer(NamedTuple):
    """What a server answered."""

    headers: Message
    content: bytes


class Client:
    """Requests one after the other over one connection to a contestant."""

    def __init__(self, port: int, pids: list[int], cookie: str = "") -> None:
        self.port = port
        self.pids = pids
        self.headers = {"Accept-Language": "da", **({"Cookie": cookie} if cookie else {})}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def get(self, path: str, sample: Sample | None = None, headers: Mapping[str, str] = NOTHING) -> Answer:
        """Fetch a page; a refusal ends the benchmark."""
        return self._ask("GET", path, None, sample, headers)

    def post(
        self,
        path: str,
        fields: Mapping[str, Any] | Sequence[tuple[str, Any]],
        sample: Sample | None = None,
        headers: Mapping[str, str] = NOTHING,
    ) -> Answer:
        """Send a form; a refusal ends the benchmark, an answer that leads on does not."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self._ask("POST", path, urlencode(fields), sample, headers)

    def _ask(
        self, method: str, path: str, body: str | None, sample: Sample | None, headers: Mapping[str, str]
    ) -> Answer:
        cpu, started = processor_ms(self.pids), time.perf_counter()
        self.connection.request(method, path, body, {**self.headers, **headers})
        answer = self.connection.getresponse()
        content = answer.read()
        wall = (time.perf_counter() - started) * 1000
        if answer.status not in (200, 303):
            raise click.ClickException(f"port {self.port}: {path} answered {answer.status}: {content[-500:]!r}")
        if sample is not None:
            sample.wall.append(wall)
            sample.cpu.append(processor_ms(self.pids) - cpu)
            sample.html = max(sample.html, len(content))
        return Answer(answer.headers, content)


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
