"""The grid benchmark: build, serve, measure interleaved, judge."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import exp, log
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from gecko import schema
from gecko.config import Config
from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.models.people import Role, StaffUser
from gecko.operations import seeding, sessions

from . import population, servers
from .measure import Client, Sample

BARS = {"p95_ms": 150, "cpu_ms": 60, "queries": 10, "html_bytes": 60_000}
TIMES_FASTER = 5
OURS_A_ROUND = 3
Operations = dict[str, dict[str, str]]


def operations(rows: int, group_id: int) -> Operations:
    """What is asked of whom: the same question in each contestant's own words."""
    page = min(10_000, max(2, rows // 50 // 2))
    stock, peer = "/admin/customer/", "/admin/auth/person/"
    return {
        "list": {"product": "/customers/", "stock": stock, "django": peer},
        f"page {page}": {
            "product": f"/customers/?page={page}", "stock": f"{stock}?page={page - 1}", "django": f"{peer}?p={page}"},
        "sort by name": {"product": "/customers/?sort=name", "stock": f"{stock}?sort=0", "django": f"{peer}?o=1"},
        "search, many hits": {
            "product": "/customers/?q=jens", "stock": f"{stock}?search=jens", "django": f"{peer}?q=jens"},
        "search, no hits": {
            "product": "/customers/?q=zzqxv", "stock": f"{stock}?search=zzqxv", "django": f"{peer}?q=zzqxv"},
        "search, two words": {"product": "/customers/?q=jens+larsen", "stock": f"{stock}?search=jens+larsen",
                              "django": f"{peer}?q=jens+larsen"},
        "search sorted by name": {"product": "/customers/?q=jens&sort=name", "stock": f"{stock}?search=jens&sort=0",
                                  "django": f"{peer}?q=jens&o=1"},
        "filter": {"product": f"/customers/?f_group_id={group_id}", "stock": f"{stock}?flt0_0={group_id}",
                   "django": f"{peer}?group__id__exact={group_id}"},
    }  # fmt: skip


def run(rows: int, database: str, *, rounds: int, url: str | None, say: Any) -> dict[str, Any]:
    """Measure on one kind of database; returns everything that is printed."""
    with ExitStack() as stack:
        instance = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gecko-bench-")))
        server_pid = None
        if database == "sqlite":
            url = f"sqlite:///{instance / 'gecko.db'}"
        elif url is None:
            url, server_pid = stack.enter_context(servers.postgres())
        assert url is not None  # noqa: S101 (for the type checker)
        config = Config(instance, url, f"unix://{instance / 'queue.sock'}", embedded_queue=True, secure=False)
        started = time.monotonic()
        with prepared(config, rows) as (cookie, group_id, counts):
            built = time.monotonic() - started
            say(f"{database}: {rows} customers built in {built:.0f} s")
            asked = operations(rows, group_id)
            queries = counts(asked)
        samples = measured(stack, instance, url, server_pid, cookie, asked, rounds, say)
    return judged(database, rows, built, samples, queries)


@contextmanager
def prepared(config: Config, rows: int) -> Iterator[tuple[str, int, Any]]:
    """A filled database and a signed-in office manager's cookie."""
    from app import create_app

    app = create_app(config)
    with app.app_context():
        schema.upgrade()
        with transaction():
            seeding.seed()
        population.fill(rows)
        with transaction() as session:
            office = session.scalars(select(Role).where(Role.key == "office")).one()
            manager = StaffUser(username="bench", name="Bench", roles=[office])
            session.add(manager)
            session.flush()
            token = sessions.start(manager, ip="127.0.0.1", user_agent="bench")
        group_id = db.session.scalars(select(CustomerGroup.id).where(CustomerGroup.name == "Afdeling 5")).one()
        db.session.remove()

        def counts(asked: Operations) -> dict[str, int]:
            return {name: _queries(app, token, words["product"]) for name, words in asked.items()}

        yield f"gecko={token}", group_id, counts
        db.session.remove()
        db.engine.dispose()


def _queries(app: Any, token: str, path: str) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "ROLLBACK")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        client = app.test_client()
        client.set_cookie("gecko", token)
        for _again in range(2):
            seen.clear()
            with app.app_context():  # of its own, as on a server: nothing is remembered from the request before
                client.get(path)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def measured(
    stack: ExitStack,
    instance: Path,
    url: str,
    server_pid: int | None,
    cookie: str,
    asked: Operations,
    rounds: int,
    say: Any,
) -> dict[str, dict[str, Sample]]:
    """Ask everybody everything, in turns, so that a busy moment of the machine hits all alike."""
    clients = {}
    for name in ("product", "stock", "django"):
        port, pid = stack.enter_context(servers.contestant(name, instance, url))
        pids = [pid, *([server_pid] if server_pid else [])]
        clients[name] = Client(port, pids, cookie if name == "product" else "")
    samples = {operation: {name: Sample() for name in clients} for operation in asked}
    for operation, words in asked.items():  # warm: caches, compiled templates, prepared statements
        for name, client in clients.items():
            client.get(words[name])
        say(f"  warm: {operation}")
    for _round in range(rounds):
        for operation, words in asked.items():
            for name, client in clients.items():
                for _again in range(OURS_A_ROUND if name == "product" else 1):
                    client.get(words[name], samples[operation][name])
    return samples


def judged(
    database: str, rows: int, built: float, samples: dict[str, dict[str, Sample]], queries: dict[str, int]
) -> dict[str, Any]:
    """Figures, ratios and whether each bar holds."""
    report: dict[str, Any] = {"database": database, "rows": rows, "build_seconds": round(built, 1), "operations": {}}
    logs: dict[str, list[float]] = {"stock": [], "django": []}
    missed = []
    for operation, by_name in samples.items():
        figures: dict[str, Any] = {name: sample.summary() for name, sample in by_name.items()}
        figures["product"]["queries"] = queries[operation]
        for peer, found in logs.items():
            ratio = figures[peer]["p50_ms"] / figures["product"]["p50_ms"]
            figures[f"times_faster_than_{peer}"] = round(ratio, 1)
            found.append(log(ratio))
        missed += [
            f"{operation}: {key} {figures['product'][key]} is above {bar}"
            for key, bar in BARS.items()
            if figures["product"][key] > bar
        ]
        report["operations"][operation] = figures
    for peer, found in logs.items():
        mean = exp(sum(found) / len(found))
        report[f"times_faster_than_{peer}"] = round(mean, 1)
        if mean < TIMES_FASTER:
            missed.append(f"{mean:.1f} times faster than {peer}, not {TIMES_FASTER}")
    report["missed"] = missed
    report["passed"] = not missed
    return report
