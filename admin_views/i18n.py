"""Which language a page speaks, and how money and time look in it."""

from __future__ import annotations

from flask import Flask, has_request_context, request, session
from flask_babel import Babel
from flask_login import current_user

from gecko.language import DEFAULT, LANGUAGES


def locale() -> str:
    """The signed-in user's language, else the one chosen before sign-in, else the browser's first that we speak."""
    if not has_request_context():
        return DEFAULT
    if current_user and current_user.is_authenticated:
        return str(current_user.language)
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, DEFAULT) or DEFAULT


def init_app(app: Flask) -> None:
    """Set Flask-Babel up."""
    Babel(app, locale_selector=locale)
