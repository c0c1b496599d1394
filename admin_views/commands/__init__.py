"""The command line in one list."""

from __future__ import annotations

import click

from admin_views.commands.bench import bench
from jobs.commands.check import check
from jobs.commands.database import database
from jobs.commands.imports import import_file
from jobs.commands.servers import beat, demo, serve, web_server, work
from reports.commands.exports import exports

COMMANDS: list[click.Command] = [
    database,
    import_file,
    check,
    serve,
    demo,
    web_server,
    work,
    beat,
    exports,
    bench,
]
