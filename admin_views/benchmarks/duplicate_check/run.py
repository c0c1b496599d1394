"""The benchmark on one kind of database: build, fill, scan, check, serve."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from gecko import schema
from gecko.config import Config
from gecko.db import db, transaction
from gecko.models.people import Role, StaffUser
from gecko.operations import matching, seeding, sessions
from gecko.operations.matching import filling
from jobs.benchmarks.duplicates import base, loading

from .. import servers
from . import engine, judging, pages

CHECKS, AGREEING, PAGES = 5_000, 20_000, 1_000
Say = Callable[[str], None]


def run(rows: int, database: str, *, seed: int, url: str | None, say: Say) -> dict[str, Any]:
    """Measure everything; returns what is printed."""
    with ExitStack() as stack:
        instance = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gecko-bench-")))
        if database == "sqlite":
            url = f"sqlite:///{instance / 'gecko.db'}"
        elif url is None:
            url, _pid = stack.enter_context(servers.postgres())
        assert url is not None  # noqa: S101 (for the type checker)
        config = Config(instance, url, f"unix://{instance / 'queue.sock'}", embedded_queue=True, secure=False)
        made = base.generate(rows, seed)
        report: dict[str, Any] = {"database": database, "rows": rows, "seed": seed}
        with _app(config) as token:
            biggest = _measure(made, report, say)
        port, _server = stack.enter_context(servers.contestant("product", instance, url))
        wanted = {"random": engine.some(made, PAGES, seed + 2), "biggest_blocks": biggest}
        report |= pages.measured(port, token, made, wanted)
    report["missed"] = judging.missed(report)
    report["passed"] = not report["missed"]
    return report


@contextmanager
def _app(config: Config) -> Iterator[str]:
    """The app over a fresh database; yields a signed-in office manager's token."""
    from app import create_app

    with create_app(config).app_context():
        schema.upgrade()
        with transaction() as session:
            seeding.seed()
            session.flush()
            office = session.scalars(select(Role).where(Role.key == "office")).one()
            manager = StaffUser(username="bench", name="Bench", roles=[office])
            session.add(manager)
            session.flush()
            token = sessions.start(manager, ip="127.0.0.1", user_agent="bench")
        yield token
        db.session.remove()
        db.engine.dispose()


def _measure(made: base.Base, report: dict[str, Any], say: Say) -> list[int]:
    """Everything that needs no web server; returns customers of the biggest blocks."""
    loading.load(made)
    began = time.perf_counter()
    filling.run()
    report["fill_seconds"] = round(time.perf_counter() - began, 1)
    say(f"  {report['rows']} customers filled in {report['fill_seconds']} s")
    began = time.perf_counter()
    whole = {(one.a_id, one.b_id): one for batch in matching.scan() for one in batch}
    report["scan_seconds"] = round(time.perf_counter() - began, 1)
    say(f"  whole scan in {report['scan_seconds']} s: {len(whole)} pairs")
    biggest = engine.of_biggest_blocks()
    took, found = engine.checked(engine.some(made, CHECKS, report["seed"]))
    worst, _pairs = engine.checked(biggest)
    report["engine"] = {"random": took, "biggest_blocks": worst}
    report["quality"] = engine.quality(made, found)
    say(f"  checks: {report['engine']} {report['quality']}")
    report["agreement"] = engine.agreement(engine.some(made, AGREEING, report["seed"] + 1), whole, say)
    report["writing"] = engine.write_overhead(engine.some(made, engine.WRITES, report["seed"] + 3))
    return biggest
