"""The least that the domain runs in, for benchmarks: an app without pages, and an installation without people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask_babel import Babel

import gecko.models  # noqa: F401 (tables)
from gecko import actor, schema
from gecko import db as database
from gecko.db import db, transaction
from gecko.operations import seeding


def app(url: str) -> Flask:
    """An app on a database, with no page."""
    made = Flask("gecko-bench")
    made.config["SQLALCHEMY_DATABASE_URI"] = url
    database.init_app(made)
    Babel(made)
    return made


@contextmanager
def at_work(url: str) -> Iterator[None]:
    """Work on a database as a request or a job does; its connections are closed at the end."""
    with app(url).test_request_context(), actor.acting_as(actor.Actor(name="gecko bench", source="import")):
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def install() -> None:
    """Make the schema with its triggers and what every installation starts with."""
    schema.upgrade()
    with transaction():
        seeding.seed()
