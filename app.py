"""The application: one factory, and the command line."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect

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
    app = Flask("gecko", root_path=admin_views.ROOT, template_folder="templates", static_folder="static")
    app.config.update(settings(config) | overrides)
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
