"""`gecko bounce`: what a mail server pipes a returned mail into."""

from __future__ import annotations

import logging
import sys
from typing import NoReturn

import click
from flask import Flask
from flask.cli import ScriptInfo

from gecko import logs
from gecko.db import run_write
from gecko.gateways import opening
from gecko.gateways.email import bounces
from gecko.operations.messaging import bouncing

log = logging.getLogger(__name__)
TRY_LATER = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and pipes it again."""


@click.command("bounce")
@click.option("--to", "envelope_to", default="", metavar="ADDRESS", help="The address it was delivered to.")
@click.pass_context
def bounce(context: click.Context, envelope_to: str) -> None:
    """Take one returned mail from standard input.

    The exit code is 0 once it was taken, forged ones included, and 75 where it is to be piped again later: while the
    database does not answer, or the installation is not set up, no bounce gets lost.
    """
    logs.set_up()
    raw = sys.stdin.buffer.read(bounces.LONGEST)
    while sys.stdin.buffer.read(bounces.LONGEST):
        pass  # to its end, or the mail server takes the pipe for broken
    try:
        app = context.ensure_object(ScriptInfo).load_app()
        taken = _take(app, raw, envelope_to)
    except Exception as error:  # whatever it is: a mail that was not taken is kept by the mail server
        log.exception("a bounce could not be taken")
        _try_later(str(error))
    click.echo(str(taken))


def _take(app: Flask, raw: bytes, envelope_to: str) -> bouncing.Taken:
    paths = opening.return_paths(app.config["GECKO"], app.config["GECKO_SECRETS"])
    if paths is None:
        _try_later("BOUNCE_DOMAIN is not set.")
    with app.app_context():
        return run_write(lambda: bouncing.take(raw, paths, envelope_to=envelope_to))


def _try_later(why: str) -> NoReturn:
    click.echo(why, err=True)
    raise SystemExit(TRY_LATER)
