"""`gecko ledger`: seal the ledger, verify the seal, keep its head elsewhere, and hand postings over."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from gecko.db import db, transaction
from gecko.errors import GeckoError
from gecko.models.bookkeeping import BatchFormat
from gecko.operations.bookkeeping import batches
from gecko.operations.sealing import anchors, seals, verifying

_SHOWN = 50


@click.group("ledger")
def ledger() -> None:
    """Seal the ledger against being rewritten, verify it, and hand it over to the bookkeeping."""


@ledger.command("seal")
@with_appcontext
def seal() -> None:
    """Seal everything that was written since the last seal."""
    rows = seals.seal_all()
    head = seals.newest()
    db.session.rollback()
    click.echo(f"{rows} rows sealed" + (f"; seal {head.id}, {head.hash}" if head else ""))


@ledger.command("verify")
@click.option("--anchor", "kept", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Kept elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def verify(kept: Path | None, as_json: bool) -> None:
    """Hash every sealed row again, and compare with an anchor. The exit code is 1 where anything differs.

    Without an anchor this cannot tell whether somebody with the key made the whole chain anew, or cut off its end.
    """
    started = time.perf_counter()
    verdict = verifying.verify()
    if kept is not None:
        with force_locale("en"):
            try:
                verdict.problems += anchors.differences(kept.read_bytes())
            except GeckoError as error:
                raise click.ClickException(str(error)) from error
    db.session.rollback()
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        click.echo(json.dumps(asdict(verdict) | {"seconds": seconds, "ok": not verdict.problems}))
    else:
        for problem in verdict.problems[:_SHOWN]:
            click.echo(f"WRONG  {problem}")
        if len(verdict.problems) > _SHOWN:
            click.echo(f"       and {len(verdict.problems) - _SHOWN} more")
        state = "WRONG" if verdict.problems else "ok"
        click.echo(
            f"{state}  {verdict.rows} rows under {verdict.seals} seals, {verdict.unsealed} not sealed yet,"
            f" {seconds} s; head {verdict.head}"
        )
    sys.exit(1 if verdict.problems else 0)


@ledger.command("anchor")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE to keep elsewhere.")
@with_appcontext
def write_anchor(out: Path) -> None:
    """Write the head of the chain with its counts and time to a file."""
    with force_locale("en"):
        try:
            said = anchors.anchor()
            out.write_bytes(anchors.written(said))
        except GeckoError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(f"{out} cannot be written: {error.strerror or error}") from error
    db.session.rollback()
    click.echo(f"{out}: seal {said['seal']}, {said['rows']} rows, {said['hash']}")


@ledger.command("export")
@click.option("--format", "form", type=click.Choice([str(one) for one in BatchFormat]), required=True)
@click.option("--from", "starts_on", type=click.DateTime(["%Y-%m-%d"]), help="First day; else from the beginning.")
@click.option("--to", "ends_on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day.")
@click.option("--again", is_flag=True, help="Also what was handed over before.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.csv.")
@with_appcontext
def export(form: str, starts_on: datetime | None, ends_on: datetime, again: bool, out: Path) -> None:
    """Hand postings over to the bookkeeping as a numbered batch; many become several, FILE-2.csv and so on."""
    starts = starts_on.date() if starts_on else None
    wish = batches.Wish(BatchFormat(form), ends_on.date(), starts, again)
    wish = replace(wish, last_id=batches.extent(wish).last_id)
    made = 0
    with force_locale("en"):
        while (found := batches.prepare(wish)).posting_ids or not made:
            said = _hand_over(found, out if not made else out.with_stem(f"{out.stem}-{made + 1}"))
            click.echo(said)
            made, wish = made + 1, replace(wish, after_id=found.posting_ids[-1])


def _hand_over(found: batches.Prepared, out: Path) -> str:
    """One batch, and its file; nothing is handed over where the file cannot be written."""
    try:
        with transaction():
            batch = batches.hand_over(found)
            out.write_bytes(batch.content)
            return (
                f"{out}: batch {batch.number}: {batch.postings} postings, {batch.lines} lines, SHA-256 {batch.sha256}"
            )
    except GeckoError as error:
        lines = [f"  {batches.ROLES[role]}: no account for {count} lines" for role, count in found.missing.items()]
        raise click.ClickException("\n".join([str(error), *lines])) from error
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror or error}") from error
