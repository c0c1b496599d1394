"""The prepayment of one debtor: paid in, used for what is open, paid out, taken back."""

from __future__ import annotations

import secrets
from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext
from wtforms import Form, HiddenField, StringField
from wtforms.validators import Length

from gecko.errors import Invalid
from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.models.prepayments import PrepaymentEntry, PrepaymentKind
from gecko.operations import ledger, posting_words, prepaying, prepayments
from gecko.permissions import Permission

from ..guard import holds, require
from . import open_items, prepaid
from .one_debtor import OneDebtorView
from .payment_form import PaymentForm
from .settling_form import SettlingForm


class ReversingForm(Form):
    """Why an entry is taken back."""

    reason = StringField(_("Reason"), [Length(max=200)])
    once = HiddenField()


class DebtorPrepaymentView(OneDebtorView):
    """What a debtor paid beforehand, and what became of it."""

    slug = "debtor_prepayment"
    title = _("Prepayment")

    def __init__(self) -> None:
        super().__init__(url="/debtors/<int:id>/prepayment")

    @expose("/")
    def index(self, id: int) -> Any:  # noqa: A002
        """The entries, what is left, and what it can be used for."""
        return self._page(self.debtor(id))

    @expose("/pay-in", methods=("POST",))
    def pay_in(self, id: int) -> Any:  # noqa: A002
        """Record money that was paid beforehand."""
        require(Permission.DEBTOR_EDIT)
        debtor, form = self.debtor(id), PaymentForm(request.form, prefix="in-")

        def run(form: PaymentForm) -> str:
            prepaying.pay_in(id, form["amount_ore"].data, **form.facts(), key=form.key("prepay", id))
            return gettext("The prepayment is recorded.")

        return self._answer(debtor, self.did(form, run), paying_in=form)

    @expose("/use", methods=("POST",))
    def use(self, id: int) -> Any:  # noqa: A002
        """Pay what is ticked with the prepayment."""
        require(Permission.DEBTOR_SETTLE)
        debtor, form = self.debtor(id), SettlingForm(request.form)

        def run(form: SettlingForm) -> str:
            seen = form.chosen()
            prepaying.use(id, seen, amount_ore=form.amount_ore.data, key=form.key("use-prepaid", id), seen=seen)
            return gettext("The prepayment is used.")

        return self._answer(debtor, self.did(form, run), using=form)

    @expose("/pay-out", methods=("POST",))
    def pay_out(self, id: int) -> Any:  # noqa: A002
        """Record that some of it was paid back."""
        require(Permission.DEBTOR_WRITE_OFF)
        debtor, form = self.debtor(id), PaymentForm(request.form, prefix="out-")

        def run(form: PaymentForm) -> str:
            prepaying.pay_out(id, form["amount_ore"].data, **form.facts(), key=form.key("pay-prepaid", id))
            return gettext("The payout is recorded.")

        return self._answer(debtor, self.did(form, run), paying_out=form)

    @expose("/reverse", methods=("POST",))
    def reverse(self, id: int) -> Any:  # noqa: A002
        """Take one of the entries back."""
        require(Permission.DEBTOR_EDIT)
        debtor, form = self.debtor(id), ReversingForm(request.form)
        wanted = request.form.get("entry", type=int) or 0

        def run(form: ReversingForm) -> str:
            row = prepayments.of_debtor(id, wanted)
            if row is None:
                raise Invalid("The record was not found.")
            if row.kind == PrepaymentKind.PAID_OUT:
                require(Permission.DEBTOR_WRITE_OFF)
            once = form["once"].data
            key = f"unprepay:{wanted}:{once}" if once else None
            prepaying.reverse(wanted, reason=form["reason"].data or "", key=key)
            return gettext("The entry is reversed.")

        return self._answer(debtor, self.did(form, run), reversing=form)

    def _answer(self, debtor: Debtor, is_done: bool, **forms: Form) -> Any:
        if is_done:
            return redirect(url_for(".index", id=(request.view_args or {})["id"]), 303)
        return self._page(debtor, **forms), 422

    def _page(self, debtor: Debtor, **forms: Form) -> str:
        page = prepaid.page(debtor.id, request.args.get("after"))
        lives, once = debtor.deleted_at is None, secrets.token_urlsafe(12)
        may_use = lives and holds(Permission.DEBTOR_SETTLE) and page.balance_ore > 0
        owed = open_items.side(debtor.id, open_items.OWED, request.args.get("owed_after")) if may_use else None
        using = forms.get("using") or SettlingForm(once=once, ticks=request.args.getlist("tick"))
        return str(
            self.render(
                "debtors/prepayment.html",
                debtor=debtor,
                outstanding=ledger.outstanding(debtor.id),
                page=page,
                owed=owed,
                using=using,
                paying_in=forms.get("paying_in") or PaymentForm.empty(once=once, prefix="in-"),
                paying_out=forms.get("paying_out") or PaymentForm.empty(once=once, prefix="out-"),
                reversing=forms.get("reversing") or ReversingForm(),
                once=once,
                at=lambda **places: url_for(".index", id=debtor.id, **places),
                kind_words=posting_words.KINDS,
                entry_words=posting_words.PREPAYMENTS,
                may_pay_in=lives and holds(Permission.DEBTOR_EDIT),
                may_pay_out=lives and holds(Permission.DEBTOR_WRITE_OFF),
                may_reverse=self._may_reverse if lives else lambda _entry: False,
            )
        )

    def _may_reverse(self, entry: PrepaymentEntry) -> bool:
        """Whether the user may take back an entry of that kind."""
        out = entry.kind == PrepaymentKind.PAID_OUT
        return holds(Permission.DEBTOR_EDIT) and (not out or holds(Permission.DEBTOR_WRITE_OFF))
