"""The reader's own taste: language and theme, kept on the user, or in the form session before sign-in."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, redirect, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from gecko.db import db, transaction
from gecko.language import LANGUAGES
from gecko.models.people import StaffUser

from .login import local_target
from .shell import THEMES

pages = Blueprint("preferences", __name__)
CHOICES = {"language": LANGUAGES, "theme": THEMES}


@pages.post("/preferences")
def save() -> Response:
    """Keep the language or theme that was chosen, and return to the page it was chosen on."""
    chosen = {name: request.form[name] for name in CHOICES if name in request.form}
    if not chosen or any(value not in CHOICES[name] for name, value in chosen.items()):
        abort(400)
    if current_user.is_authenticated:
        with transaction():
            user = db.session.get_one(StaffUser, current_user.user_id)
            for name, value in chosen.items():
                setattr(user, name, value)
    else:
        session.update(chosen)
    return redirect(local_target(request.referrer, own_host=True), 303)


def init_app(app: Flask) -> None:
    """Add the address that saves choices."""
    app.register_blueprint(pages)
