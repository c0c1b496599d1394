"""`gecko duplicates`: look for duplicates, check one customer, tell how things stand, list the pairs."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from sqlalchemy import select

from gecko import actor
from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.jobs import JobRun, JobState
from gecko.operations import job_runs, matching
from gecko.operations.duplicates import freshness, listing
from gecko.operations.duplicates.freshness import Scope
from jobs import duplicates, runner

_WAIT = 0.5


@click.group("duplicates")
def commands() -> None:
    """Customers that may be registered more than once."""


@commands.command("scan")
@click.option("--group", metavar="NAME", help="Only customers of this group, with each other.")
@click.option("--across", is_flag=True, help="Only customers of different groups.")
@click.option("--changed", "only_changed", is_flag=True, help="Only customers that changed since the last scan.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def scan(group: str | None, across: bool, only_changed: bool, as_json: bool) -> None:
    """Compare customers and bring the queue up to date; without an option, everybody with everybody."""
    if sum((group is not None, across, only_changed)) > 1:
        raise click.UsageError("Give one of --group, --across and --changed.")
    began = time.monotonic()
    if only_changed:
        result = run(duplicates.CHANGED, "changed", {})
    else:
        scope = Scope(_group(group) if group is not None else None, across)
        result = run(duplicates.SCAN, scope.key, scope.parameters())
    result["seconds"] = round(time.monotonic() - began, 2)
    _tell(result, as_json)


def run(kind: str, key: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Do a job here and now, as a job that everybody can see; wait for it where a worker has it already."""
    with actor.acting_as(actor.Actor(name="gecko duplicates", source="cli")), force_locale("en"):
        with transaction():
            run_id = job_runs.create(kind=kind, key=key, parameters=parameters, user_id=None)
        if runner.execute(run_id) is None:
            _wait_for(run_id)
        db.session.rollback()
        ended = db.session.get_one(JobRun, run_id, populate_existing=True)
        if ended.state != JobState.DONE:
            raise click.ClickException(ended.error or f"The search ended as {ended.state}.")
        return dict(ended.result or {})


def _wait_for(run_id: int) -> None:
    while True:
        db.session.rollback()
        if db.session.scalar(select(JobRun.state).where(JobRun.id == run_id)) not in job_runs.LIVE:
            return
        time.sleep(_WAIT)


def _group(name: str) -> int:
    found = db.session.scalar(select(CustomerGroup.id).where(CustomerGroup.name == name))
    if found is None:
        raise click.ClickException(f"There is no customer group “{name}”.")
    return found


def _tell(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        click.echo(f"{name.replace('_', ' ')}: {value}")


@commands.command("check")
@click.argument("who", metavar="NUMBER_OR_ID")
@with_appcontext
def check(who: str) -> None:
    """List who may be the same person as one customer, by customer number, or by id where no number is so."""
    customer = _customer(who)
    with force_locale("en"):
        found = listing.described(matching.check(customer.id))
        click.echo(f"{customer.name}: {len(found)} found")
        for row in found:
            other = row.b if row.a.id == customer.id else row.a
            click.echo(
                f"{row.found.lane}  {row.found.probability:.4f}  {listing.named(other)}  {other.name}  {row.reasons}"
            )


def _customer(who: str) -> Customer:
    living = select(Customer).where(Customer.deleted_at.is_(None)).limit(2)
    rows = db.session.scalars(living.where(Customer.number == who)).all()
    if not rows and who.isdecimal() and who.isascii() and len(who) < 18:
        rows = db.session.scalars(living.where(Customer.id == int(who))).all()
    if len(rows) > 1:
        raise click.ClickException(f"Several customers have the number {who}; give the id of one.")
    if not rows:
        raise click.ClickException(f"There is no customer {who}.")
    return rows[0]


@commands.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def status(as_json: bool) -> None:
    """Tell what waits to be decided, how current it is, and what the last scan left out."""
    limits, last = matching.thresholds(), freshness.last_whole()
    facts: dict[str, Any] = {f"open_cases_{lane}": count for lane, count in listing.open_cases().items()}
    facts |= {f"open_pairs_{lane}": count for lane, count in listing.open_pairs().items()}
    facts |= {
        "changed_customers": freshness.changed(),
        "is_current": freshness.is_current(),
        "model": freshness.model(),
        "threshold_sure": limits.sure,
        "threshold_probable": limits.probable,
        "last_whole_scan": last.finished_at.isoformat(timespec="seconds") if last else None,
    }
    if last is not None:
        facts |= {f"dropped_{name}": count for name, count in freshness.dropped(last).items()}
    _tell(facts, as_json)


@commands.command("pairs")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The csv file to write.")
@click.option("--min-probability", type=click.FloatRange(0, 1), help="The lowest probability of one person.")
@with_appcontext
def pairs(out: Path, min_probability: float | None) -> None:
    """Write the pairs that nobody has decided about to a csv file.

    By default those at or above the threshold from which on a pair is more likely one person than not. Customers are
    compared first where that is not up to date. A customer without a number stands as id:N.
    """
    if freshness.needs_whole_scan():
        run(duplicates.SCAN, Scope().key, Scope().parameters())
    elif freshness.changed():
        run(duplicates.CHANGED, "changed", {})
    least = matching.thresholds().probable if min_probability is None else min_probability
    with out.open("w", encoding="utf-8", newline="") as file, force_locale("en"):
        writer = csv.writer(file)
        writer.writerow(listing.HEADER)
        count = 0
        for row in listing.pairs(least):
            writer.writerow(row)
            count += 1
    click.echo(f"{count} pairs written to {out}")
