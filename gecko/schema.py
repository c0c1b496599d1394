"""The schema: upgrade, compare with the models, and draft a new revision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from . import orphans
from .db import _WRITING, Base, db
from .migrations import env_filters

SCRIPTS = Path(__file__).parent / "migrations"


def _config(connection: Connection, **attributes: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes.update(connection=connection, **attributes)
    return config


def upgrade(revision: str = "head") -> None:
    """Bring the database of the running app to `revision` in one transaction, then make the triggers."""
    with db.engine.connect().execution_options(**{_WRITING: True}) as connection, connection.begin():
        command.upgrade(_config(connection), revision)


def downgrade(revision: str) -> None:
    """Take the database back to `revision`; triggers and search indexes of dropped tables go with them."""
    connecting = db.engine.connect().execution_options(**{_WRITING: True})
    with connecting as connection, _unchecked(connection), connection.begin():
        command.downgrade(_config(connection, no_triggers=True), revision)
        orphans.remove(connection)


@contextmanager
def _unchecked(connection: Connection) -> Iterator[None]:
    """Let SQLite drop tables without looking for children of every single row, which takes hours on real data."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction, so none may be open
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def differences() -> list[Any]:
    """What the models and the upgraded database disagree on; empty when the migrations are complete."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": env_filters.include_name, "compare_type": True}
        )
        return list(compare_metadata(context, Base.metadata))


def is_current() -> bool:
    """Whether the database has the schema this code expects."""
    from alembic.script import ScriptDirectory

    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        head = ScriptDirectory.from_config(_config(connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() == head


def draft(message: str, revision_id: str) -> None:
    """Write a new revision from the difference between models and database."""
    with db.engine.connect() as connection:
        command.revision(_config(connection, no_triggers=True), message=message, autogenerate=True, rev_id=revision_id)
