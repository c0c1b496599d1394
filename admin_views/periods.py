"""Periods: close the books up to a day after a look at what would stay behind, open them again, and who did so when."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext
from wtforms import BooleanField, Form, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from gecko.db import transaction
from gecko.errors import Conflict, Invalid
from gecko.language import _
from gecko.models.bank import EntryState
from gecko.modules import Feature, Gate
from gecko.operations import closing, periods
from gecko.operations.closing import Left
from gecko.permissions import Permission

from .base import PageView, holds, message_of, principal, require
from .fields import DanishDateField, parse_date
from .grid.records import read_id

_REOPEN = "reopen-"
_REASON = [InputRequired(), Length(max=periods.LONGEST_REASON)]


class StepForm(Form):
    """A closing or reopening. seen: the step that held when the page was made; once: makes a second submit harmless."""

    seen = HiddenField()
    once = HiddenField()


class CloseForm(StepForm):
    """Close up to a day. left: what the page listed as left behind, which the tick `leave` agrees to."""

    left = HiddenField()
    until = DanishDateField(_("Close up to and including"), [InputRequired()])
    reason = StringField(
        _("Reason"), _REASON, description=_("It stands in the history, for example “October is done”.")
    )

    leave = BooleanField(_("Close all the same, and leave behind what is listed"))

    def agreed(self) -> dict[str, int]:
        """How many of each kind may be left behind."""
        pairs = (one.split(":") for one in (self["left"].data or "").split(",") if one.count(":") == 1)
        return {kind: read_id(count) or 0 for kind, count in pairs} if self["leave"].data else {}


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
        return self._step(
            form,
            words,
            lambda: closing.close(form["until"].data, agreed=form.agreed(), **_common(form)),
            closing_form=form,
        )

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
            if "leave" in form:
                form["leave"].data = False  # agreed to over another state
            return self._page(**shown), 409
        except Invalid as error:
            field = form[error.field or "until"]
            field.errors = [*field.errors, message_of(error)]
            return self._page(**shown), 422
        flash(words, "success")
        return redirect(self.get_url(".index"), 303)

    def _page(self, closing_form: Form | None = None, reopening: Form | None = None) -> str:
        asked = closing_form["until"].data if closing_form else _asked()
        left = closing.left_behind(asked) if asked else []
        fresh = {"seen": _seen(), "once": secrets.token_hex(16)}
        return str(
            self.render(
                "periods/index.html",
                closed_until=periods.closed_until(),
                asked=asked,
                standing=periods.standing(asked) if asked else None,
                left=[(one, _address(one.kind, asked)) for one in left],
                listed=",".join(f"{one.kind.value}:{one.count}" for one in left),
                closing=closing_form or CloseForm(until=asked, **fresh),
                reopening=reopening or ReopenForm(prefix=_REOPEN, **fresh),
                may_reopen=holds(Permission.LEDGER_REOPEN),
                history=periods.history(),
            )
        )


def _address(kind: Left, until: date) -> str | None:
    """Where the leftovers are listed, for those who may see them; runs have an address each."""
    former = periods.closed_until()
    since = f"{former + timedelta(days=1):%d-%m-%Y}" if former else None
    last = f"{until:%d-%m-%Y}"
    if kind == Left.DRAFTS and holds(Permission.INVOICE_ISSUE):
        return url_for("invoice-drafts.index_view", f_document_date_from=since, f_document_date_to=last)
    if kind == Left.BANK and holds(Permission.DEBTOR_SETTLE) and principal().groups is None:
        days = {"f_booked_on_from": since, "f_booked_on_to": last}
        return url_for("bank-payments.index_view", f_state=EntryState.OPEN.value, **days)
    if kind == Left.LETTERS and holds(Permission.DEBTOR_VIEW):
        return url_for("dunning.index_view", f_created_on_from=since, f_created_on_to=last)
    if kind == Left.RUNS and holds((Permission.REMINDER_SEND, Permission.DEBTOR_VIEW)):
        return url_for("dunning_runs.index")
    return None


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
