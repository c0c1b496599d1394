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
from gecko.errors import Invalid
from gecko.language import _
from gecko.models.bookkeeping import BatchFormat, LedgerBatch
from gecko.modules import Feature, Gate
from gecko.operations import settings
from gecko.operations.bookkeeping import batches, vouchers
from gecko.permissions import Permission

from .base import PageView, holds, message_of, principal
from .choices_page import ChoicesPage
from .fields import DanishDateField

FORMATS = {
    BatchFormat.ECONOMIC: _("e-conomic, cash book (csv)"),
    BatchFormat.PLAIN: _("Plain csv, one line an account"),
}
_GATE = Gate((Feature.INVOICES,))


class BatchForm(Form):
    """What shall be handed over; once: makes a second submit find the first one's batch."""

    format = SelectField(_("Format"), choices=[SelectChoice(str(one), label) for one, label in FORMATS.items()])
    starts_on = DanishDateField(_("From"))
    ends_on = DanishDateField(_("To"), [InputRequired()])
    is_repeat = BooleanField(_("Also what was handed over before"))
    once = HiddenField()

    def wish(self) -> batches.Wish:
        """What a valid form asks for."""
        found = {name: self[name].data for name in ("starts_on", "ends_on", "is_repeat")}
        return batches.Wish(BatchFormat(self["format"].data), **found)


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
        once = form["once"].data
        try:
            with transaction():
                batch = batches.make(form.wish(), key=f"batch:{once}" if once else None)
                number = batch.number
        except Invalid as error:
            form.form_errors.append(message_of(error))
            return self._page(form, is_asked=True), 422
        flash(gettext("Batch %(no)s is made. Fetch its file below.", no=number), "success")
        return redirect(self.get_url(".index"), 303)

    @expose("/<int:number>/file")
    def file(self, number: int) -> Any:
        """The file of a batch as it was made."""
        batch = db.session.query(LedgerBatch).filter(LedgerBatch.number == number).one_or_none()
        if batch is None:
            abort(404)
        name = batches.filename(batch)
        return send_file(io.BytesIO(batch.content), mimetype="text/csv", as_attachment=True, download_name=name)

    def _page(self, form: BatchForm, *, is_asked: bool = False) -> str:
        preview = None
        if is_asked:
            try:
                preview = batches.preview(form.wish())
            except Invalid as error:
                field = form[error.field or "ends_on"]
                field.errors = [*field.errors, message_of(error)]
        return str(
            self.render(
                "bookkeeping/index.html",
                form=form,
                preview=preview,
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
