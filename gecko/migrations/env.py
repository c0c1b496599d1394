"""Alembic environment: the app's own connection, triggers made anew after each upgrade."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

import gecko.models  # noqa: F401 (tables)
from gecko import triggers
from gecko.db import Base
from gecko.migrations.env_filters import include_name


def run() -> None:
    """Upgrade over the connection that gecko.schema hands in."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        include_name=include_name,
        compare_type=True,
    )
    if connection.dialect.name == "postgresql":
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    context.run_migrations()
    if not context.config.attributes.get("no_triggers"):
        triggers.install(connection)


run()
