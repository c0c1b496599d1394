"""`gecko bench account`: a debtor with very many postings, whose pages are opened, settled and undone over HTTP."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import click
from sqlalchemy import insert, select

from gecko import schema
from gecko.config import Config
from gecko.db import db, transaction
from gecko.models.people import Role, StaffUser
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import automatic_settling, debtors, seeding, sessions
from gecko.operations.automatic_settling import Choice

from . import servers
from .measure import Client, Sample

BAR_MS = 150
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_TICK = re.compile(r'name="tick" value="(\d+:-?\d+)"')
_SETTLEMENT = re.compile(r'name="settlement" value="(\d+)"')
_FURTHER = re.compile(r'rel="next" href="([^"]+)"')
_FIRST = date(2016, 1, 1)
_DAYS = 3_500
_CHUNK = 5_000


@click.command("account")
@click.option("--postings", default=100_000, show_default=True, type=click.IntRange(1_000), help="Of one debtor.")
@click.option(
    "--db", "database", default="both", type=click.Choice(["sqlite", "postgresql", "both"]), show_default=True
)
@click.option("--rounds", default=30, show_default=True, type=click.IntRange(1), help="Requests of each kind.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def account(postings: int, database: str, rounds: int, *, as_json: bool) -> None:
    """Open and settled postings, settling and undoing one, of a debtor half of whose postings are settled."""
    wanted = ("sqlite", "postgresql") if database == "both" else (database,)
    runs = [run(postings, name, rounds) for name in wanted]
    for one in runs:
        click.echo(f"{one['database']}, {postings:,} postings: p50/p95 ms (CPU ms)", err=True)
        for name, figures in one["operations"].items():
            click.echo(f"  {name:14} {figures['p50_ms']}/{figures['p95_ms']} ({figures['cpu_ms']})", err=True)
    passed = all(figures["p95_ms"] <= BAR_MS for one in runs for figures in one["operations"].values())
    if as_json:
        click.echo(json.dumps({"benchmark": "account", "postings": postings, "passed": passed, "runs": runs}))
    if not passed:
        raise SystemExit(1)


def run(postings: int, database: str, rounds: int) -> dict[str, Any]:
    """Measure on one kind of database, with a server of its own."""
    with ExitStack() as stack:
        instance = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gecko-bench-")))
        pids: list[int] = []
        url = f"sqlite:///{instance / 'gecko.db'}"
        if database == "postgresql":
            url, server_pid = stack.enter_context(servers.postgres())
            pids.append(server_pid)
        config = Config(instance, url, f"unix://{instance / 'queue.sock'}", embedded_queue=True, secure=False)
        debtor_id, cookie = _prepare(config, postings)
        port, pid = stack.enter_context(servers.contestant("product", instance, url))
        return {"database": database, "operations": _measure(Client(port, [pid, *pids], cookie), debtor_id, rounds)}


def _prepare(config: Config, postings: int) -> tuple[int, str]:
    """A debtor with so many postings, half of them settled; its id and an office manager's cookie."""
    from app import create_app

    with create_app(config).app_context():
        schema.upgrade()
        with transaction():
            seeding.seed()
            debtor_id = debtors.create({"company_name": "Storkunde A/S"}, complete=False).id
        rows = _rows(debtor_id, postings // 2)
        for start in range(0, len(rows), _CHUNK):
            with transaction() as session:
                session.execute(insert(DebtorPosting), rows[start : start + _CHUNK])
        for _step in range(postings // 4 // automatic_settling.STEP):
            with transaction():
                automatic_settling.settle(debtor_id, Choice())
        with transaction() as session:
            office = session.scalars(select(Role).where(Role.key == "office")).one()
            manager = StaffUser(username="bench", name="Bench", roles=[office])
            session.add(manager)
            session.flush()
            token = sessions.start(manager, ip="127.0.0.1", user_agent="bench")
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        db.session.remove()
        db.engine.dispose()
    return debtor_id, f"gecko={token}"


def _rows(debtor_id: int, pairs: int) -> list[dict[str, Any]]:
    """As many that are owed as that pay, of amounts that do not pair up."""
    return [
        {"debtor_id": debtor_id, "kind": kind, "amount_ore": sign * (10_000 + n * step % 9_973), "text": str(n),
         "posted_on": _FIRST + timedelta(days=n * _DAYS // pairs)}
        for n in range(pairs) for kind, sign, step in ((PostingKind.PAYOUT, 1, 7), (PostingKind.PAYMENT, -1, 11))
    ]  # fmt: skip


def _measure(client: Client, debtor_id: int, rounds: int) -> dict[str, dict[str, float]]:
    """Everything in turns, so that a busy moment of the machine hits all alike; the first turn only warms."""
    at = f"/debtors/{debtor_id}/postings/"
    samples = {name: Sample() for name in ("open", "open, further", "settled", "account", "settle one", "undo one")}

    def ask(name: str, work: Callable[..., Any], *given: Any) -> str:
        return str(work(*given, Sample() if turn == 0 else samples[name]).content.decode())

    for line in client.get(at).headers.get_all("Set-Cookie", []):  # what the forms' tokens are checked against
        for name, cookie in SimpleCookie(line).items():
            client.headers["Cookie"] += f"; {name}={cookie.value}"
    further = at
    for turn in range(rounds + 1):
        page = ask("open", client.get, at)
        follows = _FURTHER.search(ask("open, further", client.get, further))
        further = follows[1].replace("&amp;", "&") if follows else at
        ask("account", client.get, f"/debtors/details/?id={debtor_id}")
        ticks = _TICK.findall(page)
        owed, paid = (next(one for one in ticks if (":-" in one) == is_paid) for is_paid in (False, True))
        token = _found(_TOKEN, page)
        settled = [("csrf_token", token), ("tick", owed), ("tick", paid), ("once", str(turn))]
        ask("settle one", client.post, f"{at}settle", settled)
        page = ask("settled", client.get, f"{at}?open=0&settled=1")
        undone = {"csrf_token": token, "settlement": _found(_SETTLEMENT, page), "once": str(turn)}
        ask("undo one", client.post, f"{at}undo", undone)
    return {name: sample.summary() for name, sample in samples.items()}


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise click.ClickException(f"the page holds no {pattern.pattern}")
    return found[1]
