"""The debtor overview and the page of one debtor."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import func, select
from wtforms import Form, StringField
from wtforms.validators import InputRequired, Length

from gecko.db import db, transaction
from gecko.errors import GeckoError, Invalid, NotFound
from gecko.language import _
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor, DebtorGroup
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.models.prepayments import PrepaymentEntry
from gecko.modules import Feature, Gate
from gecko.operations import (
    debtor_links,
    debtors,
    ledger,
    payment_terms,
    prepayments,
    reversing,
    settling,
    visibility,
)
from gecko.permissions import Permission

from . import refusals
from .base import GridView, holds, principal, require
from .debtor_page import account, links
from .debtor_page.payment_form import PaymentForm
from .fields import LookupField
from .grid import filters
from .grid.records import read_id
from .grid.state import GridState
from .postings import KIND_WORDS
from .shell import address

_OWED = (
    select(DebtorPosting.debtor_id).group_by(DebtorPosting.debtor_id).having(func.sum(DebtorPosting.amount_ore) != 0)
)
_PREPAID = (
    select(PrepaymentEntry.debtor_id)
    .group_by(PrepaymentEntry.debtor_id)
    .having(func.sum(PrepaymentEntry.amount_ore) != 0)
)
_LINK = Markup('<a href="{}">{}</a>')


_WAYS = (
    ("settling.index", _("Automatic settlement"), "checks", Permission.DEBTOR_SETTLE),
    ("dunning_runs.index", _("Payment reminders"), "mail", Permission.REMINDER_SEND),
    ("report_balance_list.index", _("Balance list"), "report-money", Permission.DEBTOR_VIEW),
    ("debtor-groups.index_view", _("Debtor groups"), "users-group", Permission.DEBTOR_VIEW),
)
"""Where the overview leads: to what is done with many debtors at once."""


class LinkForm(Form):
    """A customer for whom the debtor is to pay."""

    customer_id = LookupField(_("Customer"), [InputRequired()], endpoint="customers")


class DebtorsView(GridView):
    """Who is invoiced, and what they owe. At first only those with an outstanding amount."""

    model = Debtor
    slug = "debtors"
    title = _("Debtor overview")
    icon = "building"
    permission = Permission.DEBTOR_VIEW
    create_permission = edit_permission = delete_permission = Permission.DEBTOR_EDIT
    export_permission = Permission.DEBTOR_EXPORT
    gate = Gate((Feature.INVOICES,))
    list_template = "debtors/list.html"
    column_list = (
        "number", "group", "display_name", "prepayment_ore", "outstanding_ore", "open_postings", "city", "phone",
        "email",
    )  # fmt: skip
    column_hidden = ("cvr", "ean", "att", "address", "postal_code", "term", "reminder_block", "created_at")
    column_labels = {
        "number": _("No."),
        "group": _("Group"),
        "group_id": _("Group"),
        "display_name": _("Name"),
        "prepayment_ore": _("Prepayment"),
        "outstanding_ore": _("Outstanding"),
        "open_postings": _("Open postings"),
        "name": _("Name"),
        "company_name": _("Company name"),
        "att": _("Att."),
        "address": _("Address"),
        "postal_code": _("Postal code"),
        "city": _("City"),
        "country": _("Country"),
        "phone": _("Telephone"),
        "email": _("E-mail"),
        "cvr": _("CVR no."),
        "ean": _("EAN no."),
        "contact_reference": _("Contact reference"),
        "order_reference": _("Order reference"),
        "language": _("Language"),
        "term": _("Payment term"),
        "term_id": _("Payment term"),
        "reminder_block": _("No payment reminders"),
        "created_at": _("Created"),
    }
    column_needs = {
        "": ("name", "company_name", "number"),
        "display_name": ("name", "company_name"),
        "prepayment_ore": ("id",),
        "outstanding_ore": ("id",),
        "open_postings": ("id",),
    }
    column_sortable_list = ("number", ("display_name", "name_sort"), ("group", "group_id"))
    column_default_sort = "display_name"
    column_filters = (
        filters.Relation("group_id", target=DebtorGroup),
        filters.Text("city"),
        filters.Text("cvr"),
        filters.Text("ean"),
        filters.Boolean("reminder_block"),
    )
    form_columns = (
        "name", "company_name", "att", "cvr", "ean", "number", "address", "postal_code", "city", "country", "phone",
        "email", "group_id", "term_id", "language", "contact_reference", "order_reference", "reminder_block",
    )  # fmt: skip
    form_choices = {"language": (("da", _("Danish")), ("en", _("English")))}
    form_args = {
        **{name: {"validators": [InputRequired()]} for name in debtors.REQUIRED},
        "term_id": {"description": _("Empty: the group's term, or else the default one")},
        "ean": {"description": _("13 digits, for public bodies")},
    }
    form_extra_fields = {
        "number": StringField(_("No."), [Length(max=40)], description=_("Empty: the next free number")),
    }
    form_groups = (
        (_("Name"), ("name", "company_name", "att", "number", "cvr", "ean")),
        (_("Address"), ("address", "postal_code", "city", "country", "phone", "email")),
        (_("Invoicing"), ("group_id", "term_id", "language", "contact_reference", "order_reference", "reminder_block")),
    )

    def scope(self, statement: Any) -> Any:
        """Debtors that pay, or paid, for customers the user may see."""
        return visibility.debtors(statement, principal())

    def search_placeholder(self) -> str:
        """What can be searched for."""
        return str(_("No., name, e-mail, CVR or EAN"))

    def source(self, state: GridState) -> Any:
        """Hide those who owe nothing, unless a switch or the list of deleted ones says otherwise."""
        found, applied = super().source(state)
        if state.filters.get("prepaid") == "1":
            found.conditions.append((Debtor.id.in_(_PREPAID), prepayments.balance_sql() != 0))
        elif state.filters.get("zero") != "1" and not state.is_deleted:
            found.conditions.append((Debtor.id.in_(_OWED), ledger.outstanding_sql() != 0))
        return found, applied

    def lookup_rows(self, typed: str, limit: int) -> list[Any]:
        """Any debtor can be looked up."""
        state = GridState(search=" ".join(typed[:100].split()), size=limit, filters={"zero": "1"})
        ids = self.source(state)[0].page(state).ids
        rows = {row.id: row for row in db.session.scalars(select(Debtor).where(Debtor.id.in_(ids)))}
        return [rows[row_id] for row_id in ids if row_id in rows]

    def search_url(self, typed: str) -> str:
        """Those who owe nothing are found as well."""
        return str(self.get_url(".index_view", q=typed, f_zero="1"))

    def switches(self, state: GridState) -> list[tuple[str, bool, str]]:
        """Whether those who owe nothing are hidden, and everybody who has no prepayment."""
        hides, prepaid = state.filters.get("zero") != "1", state.filters.get("prepaid") == "1"
        return [
            (gettext("Hide outstanding = 0"), hides and not prepaid,
             state.query_string(f_zero="1" if hides and not prepaid else None, f_prepaid=None)),
            (gettext("Only with prepayment"), prepaid, state.query_string(f_prepaid=None if prepaid else "1")),
        ]  # fmt: skip

    def ways(self) -> list[tuple[str, Any, str]]:
        """Address, words and icon of what the reader may do from here."""
        found = [(address(endpoint), label, icon) for endpoint, label, icon, needed in _WAYS if holds(needed)]
        return [(url, label, icon) for url, label, icon in found if url]

    def empty_text(self) -> tuple[str, ...]:
        """Nobody owes anything, or there is nobody."""
        return (
            gettext("Nobody owes anything"),
            gettext("Debtors with an outstanding amount appear here. The others are hidden."),
            f"{self.get_url('.index_view')}?f_zero=1",
            gettext("Show all debtors"),
        )

    def page_values(self, ids: list[int]) -> dict[str, dict[int, Any]]:
        """What each debtor on the page prepaid and owes, and how many postings are open, with a link to them."""
        return {
            "prepayment_ore": prepayments.balances(ids),
            "outstanding_ore": ledger.outstanding_many(ids),
            "open_postings": {
                debtor_id: _LINK.format(url_for("debtor_account.index", id=debtor_id), count)
                for debtor_id, count in settling.count_open(ids).items()
            },
        }

    def delete_effect(self, row: Any) -> list[str]:
        """A debtor with money between us stays."""
        owed = ledger.outstanding(row.id)
        if owed:
            return [gettext("The debtor has an outstanding amount and cannot be deleted.")]
        if prepayments.balance(row.id):
            return [gettext("The debtor has a prepayment and cannot be deleted; use it or pay it out first.")]
        return [gettext("The debtor is hidden; its postings and invoices stay.")]

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a debtor."""
        return debtors.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a debtor."""
        return debtors.update(row.id, values)

    def perform_delete(self, row: Any) -> None:
        """Hide a debtor who owes nothing."""
        debtors.delete(row.id)

    def perform_restore(self, row: Any) -> None:
        """Bring a debtor back."""
        debtors.restore(row.id)

    # The page of one debtor

    @expose("/details/")
    def details_view(self) -> Any:
        """One debtor: particulars, customers, postings, payments."""
        return self._page(self.one_or_404(with_deleted=holds(self.delete_permission)))

    def _page(self, row: Debtor, payment: Form | None = None, link: Form | None = None) -> Any:
        db.session.refresh(row)
        page = account.page(row.id, after=request.args.get("after"))
        rendered = self.render(
            "debtors/debtor.html",
            row=row,
            grid=self,
            missing=debtors.missing_information(row),
            outstanding=ledger.outstanding(row.id),
            prepayment=prepayments.balance(row.id),
            term=payment_terms.term_of(row),
            account=page,
            links=links.of_debtor(row.id, principal()),
            payment=payment or PaymentForm.empty(once=self.once()),
            link=link or LinkForm(),
            kind_words=KIND_WORDS,
            may_invoice=holds(Permission.INVOICE_ISSUE),
            may_write_off=holds(Permission.DEBTOR_WRITE_OFF),
        )
        return rendered, (422 if payment or link else 200)

    @expose("/<int:id>/pay", methods=("POST",))
    def pay_view(self, id: int) -> Any:  # noqa: A002
        """Record a payment."""
        require(Permission.DEBTOR_EDIT)
        row, form = self.one_or_404(id), PaymentForm(request.form)
        if not form.validate() or not self._done(form, lambda: self._pay(id, form)):
            return self._page(row, payment=form)
        flash(gettext("The payment is recorded."), "success")
        return redirect(self.row_url(row), 303)

    def _pay(self, debtor_id: int, form: PaymentForm) -> None:
        ledger.record_payment(debtor_id, form["amount_ore"].data, **form.facts(), key=form.key("pay", debtor_id))

    @expose("/<int:id>/reverse", methods=("POST",))
    def reverse_view(self, id: int) -> Any:  # noqa: A002
        """Reverse one of the debtor's postings."""
        require(Permission.DEBTOR_EDIT)
        row = self.one_or_404(id)
        posting = self._own_posting(id)
        if posting.kind in account.OF_REMINDERS:
            raise Invalid(_("What a payment reminder cost is taken back by cancelling the reminder."))
        if posting.kind in {PostingKind.PAYOUT, PostingKind.WRITE_OFF}:
            require(Permission.DEBTOR_WRITE_OFF)
        with transaction():
            reversing.reverse(posting.id)
        flash(gettext("The posting is reversed."), "success")
        return redirect(self.row_url(row), 303)

    def _own_posting(self, debtor_id: int) -> DebtorPosting:
        wanted = read_id(request.form.get("posting"))
        posting = db.session.get(DebtorPosting, wanted) if wanted else None
        if posting is None or posting.debtor_id != debtor_id:
            raise Invalid("The record was not found.")
        return posting

    @expose("/<int:id>/link", methods=("POST",))
    def link_view(self, id: int) -> Any:  # noqa: A002
        """Let the debtor pay for one more customer."""
        require(Permission.DEBTOR_EDIT)
        row, form = self.one_or_404(id), LinkForm(request.form)
        if not form.validate() or not self._done(form, lambda: debtor_links.link(form["customer_id"].data, id)):
            return self._page(row, link=form)
        flash(gettext("The customer is linked."), "success")
        return redirect(self.row_url(row), 303)

    @expose("/<int:id>/unlink", methods=("POST",))
    def unlink_view(self, id: int) -> Any:  # noqa: A002
        """End a customer's link; it stays as history."""
        require(Permission.DEBTOR_EDIT)
        row, wanted = self.one_or_404(id), request.form.get("customer", type=read_id) or 0
        seen = visibility.customers(select(Customer.id).where(Customer.id == wanted), principal())
        with transaction():
            current = debtor_links.open_link(wanted)
            if current is not None and current.debtor_id == id:
                if db.session.scalar(seen) is None:  # a shared debtor also pays for customers of other groups
                    raise NotFound
                debtor_links.unlink(current.customer_id)
        flash(gettext("The link is removed. It stays in the history."), "success")
        return redirect(self.row_url(row), 303)

    def _done(self, form: Form, work: Any) -> bool:
        """Do `work` in a transaction; a refusal stands beside its field, and what was typed is kept."""
        try:
            with transaction():
                work()
        except GeckoError as error:
            refusals.tell(form, error)
            return False
        return True
