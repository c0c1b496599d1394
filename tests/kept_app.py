"""One app for the tests of a process, lent with another database each time; building one outlasts most tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy
from flask import Flask
from sqlalchemy.engine import Engine

from app import settings
from gecko.config import Config
from gecko.db import configure_engine, db


class KeptApp:
    """An app of one kind of database; one that a test added something to is thrown away."""

    def __init__(self, make: Callable[[Config], Flask]) -> None:
        self._make = make
        self._app: Flask | None = None
        self._config: dict[str, Any] = {}
        self._shape: tuple[Any, ...] = ()

    def lend(self, config: Config) -> Flask:
        """The app as if it had just been made for `config`."""
        if self._app is None or _shape(self._app) != self._shape:
            self._app = self._make(config)
            self._config, self._shape = dict(self._app.config), _shape(self._app)
            return self._app
        app = self._app
        app.config.clear()
        app.config.update(self._config | settings(config))
        app._got_first_request = False
        options = app.config["SQLALCHEMY_ENGINE_OPTIONS"]
        engine = sqlalchemy.create_engine(config.database_url, **options)
        _know_statements(engine, of=db._app_engines[app][None])
        db._app_engines[app] = {None: engine}
        configure_engine(engine)
        return app


def _know_statements(engine: Engine, *, of: Engine) -> None:
    """Let an engine use the statements that another has compiled, which knows them by its dialect; what the product
    keeps by engine is its own. To compile them anew took a fifth of the time of a test of a page."""
    if of.dialect.server_version_info is None:
        return  # it never met its server, and does not know what it understands
    engine.dialect = engine.pool._dialect = of.dialect
    engine._compiled_cache = of._compiled_cache


def _shape(app: Flask) -> tuple[Any, ...]:
    """What a test may have added to an app."""
    hooks = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    return (
        dict(app.view_functions),
        dict(app.jinja_env.globals),
        set(app.jinja_env.filters),
        [{name: len(functions) for name, functions in hook.items()} for hook in hooks],
        app.test_client_class,
    )
