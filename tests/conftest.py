"""Fixtures: an app on each database, a client signed in as any role.

A database is built once by the migrations and copied for every test: a file copy on SQLite, a template on PostgreSQL,
whose files are copied too (through the log, which is PostgreSQL's own choice, a copy costs more than twice as much).
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import event

from app import create_app
from gecko import actor, schema
from gecko.config import Config
from gecko.db import db, transaction
from gecko.operations import seeding
from tests import factories, scratch, servers
from tests.kept_app import KeptApp

DATABASES = ("sqlite", "postgresql")


settings.register_profile("gecko", deadline=None)  # speed is measured by benchmarks, never by a test
settings.load_profile("gecko")


def pytest_configure() -> None:
    scratch.in_memory()
    # The collector went through all apps and modules again and again, a fifth of the processor's time. What a test
    # leaves in a circle is still found, and pytest collects in full before it ends.
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def _nobody_acts() -> None:
    """A request of an earlier test must not sign the changes of this one."""
    actor.become(actor.SYSTEM)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.redis() as url:
        yield url


class KeptTemplates(BytecodeCache):
    """Compiled templates, kept for all the apps of a test run: each app would compile the same ones again."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = KeptTemplates()


class Client(FlaskClient):
    """A client whose every request has an application context of its own, and leaves no actor, as on a real server."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        with self.application.app_context(), actor.acting_as(actor.SYSTEM):
            response = super().open(*args, **kwargs)
        db.session.rollback()  # the test's own session sees what the request wrote
        return response


def make_app(instance: Path, database_url: str, redis_url: str | None = None) -> Flask:
    return built(configured(instance, database_url, redis_url))


def configured(instance: Path, database_url: str, redis_url: str | None = None) -> Config:
    return Config(
        instance=instance,
        database_url=database_url,
        redis_url=redis_url or f"unix://{instance / 'no-queue.sock'}",
        embedded_queue=redis_url is None,
        secure=False,
    )


def built(config: Config) -> Flask:
    app = create_app(config, TESTING=True)
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = TEMPLATES
    return app


Addition = Callable[[Flask], None]
_kept: dict[tuple[str, Addition | None], KeptApp] = {}


def _lend(database: str, addition: Addition | None, config: Config) -> Flask:
    def make(config: Config) -> Flask:
        app = built(config)
        if addition:
            addition(app)
        return app

    return _kept.setdefault((database, addition), KeptApp(make)).lend(config)


@pytest.fixture(scope="module")
def addition() -> Addition | None:
    """What a module's tests add to every app; one that overrides this has apps of its own, made once."""
    return None


def _build(app: Flask) -> None:
    with app.app_context():
        schema.upgrade()
        with transaction():
            seeding.seed()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    path = folder / "gecko.db"
    _build(make_app(folder, f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    _execute(postgres_url, "CREATE DATABASE gecko_template")
    _build(make_app(tmp_path_factory.mktemp("pg"), postgres_url.replace("/postgres?", "/gecko_template?")))
    return "gecko_template"


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def sqlite_app(sqlite_template: Path, tmp_path: Path, addition: Addition | None) -> Iterator[Flask]:
    path = tmp_path / "gecko.db"
    shutil.copy(sqlite_template, path)
    app = _lend("sqlite", addition, configured(tmp_path, f"sqlite:///{path}"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


_counter = iter(range(1, 1_000_000))


@pytest.fixture
def postgres_app(
    postgres_url: str, postgres_template: str, tmp_path: Path, addition: Addition | None
) -> Iterator[Flask]:
    name = f"test_{next(_counter)}"
    _execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {postgres_template} STRATEGY file_copy")
    app = _lend("postgresql", addition, configured(tmp_path, postgres_url.replace("/postgres?", f"/{name}?")))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    _execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def app(request: pytest.FixtureRequest) -> Flask:
    """The app on each database in turn; the test body runs inside its application context."""
    return request.getfixturevalue("sqlite_app" if request.param == "sqlite" else "postgres_app")


@pytest.fixture
def client_as(app: Flask) -> Callable[..., FlaskClient]:
    """`client_as("office")`: a client signed in as a new user of that role; forms need no CSRF token unless asked."""

    def make(*roles: str, csrf: bool = False, **user: object) -> FlaskClient:
        app.config["WTF_CSRF_ENABLED"] = csrf
        return factories.signed_in(app, factories.user(*roles, **user))

    return make


@pytest.fixture
def client_as_sqlite(sqlite_app: Flask) -> Callable[..., FlaskClient]:
    """`client_as` where the dialect cannot matter."""

    def make(*roles: str, csrf: bool = False, **user: object) -> FlaskClient:
        sqlite_app.config["WTF_CSRF_ENABLED"] = csrf
        return factories.signed_in(sqlite_app, factories.user(*roles, **user))

    return make


@pytest.fixture
def queries() -> Callable[..., AbstractContextManager[list[str]]]:
    """`with queries(app) as seen:`: every statement that reaches the database inside the block."""

    @contextmanager
    def listen(app: Flask) -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            if not statement.startswith(("BEGIN", "ROLLBACK", "SAVEPOINT", "RELEASE")):
                seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return listen


@pytest.fixture
def statements() -> Callable[..., AbstractContextManager[list[tuple[str, Any]]]]:
    """The same with each statement's parameters."""

    @contextmanager
    def listen(app: Flask) -> Iterator[list[tuple[str, Any]]]:
        seen: list[tuple[str, Any]] = []

        def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
            if not statement.startswith(("BEGIN", "ROLLBACK", "SAVEPOINT", "RELEASE")):
                seen.append((statement, parameters))

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return listen
