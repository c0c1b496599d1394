"""`gecko chaos`: kills who sends or issues, changes what is told meanwhile, or does all at random; then reckons."""

from __future__ import annotations

import importlib.util
import json
import logging
import platform
import random
from dataclasses import asdict
from typing import Any

import click

from . import accounting, flagging, issuing, ledger, moving, randomly, systematic, tampering
from .stage import stage


@click.group("chaos")
def chaos() -> None:
    """Trials that break things on purpose, in an installation of their own."""


@chaos.command("messages")
@click.option("--messages", default=10_000, show_default=True, type=click.IntRange(min=0), help="Written and sent.")
@click.option("--kills", default=1_000, show_default=True, type=click.IntRange(min=0), help="At random meanwhile.")
@click.option("--times", default=0, show_default=True, help="Instead: kill so often at each named point.")
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--without-queue", is_flag=True, help="No queue server throughout.")
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def messages(
    messages: int, kills: int, times: int, dialect: str, without_queue: bool, seed: int, as_json: bool
) -> None:
    """Send messages while senders, writers, mail server and queue server are killed; then reckon.

    Fails where a message is lost, sent twice or unaccounted for, or more than one in a hundred needs a decision. With
    --times, a process is killed at each named point between two steps; fails where an outcome is none that may be.
    """
    prepare()
    found: dict[str, Any] = {"trial": "messages", "db": dialect, "python": platform.python_version()}
    with stage(dialect) as made:
        if times:
            facts, keys = systematic.run(made, times)
            found["outcomes"] = facts
            wrong = [point for point, seen in facts.items() if not set(seen) <= systematic.allowed(point)]
        else:
            facts, keys = randomly.run(made, messages=messages, kills=kills, seed=seed, with_queue=not without_queue)
            found |= {"messages": messages, "kills": kills, "queue": not without_queue, **facts}
            wrong = [] if len(keys) == messages else [f"{messages - len(keys)} were never written"]
        account = accounting.settle(keys, made.taken())
    found |= asdict(account) | {"wrong": wrong}
    is_clean = account.is_whole and (account.is_decided or bool(times))  # at the fence kills are undecided on purpose
    tell(found, as_json=as_json, is_clean=is_clean and not wrong)


@chaos.command("reminders")
@click.option("--bookings", "count", default=1_000, show_default=True, type=click.IntRange(min=1), help="Changed.")
@click.option("--kills", default=20, show_default=True, type=click.IntRange(min=0), help="Of senders, at random.")
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def reminders(count: int, kills: int, dialect: str, seed: int, as_json: bool) -> None:
    """Move and cancel bookings while their reminders are sent; then hold every mail against the hour of its booking.

    Fails where a mail was accepted for a time that a change had ended before, or a booking's time was never told.
    """
    prepare()
    found: dict[str, Any] = {"trial": "reminders", "db": dialect, "bookings": count, "kills": kills}
    with stage(dialect) as made:
        reckoning = moving.run(made.app, made.mail.ledger, count=count, kills=kills, seed=seed)
    tell(found | asdict(reckoning), as_json=as_json, is_clean=reckoning.is_clean)


@chaos.command("flagged")
@click.option("--messages", default=50_000, show_default=True, type=click.IntRange(min=1), help="Written and sent.")
@click.option("--flagged", default=2_000, show_default=True, type=click.IntRange(min=1), help="Addresses that fail.")
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def flagged_addresses(messages: int, flagged: int, dialect: str, seed: int, as_json: bool) -> None:
    """Mark addresses while messages to them are written, claimed and sent, and correct some meanwhile.

    Fails where anything passed its fence to a marked address, went twice, or did not go once its address was right.
    """
    prepare()
    found: dict[str, Any] = {"trial": "flagged", "db": dialect}
    with stage(dialect) as made:
        reckoning = flagging.run(made.app, made.taken, messages=messages, flagged=flagged, seed=seed)
    tell(found | asdict(reckoning), as_json=as_json, is_clean=reckoning.is_clean)


@chaos.command("invoices")
@click.option("--writers", default=20, show_default=True, type=click.IntRange(min=2), help="Processes that issue.")
@click.option("--invoices", default=20_000, show_default=True, type=click.IntRange(min=1), help="Issued.")
@click.option("--kills", default=200, show_default=True, type=click.IntRange(min=0), help="From outside, at random.")
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def invoices(writers: int, invoices: int, kills: int, dialect: str, seed: int, as_json: bool) -> None:
    """Issue invoices by many processes; a fifth of the attempts breaks or is killed with the number drawn.

    Fails where a number is missing or stands twice, an invoice has no posting, somebody was told a number that is not
    so, or `gecko check` finds anything.
    """
    with issuing.installation(dialect) as app:
        reckoning = issuing.run(app, invoices=invoices, writers=writers, kills=kills, seed=seed)
    tell({"trial": "invoices", "db": dialect} | asdict(reckoning), as_json=as_json, is_clean=reckoning.is_clean)


@chaos.command("tampering")
@click.option("--rows", default=1_000, show_default=True, type=click.IntRange(min=1), help="Changed one at a time.")
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def tampered_rows(rows: int, dialect: str, seed: int, as_json: bool) -> None:
    """Change, remove, swap and slip in sealed rows past every trigger, on SQLite also as bytes of the file.

    Fails where `gecko check` does not say that something is wrong, or does not name the row.
    """
    prepare()
    found: dict[str, Any] = {"trial": "tampering", "db": dialect, "seed": seed}
    with stage(dialect) as made, made.app.test_request_context():
        tampering.trade()
        reckoning = tampering.run(rows, dice=random.Random(seed))  # noqa: S311 (a trial that can be repeated)
    tell(found | asdict(reckoning), as_json=as_json, is_clean=reckoning.is_clean)


@chaos.command("ledger")
@click.option("--operations", default=10_000, show_default=True, type=click.IntRange(min=1), help="Made at random.")
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ledger_by_the_books(operations: int, dialect: str, seed: int, as_json: bool) -> None:
    """Move debtors' ledgers in any order, and hold every step against books kept in plain Python.

    Fails where a figure differs, now or as of a day, where something is refused or done that the books see otherwise,
    or `gecko check` finds anything. Dates are today's: begin it on one day and let it end on the same.
    """
    with issuing.installation(dialect):
        reckoning = ledger.run(operations, seed=seed)
    found = {"trial": "ledger", "db": dialect, **asdict(reckoning)}
    tell(found, as_json=as_json, is_clean=reckoning.is_clean)


def prepare() -> None:
    """See that the trial's own servers are there, and quiet the logs. Raises ClickException."""
    if importlib.util.find_spec("aiosmtpd") is None:
        raise click.ClickException("The mail server of the trial is missing: install gecko-customers[chaos].")
    for name in ("jobs", "rq"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # that servers are away and jobs die is the trial itself


def tell(found: dict[str, Any], *, as_json: bool, is_clean: bool) -> None:
    """Print what a trial found; ends the program with 1 where that is not clean."""
    click.echo(json.dumps(found) if as_json else "\n".join(f"{key}: {value}" for key, value in found.items()))
    if not is_clean:
        raise SystemExit(1)
