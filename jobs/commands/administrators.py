"""`gecko administrator`: the way into a new installation whose parts are served alone."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from gecko.db import transaction
from gecko.operations import one_time_links


@click.command("administrator")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where people reach the pages.")
@with_appcontext
def administrator(url: str) -> None:
    """Print a link that makes the first administrator: it works once, for a day, and replaces earlier ones.

    `gecko serve` prints one by itself.
    """
    with transaction():
        link = one_time_links.first_administrator_link()
    if link is None:
        raise click.ClickException("There is a super administrator already, who can make others in the pages.")
    click.echo(f"{url.rstrip('/')}{link}")
