"""What is measured over HTTP, as a browser with a signed-in user asks for it, one request after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from http.cookies import SimpleCookie
from typing import Any

import click

from admin_views.duplicates.checking import PART
from jobs.benchmarks.duplicates.base import FIELDS, Base

from ..measure import Client, Sample
from .engine import times

WARMING_UP = 50
FLOOR = "/static/gecko/duplicates.css"
_IN_PLACE = {"HX-Request": "true", "HX-Boosted": "true", "HX-Target": PART}
_TYPING = {"HX-Request": "true", "HX-Target": "matches"}
_TOKEN = re.compile(rb'name="csrf-token" content="([^"]+)"')
Measured = dict[str, dict[str, float]]


def measured(port: int, token: str, made: Base, wanted: Mapping[str, Sequence[int]]) -> dict[str, Measured]:
    """By what is asked for, and by whose ids are asked for: how long it takes.

    endpoint: "Find duplicates" on the profile. page: the page behind it. typing: the warning on the form where a
    customer is created, each of them typed in once more.
    """
    client = Client(port, [], f"gecko={token}")
    form = _form(client)
    asking: dict[str, Callable[[int, Sample | None], Any]] = {
        "endpoint": lambda one, sample: client.get(f"/duplicates/check/{one}", sample, _IN_PLACE),
        "page": lambda one, sample: client.get(f"/duplicates/check/{one}", sample),
        "typing": lambda one, sample: client.post("/customers/new/matches", form | _typed(made, one), sample, _TYPING),
    }
    return {
        what: {name: timed(ask, lambda sample: client.get(FLOOR, sample), ids) for name, ids in wanted.items()}
        for what, ask in asking.items()
    }


def timed(
    ask: Callable[[int, Sample | None], Any], ask_nothing: Callable[[Sample], Any], ids: Sequence[int]
) -> dict[str, float]:
    """Percentiles in milliseconds; floor_p99_ms is that of a file asked for in between, which no database is asked for.

    What the machine does besides shows in both.
    """
    for one in ids[:WARMING_UP]:
        ask(one, None)
    sample, floor = Sample(), Sample()
    for one in ids:
        ask(one, sample)
        ask_nothing(floor)
    percentiles, lowest = (times(wall / 1000 for wall in each.wall) for each in (sample, floor))
    return {**percentiles, "floor_p99_ms": lowest["p99_ms"]}


def _form(client: Client) -> dict[str, str]:
    """Open the form for a new customer, as one does before typing; returns what it sends along."""
    answer = client.get("/customers/new/")
    found = _TOKEN.search(answer.content)
    if found is None:
        raise click.ClickException("the form for a new customer has no token")
    for line in answer.headers.get_all("Set-Cookie", []):
        for name, cookie in SimpleCookie(line).items():
            client.headers["Cookie"] += f"; {name}={cookie.value}"
    return {"csrf_token": found[1].decode()}


def _typed(made: Base, customer_id: int) -> dict[str, str]:
    record = made.records[customer_id - 1]
    return {name: str(getattr(record, name) or "") for name in FIELDS}
