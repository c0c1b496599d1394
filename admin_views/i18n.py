"""Which language a page speaks; the texts of Flask-Admin and WTForms come from our catalogue as well.

Both packages look in catalogues of their own: Flask-Admin's Danish is wrong in places and WTForms has none.
"""

from __future__ import annotations

from functools import cache

import flask_admin.babel
import flask_admin.form
import flask_babel
from babel import Locale
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, Domain
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms.meta import DefaultMeta

from gecko.language import DEFAULT, LANGUAGES, TEXTS, TRANSLATIONS


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


@cache
def _parsed(name: str) -> Locale:
    """A language as Babel knows it, which reads it anew each time it is asked by name."""
    return Locale.parse(name)


class FormTexts:
    """What WTForms asks for the words of its messages."""

    def gettext(self, text: str) -> str:
        """`text` in the page's language."""
        return flask_babel.gettext(text)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The form of a counted text for `n`, its placeholders left for WTForms to fill."""
        return flask_babel.get_translations().ungettext(singular, plural, n)


FORM_TEXTS = FormTexts()


def _form_texts(_meta: object, _form: object) -> FormTexts:
    return FORM_TEXTS


class CatalogueBabel(Babel):
    """Flask-Babel with one domain for the whole app instead of a new one for each request."""

    @property
    def domain_instance(self) -> Domain:
        """The domain that gettext asks."""
        return TEXTS


def use_our_catalogue() -> None:
    """Point both packages at our catalogue; every form class gets it, whoever derives it."""
    DefaultMeta.get_translations = _form_texts
    FlaskForm.Meta.get_translations = _form_texts
    flask_admin.form.BaseForm._translations = FORM_TEXTS
    domain = flask_admin.babel.domain
    domain._translation_directories, domain.domain = [str(TRANSLATIONS)], ["messages"]


def init_app(app: Flask) -> None:
    """Set Flask-Babel up, for our texts and for those of the packages."""
    CatalogueBabel(app, locale_selector=lambda: _parsed(locale()))
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: TEXTS.get_translations().ugettext(text),
        ngettext=lambda one, many, n: TEXTS.get_translations().ungettext(one, many, n),
        newstyle=True,
    )
    use_our_catalogue()
