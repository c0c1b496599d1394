"""`gecko import`: files of invoices, customers, debtors or items from the command line."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from gecko import actor
from gecko.errors import GeckoError
from gecko.operations.importing import mapping as mappings
from gecko.operations.importing.faults import Unreadable
from gecko.operations.importing.fields import Kind
from gecko.operations.importing.running import open_import
from gecko.operations.importing.writing import Context
from jobs import imports

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("import")
@click.argument("kind", type=click.Choice([str(kind) for kind in Kind]))
@click.argument("file", type=_FILE)
@click.option("--mapping", "mapping_file", type=_FILE, required=True, help="Which column is which field (TOML).")
@click.option("--dry-run", is_flag=True, help="Decide on every row, write nothing.")
@click.option("--rejects", type=_FILE, help="Write the refused rows with their reasons to this csv file.")
@click.option("--warnings", "warnings_file", type=_FILE, help="Write the warnings to this csv file.")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
@with_appcontext
def import_file(
    kind: str,
    file: Path,
    mapping_file: Path,
    dry_run: bool,
    rejects: Path | None,
    warnings_file: Path | None,
    as_json: bool,
) -> None:
    """Import FILE (csv or xlsx). Every row ends as imported, existing or refused.

    The exit code is 0 when the whole file was gone through, refused rows or not, and 1 when it could not be.
    """
    began = time.monotonic()
    try:
        facts = _run(Kind(kind), file, mapping_file, dry_run, rejects, warnings_file)
    except GeckoError as error:
        if as_json:
            click.echo(json.dumps({"error": str(error), "seconds": round(time.monotonic() - began, 3)}))
        raise click.ClickException(str(error)) from None
    _report(facts, round(time.monotonic() - began, 3), as_json=as_json, is_dry=dry_run)


def _run(
    kind: Kind, file: Path, mapping_file: Path, is_dry: bool, rejects: Path | None, warnings_file: Path | None
) -> dict[str, Any]:
    mapping = mappings.load(mapping_file, kind)
    context = Context(is_dry=is_dry)
    who = actor.Actor(name="gecko import", source="import")
    with actor.acting_as(who), force_locale("en"):  # the command line speaks English, its lists too
        try:
            run = open_import(file, mapping, context=context, rejects=rejects, warnings=warnings_file)
        except OSError as error:
            raise Unreadable("The file cannot be read: %(error)s", error=str(error)) from None
        with run:
            imports.drive(run, is_dry=is_dry)
            return imports.finish(run, kind=kind, name=file.name, is_dry=is_dry)


def _report(facts: dict[str, Any], seconds: float, *, as_json: bool, is_dry: bool) -> None:
    if as_json:
        click.echo(json.dumps({**facts, "dry_run": is_dry, "seconds": seconds}))
        return
    click.echo(
        f"{facts['read']} rows read: {facts['imported']} imported ({facts['updated']} of them updated),"
        f" {facts['existing']} existing, {facts['refused']} refused; {facts['warnings']} warnings; {seconds} s"
    )
    for name, count in facts.items():
        if name.startswith("made_"):
            click.echo(f"{count} {name.removeprefix('made_').replace('_', ' ')} made")
    if facts["like_customers"] or facts["like_rows"]:
        click.echo(
            f"{facts['like_customers']} new rows look like customers who are there already, {facts['like_rows']} like"
            " earlier rows: see the warnings, and `gecko duplicates`"
        )
    if facts["unlooked"]:
        click.echo(
            f"{facts['unlooked']} new rows were compared with the latest rows before them only: the file is long"
        )
    if is_dry:
        click.echo("A dry run: nothing was written.")
