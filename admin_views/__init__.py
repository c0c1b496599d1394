"""The pages: Flask-Admin views over the domain, and the whole menu in one list."""

from __future__ import annotations

import os

from flask import Flask

ROOT = os.path.dirname(__file__)


def init_app(app: Flask) -> None:
    """Wire log-in, language, headers and every page to the app."""
    from . import assets, formats, headers, i18n, login, one_time_link, preferences, shell, signing_in

    i18n.init_app(app)
    login.init_app(app)
    signing_in.init_app(app)
    one_time_link.init_app(app)
    headers.init_app(app)
    assets.init_app(app)
    formats.init_app(app)
    shell.init_app(app)
    preferences.init_app(app)
