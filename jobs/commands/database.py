"""`gecko db`: the schema."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from gecko import schema
from gecko.db import transaction
from gecko.operations import one_time_links, seeding
from gecko.operations.matching import filling, preparing


@click.group("db")
def database() -> None:
    """The database's schema."""


@database.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the schema up to date and add what every installation starts with."""
    schema.upgrade()
    with transaction():
        seeding.seed()
        link = one_time_links.first_administrator_link()
    if filling.is_needed():
        click.echo("Customers are prepared for the search for duplicates …")
        filling.run()
    preparing.prepare()
    click.echo("The database is up to date.")
    if link:
        click.echo(f"Make the first administrator at {link} below the installation's address (works once, for a day).")


@database.command("downgrade")
@click.argument("revision")
@with_appcontext
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION (`base` for nothing)."""
    schema.downgrade(revision)


@database.command("draft")
@click.argument("message")
@click.argument("revision_id")
@with_appcontext
def draft(message: str, revision_id: str) -> None:
    """Draft a migration from the difference between models and database (developers)."""
    schema.draft(message, revision_id)
