"""The command line in one list."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import FlaskGroup
from sqlalchemy.exc import DBAPIError, OperationalError

from admin_views.commands.bench import bench
from admin_views.commands.chaos import chaos
from gecko.errors import ConfigError
from jobs.commands.administrators import administrator
from jobs.commands.bounce import bounce
from jobs.commands.check import check
from jobs.commands.database import database
from jobs.commands.duplicates import commands as duplicates
from jobs.commands.imports import import_file
from jobs.commands.ledger import ledger
from jobs.commands.servers import beat, demo, send, serve, web_server, work
from reports.commands.exports import exports

COMMANDS: list[click.Command] = [
    database,
    administrator,
    import_file,
    check,
    ledger,
    duplicates,
    serve,
    demo,
    web_server,
    work,
    send,
    bounce,
    beat,
    exports,
    bench,
    chaos,
]


class CommandLine(FlaskGroup):
    """All commands; what is wrong with the installation, not with the program, is told in one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            said = str(error.orig).strip()
            if "no such table" in said or "no such column" in said or getattr(error.orig, "sqlstate", "") in _OLD:
                raise click.ClickException(
                    "The database has no schema yet, or an old one: run `gecko db upgrade`."
                ) from error
            if isinstance(error, OperationalError):
                raise click.ClickException(f"The database does not answer: {said}") from error
            raise


_OLD = frozenset({"42P01", "42703"})  # PostgreSQL: undefined table, undefined column
