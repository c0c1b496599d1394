"""Bookkeeping: what would be handed over, the batches that were, their files, and the accounts everything goes to."""

from __future__ import annotations

import io
import secrets
from typing import Any

from flask import abort, flash, redirect, request, send_file
from flask_admin import expose
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, Form, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid
from gecko.language import _
from gecko.models.bookkeeping import BatchFormat, LedgerBatch
from gecko.modules import Feature, Gate
from gecko.operations import job_listing, settings
from gecko.operations.bookkeeping import batches, vouchers
from gecko.operations.bookkeeping.batches import Wish
from gecko.permissions import Permission
from jobs import bookkeeping as work
from jobs import queue

from .base import PageView, holds, message_of, principal
from .choices_page import ChoicesPage
from .fields import DanishDateField
from .jobs import LIVE, STATES

FORMATS = {
    BatchFormat.ECONOMIC: _("e-conomic, cash book (csv)"),
    BatchFormat.PLAIN: _("Plain csv, one line an account"),
}
AT_ONCE = 2_000
"""Postings that are looked through and handed over while the page waits; more are a job."""
RUNS = 5
_GATE = Gate((Feature.INVOICES,))


class BatchForm(Form):
    """What shall be handed over; once: makes a second submit find the first one's batch."""

    format = SelectField(_("Format"), choices=[SelectChoice(str(one), label) for one, label in FORMATS.items()])
    starts_on = DanishDateField(_("From"))
    ends_on = DanishDateField(_("To"), [InputRequired()])
    is_repeat = BooleanField(_("Also what was handed over before"))
    once = HiddenField()

    def wish(self) -> Wish:
        """What a valid form asks for."""
        found = {name: self[name].data for name in ("starts_on", "ends_on", "is_repeat")}
        return Wish(BatchFormat(self["format"].data), **found)


class BookkeepingView(PageView):
    """Batches of postings for the bookkeeping."""

    permission = Permission.LEDGER_EXPORT
    gate = _GATE
    slug = "bookkeeping"
    title = _("Bookkeeping")
    icon = "book"

    def is_accessible(self) -> bool:
        """A batch holds everybody's postings, so that no limited user sees one."""
        return super().is_accessible() and principal().groups is None

    @expose("/")
    def index(self) -> Any:
        """The batches, and what the next one would hold where that was asked."""
        if "ends_on" not in request.args:
            return self._page(BatchForm(ends_on=today(), once=secrets.token_hex(16)))
        form = BatchForm(request.args, once=secrets.token_hex(16))
        return self._page(form, is_asked=form.validate())

    @expose("/make", methods=("POST",))
    def make(self) -> Any:
        """Hand over what was looked at."""
        form = BatchForm(request.form)
        if not form.validate():
            return self._page(form), 422
        try:
            self._hand_over(form.wish(), form["once"].data or secrets.token_hex(16))
        except (Invalid, Conflict) as error:
            form.form_errors.append(message_of(error))
            return self._page(form, is_asked=True), 409 if isinstance(error, Conflict) else 422
        return redirect(self.get_url(".index"), 303)

    def _hand_over(self, wish: Wish, once: str) -> None:
        """At once, or by a job where it is much; one `once`, once."""
        user_id, key = principal().user_id, f"batch:{once}"
        run_id = job_listing.by_key(work.HAND_OVER, f"{user_id}:{once}")
        if run_id is None and batches.extent(wish).postings <= AT_ONCE:
            found = batches.prepare(wish)
            with transaction():
                number = batches.hand_over(found, key=key).number
            flash(gettext("Batch %(no)s is made. Fetch its file below.", no=number), "success")
            return
        with transaction():
            if run_id is None:
                run_id = work.start(wish, key=f"{user_id}:{once}", user_id=user_id)
        queue.wake(run_id)
        flash(gettext("The batches are being made. They are listed below one by one."), "success")

    @expose("/<int:number>/file")
    def file(self, number: int) -> Any:
        """The file of a batch as it was made."""
        batch = db.session.query(LedgerBatch).filter(LedgerBatch.number == number).one_or_none()
        if batch is None:
            abort(404)
        name = batches.filename(batch)
        return send_file(io.BytesIO(batch.content), mimetype="text/csv", as_attachment=True, download_name=name)

    def _page(self, form: BatchForm, *, is_asked: bool = False) -> str:
        preview, extent = None, None
        if is_asked:
            try:
                extent = batches.extent(form.wish())
                preview = batches.prepare(form.wish()) if extent.postings <= AT_ONCE else None
            except Invalid as error:
                field = form[error.field or "ends_on"]
                field.errors = [*field.errors, message_of(error)]
        return str(
            self.render(
                "bookkeeping/index.html",
                form=form,
                preview=preview,
                extent=extent,
                most=batches.MOST,
                runs=job_listing.of_kinds(principal(), [work.HAND_OVER], size=RUNS),
                states=STATES,
                live=LIVE,
                roles=batches.ROLES,
                formats=FORMATS,
                batches=batches.listed(),
                may_set_up=holds(Permission.DEBTOR_SETUP),
            )
        )


class AccountsForm(FlaskForm):
    """The accounts of the bookkeeping; `seen` names the state they were filled in over."""

    seen = HiddenField()
    vat_code = StringField(
        _("VAT code of e-conomic"), [Optional(), Length(max=20)], description=_("For sales with VAT, most often U25.")
    )


for _role in vouchers.ACCOUNTS:
    _account = StringField(
        batches.ROLES[_role], [Optional(), Regexp(r"\d{1,9}$", message=_("An account number has up to nine digits."))]
    )
    setattr(AccountsForm, _role, _account)


class BookkeepingAccountsView(ChoicesPage):
    """Which account of the bookkeeping takes what."""

    permission = Permission.DEBTOR_SETUP
    gate = _GATE
    slug = "bookkeeping_accounts"
    title = _("Accounts of the bookkeeping")
    icon = "list-numbers"
    form_class = AccountsForm

    def groups(self, form: Any) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """Accounts first."""
        form["bank"].description = _("For payments whose payment type has no account of its own.")
        form["sales"].description = _("For items whose item group has no account of its own.")
        return ((_("Accounts"), vouchers.ACCOUNTS), (_("VAT"), ("vat_code",)))

    def current(self) -> dict[str, Any]:
        """What the settings say."""
        return vouchers.chosen() | {"vat_code": settings.get(vouchers.VAT_CODE)}

    def chosen(self, form: AccountsForm) -> dict[str, Any]:
        """By setting."""
        return {f"bookkeeping.{name}": form[name].data or "" for name in (*vouchers.ACCOUNTS, "vat_code")}
