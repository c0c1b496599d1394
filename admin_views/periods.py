"""Periods: close the books up to a day after a look at what is still open, open them again, and who did so when."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from wtforms import Form, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from gecko.db import transaction
from gecko.errors import Conflict, Invalid
from gecko.language import _
from gecko.modules import Feature, Gate
from gecko.operations import periods
from gecko.permissions import Permission

from .base import PageView, holds, message_of, require
from .fields import DanishDateField, parse_date
from .grid.records import read_id

_REOPEN = "reopen-"
_REASON = [InputRequired(), Length(max=periods.LONGEST_REASON)]


class StepForm(Form):
    """A closing or reopening. seen: the step that held when the page was made; once: makes a second submit harmless."""

    seen = HiddenField()
    once = HiddenField()


class CloseForm(StepForm):
    """Close up to a day."""

    until = DanishDateField(_("Close up to and including"), [InputRequired()])
    reason = StringField(
        _("Reason"), _REASON, description=_("It stands in the history, for example “October is done”.")
    )


class ReopenForm(StepForm):
    """Open again what is after a day."""

    until = DanishDateField(
        _("Stay closed up to and including"), description=_("Empty opens everything that was ever closed.")
    )
    reason = StringField(_("Reason"), _REASON)


class PeriodsView(PageView):
    """How far the books are closed."""

    permission = Permission.LEDGER_CLOSE
    gate = Gate((Feature.INVOICES,))
    slug = "periods"
    title = _("Periods")
    icon = "lock"

    @expose("/")
    def index(self) -> Any:
        """The history, the forms, and what a day would close where one is asked about."""
        return self._page()

    @expose("/close", methods=("POST",))
    def close(self) -> Any:
        """Close up to a day."""
        form = CloseForm(request.form)
        words = gettext("The period is closed.")
        return self._step(form, words, lambda: periods.close(form["until"].data, **_common(form)), closing=form)

    @expose("/reopen", methods=("POST",))
    def reopen(self) -> Any:
        """Open again."""
        require(Permission.LEDGER_REOPEN)
        form = ReopenForm(request.form, prefix=_REOPEN)
        words = gettext("The period is open again.")
        return self._step(form, words, lambda: periods.reopen(form["until"].data, **_common(form)), reopening=form)

    def _step(self, form: Form, words: str, work: Callable[[], Any], **shown: Form) -> Any:
        if not form.validate():
            return self._page(**shown), 422
        try:
            with transaction():
                work()
        except Conflict as error:
            form.form_errors.append(message_of(error))
            form["seen"].data = _seen()
            return self._page(**shown), 409
        except Invalid as error:
            field = form[error.field or "until"]
            field.errors = [*field.errors, message_of(error)]
            return self._page(**shown), 422
        flash(words, "success")
        return redirect(self.get_url(".index"), 303)

    def _page(self, closing: Form | None = None, reopening: Form | None = None) -> str:
        asked = closing["until"].data if closing else _asked()
        fresh = {"seen": _seen(), "once": secrets.token_hex(16)}
        return str(
            self.render(
                "periods/index.html",
                closed_until=periods.closed_until(),
                asked=asked,
                standing=periods.standing(asked) if asked else None,
                closing=closing or CloseForm(until=asked, **fresh),
                reopening=reopening or ReopenForm(prefix=_REOPEN, **fresh),
                may_reopen=holds(Permission.LEDGER_REOPEN),
                history=periods.history(),
            )
        )


def _asked() -> Any:
    """The day that the address asks about; None where it is no day."""
    try:
        return parse_date(request.args.get("until", ""))
    except ValueError:
        return None


def _seen() -> int:
    row = periods.current()
    return row.id if row else 0


def _common(form: Form) -> dict[str, Any]:
    once, seen = form["once"].data, form["seen"].data
    return {
        "reason": form["reason"].data,
        "seen": 0 if seen == "0" else read_id(seen) or -1,
        "key": f"period:{once}" if once else None,
    }
