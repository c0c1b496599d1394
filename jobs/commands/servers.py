"""`gecko serve` and its parts: web, worker, beat; and `gecko demo`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click
from flask import Flask
from flask.cli import ScriptInfo, with_appcontext

from gecko import logs, schema
from gecko.db import db, transaction
from gecko.errors import ConfigError
from gecko.operations import demo as demo_data
from gecko.operations import one_time_links, seeding
from gecko.operations.demo.papers import Papers
from gecko.operations.matching import preparing
from jobs import beat as beats
from jobs import supervisor, web, worker
from jobs.messages import sender
from reports.letters import reminders, statements

_host = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
_port = click.option("--port", default=8000, show_default=True, help="The port to listen on; 0 picks a free one.")
_proxy = click.option(
    "--trusted-proxy", metavar="ADDRESS", help="A reverse proxy whose X-Forwarded-For and X-Forwarded-Proto count."
)


def set_up() -> None:
    """Bring the database up to date with what every installation starts with, and the program to its full speed."""
    schema.upgrade()
    with transaction():
        seeding.seed()
    preparing.prepare()


def _serve(
    app: Flask, host: str, port: int, *, trusted_proxy: str | None = None, fill: Callable[[], object] | None = None
) -> None:
    try:
        held = supervisor.lock(app.config["GECKO"])
        listener = web.listen(host, port)
    except (ConfigError, OSError) as error:
        raise click.ClickException(str(error)) from None
    set_up()
    if fill:
        fill()
    with transaction():
        link = one_time_links.first_administrator_link()
    if link:
        click.echo(f"Make the first administrator at {web.address(listener).rstrip('/')}{link} (works once, for a day)")
    click.echo(f"Gecko is at {web.address(listener)} (Ctrl-C stops it)")
    sys.stdout.flush()
    supervisor.run(app, listener, trusted_proxy=trusted_proxy)
    os.close(held)


@click.command("serve")
@_host
@_port
@_proxy
@click.pass_context
def serve(context: click.Context, host: str, port: int, trusted_proxy: str | None) -> None:
    """Serve everything: web, worker, beat, and a queue server unless REDIS_URL names one."""
    logs.set_up()
    app = context.ensure_object(ScriptInfo).load_app()
    with app.app_context():
        _serve(app, host, port, trusted_proxy=trusted_proxy)


@click.command("demo")
@_host
@_port
@click.pass_context
def demo(context: click.Context, host: str, port: int) -> None:
    """Serve an installation of its own with plausible Danish data, made on the first start.

    Lives in instance/demo unless GECKO_INSTANCE says otherwise. DATABASE_URL and REDIS_URL are not used, so that
    demo data never gets into a real database; messages go into files, so that none gets out.
    """
    logs.set_up()
    keep_apart(port)
    app = context.ensure_object(ScriptInfo).load_app()
    unfinished = app.config["GECKO"].instance / "demo-unfinished"
    with app.app_context():
        _serve(app, host, port, fill=lambda: fill_demo(unfinished))


def keep_apart(port: int) -> None:
    """Have this process serve a folder of the demo's own, whatever the environment says, and let no message out."""
    os.environ.setdefault("GECKO_INSTANCE", "instance/demo")
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ |= {"MAIL_URL": "file:", "SMS_URL": "file:"}
    os.environ["PUBLIC_URL"] = f"http://127.0.0.1:{port}" if port else ""


def fill_demo(unfinished: Path) -> None:
    """Make the demo's data where they are missing; from the start where a former try was broken off.

    An installation that somebody works in is refused: it would get accounts with known passwords.
    """
    if unfinished.exists():
        _throw_away()
        set_up()
    elif demo_data.stands():
        return
    elif not demo_data.has_room():
        raise click.ClickException(
            f"{unfinished.parent} holds an installation that is in use. Name another folder in GECKO_INSTANCE."
        )
    click.echo("Making the demo's data ...")
    sys.stdout.flush()
    unfinished.touch()
    demo_data.build(Papers(reminders.make, statements.mailed))
    unfinished.unlink()


def _throw_away() -> None:
    """Remove the database, which is a file of the demo's own (`keep_apart`).

    Migrations do not lead back where there are reminders.
    """
    path = db.engine.url.database
    db.session.remove()
    db.engine.dispose()
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)


@click.command("web")
@_host
@_port
@_proxy
@with_appcontext
@click.pass_context
def web_server(context: click.Context, host: str, port: int, trusted_proxy: str | None) -> None:
    """Serve the pages alone."""
    logs.set_up()
    app = context.ensure_object(ScriptInfo).load_app()
    try:
        listener = web.listen(host, port)
    except OSError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Gecko is at {web.address(listener)}")
    sys.stdout.flush()
    db.engine.dispose()
    web.serve(app, listener, trusted_proxy=trusted_proxy)


@click.command("worker")
@click.option("--poll", is_flag=True, help="Never use a queue server: look into the database every second.")
@with_appcontext
def work(poll: bool) -> None:
    """Do jobs, one at a time; start as many workers as there are processors to spare."""
    logs.set_up()
    worker.run(poll=poll)


@click.command("sender")
@click.option("--poll", is_flag=True, help="Never use a queue server: look into the database every second.")
@with_appcontext
def send(poll: bool) -> None:
    """Send messages; several senders share the outbox."""
    logs.set_up()
    sender.run(poll=poll)


@click.command("beat")
@with_appcontext
def beat() -> None:
    """Start periodic jobs, wake workers for forgotten ones and sweep the outbox; several beats do no harm."""
    logs.set_up()
    beats.run()
