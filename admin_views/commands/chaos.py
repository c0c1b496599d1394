"""`gecko chaos webhooks`: reports about texts called in at the real address, over real connections."""

from __future__ import annotations

import http.client
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace

import click
from flask import Flask, g
from werkzeug.serving import make_server

from admin_views import webhooks
from gecko.db import db
from jobs.chaos import storm
from jobs.chaos.messages import chaos, prepare, tell
from jobs.chaos.stage import stage

ANSWER_WITHIN = 60.0


@chaos.command("webhooks")
@click.option("--webhooks", "calls", default=10_000, show_default=True, type=click.IntRange(min=1), help="Calls made.")
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def webhook_storm(calls: int, dialect: str, seed: int, as_json: bool) -> None:
    """Call in what became of texts, doubled, shuffled, late and forged; then hold the table against a model.

    Fails where a text, a mark or an answer is not what the model predicts.
    """
    prepare()
    secret = secrets.token_hex(16)
    with stage(dialect) as made:
        gateways = replace(made.config.gateways, webhook_secret=secret)
        made.app.config["GECKO"] = replace(made.config, gateways=gateways)
        with _served(made.app) as post:
            reckoning = storm.run(post, secret=secret, calls=calls, seed=seed)
    found = {"trial": "webhooks", "db": dialect, **asdict(reckoning)}
    tell(found, as_json=as_json, is_clean=reckoning.is_clean)


@contextmanager
def _served(app: Flask) -> Iterator[Callable[[storm.Call], int]]:
    """The address for webhooks, served by threads on this machine; yields what makes one call."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)  # a line for each call
    app.before_request(_number)
    webhooks.init_app(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="webhooks")
    thread.start()
    try:
        yield lambda call: _post(server.port, call)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        db.session.remove()


def _number() -> None:
    g.request_id = secrets.token_hex(8)


def _post(port: int, call: storm.Call) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN)
    headers = {"Content-Type": "application/json", "Signature": call.signature}
    try:
        connection.request("POST", "/hooks/sms", call.body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
