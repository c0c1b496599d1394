"""The application: one factory, and the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer

import admin_views
import admin_views.unsubscribing
import admin_views.webhooks
import gecko.models  # tables
import gecko.operations.matching.keeping  # noqa: F401 (signatures follow every write)
from admin_views import commands
from gecko import db, language
from gecko.config import Config, load_secrets
from gecko.operations.merging import rules as merge_rules

csrf = CSRFProtect()


class Application(Flask):
    """Flask, spared two things that it does anew for each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Flask looks a dozen times whether it calls a coroutine; there are none here."""
        return func


class FormCookie(SecureCookieSessionInterface):
    """The signed cookie of forms; its signer is made once for the keys that the app has."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer; another one where the app was given other keys."""
        keys = (app.secret_key, *app.config["SECRET_KEY_FALLBACKS"])
        if self._signer is None or self._signer[0] != keys:
            self._signer = keys, super().get_signing_serializer(app)
        return self._signer[1]

    _signer: tuple[object, URLSafeTimedSerializer | None] | None = None


def settings(config: Config) -> dict[str, Any]:
    """Flask's settings for one installation; makes its folder and keys where they are missing."""
    config.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = load_secrets(config.instance)
    return {
        "GECKO": config,
        "GECKO_SECRETS": keys,
        "SECRET_KEY": keys.secret_key,
        "SECRET_KEY_FALLBACKS": list(keys.fallbacks),
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SESSION_COOKIE_NAME": "__Host-gecko-form" if config.secure else "gecko-form",
        "SESSION_COOKIE_SECURE": config.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 64 * 1024 * 1024,
        "BABEL_TRANSLATION_DIRECTORIES": str(language.TRANSLATIONS),
        "BABEL_DEFAULT_TIMEZONE": "Europe/Copenhagen",
    }


def create_app(config: Config | None = None, **overrides: Any) -> Flask:
    """Build the app for one installation; `overrides` are Flask settings (tests)."""
    config = config or Config.from_environment()
    for name in language.LANGUAGES:
        if name != "en":
            language.compile_catalogue(name)
    app = Application("gecko", root_path=admin_views.ROOT, template_folder="templates", static_folder="static")
    app.config.update(settings(config) | overrides)
    app.session_interface = FormCookie()
    merge_rules.check()
    db.init_app(app)
    admin_views.init_app(app)
    for signed in (admin_views.webhooks.pages, admin_views.unsubscribing.pages):
        csrf.exempt(signed)  # machines send these, too: what they bring is signed, and no cookie counts
    csrf.init_app(app)  # after the door: who is not signed in is asked to, whatever form was sent
    return app


cli = commands.CommandLine(
    create_app=lambda: create_app(), add_default_commands=False, help="Gecko: customers and their money."
)
for command in commands.COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    cli()


if __name__ == "__main__":
    main()
