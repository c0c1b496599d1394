"""The command line in one list."""

from __future__ import annotations

import click

from jobs.commands.database import database

COMMANDS: list[click.Command] = [
    database,
]
