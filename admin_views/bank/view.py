"""The list of payments from the bank, and the page of one: suggested, accepted, set aside, opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import func, select
from wtforms import Form
from wtforms.validators import InputRequired

from gecko.db import db, transaction
from gecko.errors import Invalid, NotFound
from gecko.language import _
from gecko.models.bank import BankAccount, BankEntry, EntryState
from gecko.models.debtors import Debtor
from gecko.models.postings import DebtorPosting
from gecko.models.settlements import OpenPosting
from gecko.modules import Feature, Gate
from gecko.operations import periods, reversing
from gecko.operations.bank import deciding, suggesting
from gecko.permissions import Permission

from .. import badges
from ..base import GridView, holds, message_of, principal, return_url
from ..fields import LookupField, parse_date
from ..grid import filters
from ..grid.bulk import BulkAction
from ..grid.records import read_id
from ..postings import KIND_WORDS
from . import words
from .files import Files

OPEN_SHOWN = 100
"""How many open postings of a debtor can be ticked for one payment."""


class DebtorForm(Form):
    """Whose payment it is, where no suggestion is right."""

    debtor = LookupField(_("Debtor"), [InputRequired()], endpoint="debtors")


def _accept_sure(_view: Any, row: BankEntry) -> None:
    if deciding.accept_sure(row.id) is None:
        raise Invalid(_("No suggestion is sure; look at it yourself."))


class BankPaymentsView(Files, GridView):
    """Money that came in at the bank; opens on what nobody has dealt with."""

    model = BankEntry
    slug = "bank-payments"
    title = _("Bank payments")
    icon = "cash"
    permission = Permission.DEBTOR_SETTLE
    gate = Gate((Feature.INVOICES,))
    menu_query = f"f_state={EntryState.OPEN}"
    list_template = "bank/list.html"
    has_edit_link = False
    column_list = ("booked_on", "counterparty", "text", "amount_ore", "suggestion", "state")
    column_hidden = ("reference", "end_to_end", "account", "file", "id")
    column_labels = {
        "id": _("No."),
        "booked_on": _("Date of booking"),
        "counterparty": _("From"),
        "text": _("Text"),
        "amount_ore": _("Amount"),
        "suggestion": _("Suggestion"),
        "state": _("State"),
        "reference": _("Reference"),
        "end_to_end": _("Sender's reference"),
        "account": _("Bank account"),
        "account_id": _("Bank account"),
        "file": _("Bank file"),
    }
    column_sortable_list = ("booked_on",)
    column_default_sort = ("booked_on", True)
    column_needs: ClassVar[Any] = {"": ("amount_ore", "text"), "suggestion": ()}
    column_choices = {"state": words.STATES}
    column_formatters: ClassVar[Any] = {"state": lambda _view, _context, row, _name: words.state(row)}
    column_filters = (
        filters.Choice("state", choices=words.STATES),
        filters.DateRange("booked_on"),
        filters.MoneyRange("amount_ore"),
        filters.Text("counterparty"),
        filters.Text("text"),
        filters.Relation("account_id", target=BankAccount),
    )

    def is_accessible(self) -> bool:
        """A bank account shows everybody's money, so that no limited user sees it."""
        return holds(self.permission) and principal().groups is None

    def badge(self) -> int | None:
        """How many payments wait."""
        if not self.is_accessible():
            return None
        return badges.kept(self.endpoint, self._count) or None

    def _count(self) -> int:
        waiting = select(func.count()).select_from(BankEntry).where(BankEntry.state == EntryState.OPEN)
        return db.session.scalar(waiting) or 0

    def title_of(self, row: Any) -> str:
        """What the bank wrote."""
        return row.text or gettext("Payment no. %(no)s", no=row.id)

    def page_values(self, ids: list[int]) -> dict[str, dict[int, Any]]:
        """The best suggestion for each open payment of the page."""
        rows = db.session.scalars(select(BankEntry).where(BankEntry.id.in_(ids), BankEntry.state == EntryState.OPEN))
        entries, once, back = list(rows), self.once(), request.full_path
        found = suggesting.suggest(entries) if entries else {}
        first_open = periods.first_open() if entries else None
        return {
            "suggestion": {
                entry.id: words.cell(entry, found[entry.id][0], words.Press(once, back, _later(entry, first_open)))
                for entry in entries
                if found[entry.id]
            }
        }

    def bulk_actions(self) -> dict[str, BulkAction]:
        """Everything that is sure, at once."""
        label, warning = _("Accept what is sure"), _("Each is looked at anew; what is not sure stays as it is.")
        return {"accept": BulkAction(label, Permission.DEBTOR_SETTLE, _accept_sure, warning)}

    def empty_text(self) -> tuple[str, ...]:
        """What belongs here."""
        return (
            gettext("No payment waits"),
            gettext("Read a file from the bank: what came in stands here with the invoices it seems to pay."),
        )

    @expose("/details/")
    def details_view(self) -> Any:
        """One payment: what the bank says, what is suggested, what was decided."""
        return self._page(self.one_or_404())

    def _page(self, row: BankEntry) -> Any:
        is_open = row.state == EntryState.OPEN
        payment = deciding.payment_of(row.id)
        debtor = self._chosen_debtor() if is_open else None
        return self.render(
            "bank/entry.html",
            row=row,
            grid=self,
            words=words,
            once=self.once(),
            later=_later(row, periods.first_open()) if is_open else None,
            ticked={read_id(text) for text in request.args.getlist("posting")},
            suggestions=suggesting.suggest([row])[row.id] if is_open else [],
            debtor=debtor,
            choosing=DebtorForm(debtor=debtor.id if debtor else None),
            postings=_open_postings(debtor.id) if debtor else [],
            kind_words=KIND_WORDS,
            history=deciding.history(row.id),
            payment=payment,
            is_reversed=payment is not None and reversing.reversal_of(payment.id) is not None,
        )

    def _chosen_debtor(self) -> Debtor | None:
        wanted = read_id(request.args.get("debtor"))
        row = db.session.get(Debtor, wanted) if wanted else None
        return row if row is not None and row.deleted_at is None else None

    @expose("/<int:id>/accept", methods=("POST",))
    def accept_view(self, id: int) -> Any:  # noqa: A002
        """Accept a payment for the debtor and the postings that the form names; a closed day is asked about."""
        debtor_id = read_id(request.form.get("debtor"))
        if debtor_id is None:
            raise NotFound
        chosen = [found for text in request.form.getlist("posting") if (found := read_id(text))]
        on = _day(request.form.get("on", ""))
        try:
            return self._decide(
                id, lambda key: deciding.accept(id, debtor_id, chosen, on=on, key=key), gettext("Accepted.")
            )
        except periods.ClosedDay as error:
            flash(message_of(error), "warning")
            return redirect(self.get_url(".details_view", id=id, debtor=debtor_id, posting=chosen), 303)

    @expose("/<int:id>/ignore", methods=("POST",))
    def ignore_view(self, id: int) -> Any:  # noqa: A002
        """Set a payment aside."""
        reason = request.form.get("reason", "")[:500]
        return self._decide(id, lambda key: deciding.ignore(id, reason, key=key), gettext("Set aside."))

    @expose("/<int:id>/reopen", methods=("POST",))
    def reopen_view(self, id: int) -> Any:  # noqa: A002
        """Take back what was decided."""
        said = gettext("Open again; a payment that it had made is reversed.")
        return self._decide(id, lambda key: deciding.reopen(id, key=key), said)

    def _decide(self, entry_id: int, work: Callable[[str | None], object], said: str) -> Any:
        self.demand(Permission.DEBTOR_SETTLE)
        row = self.one_or_404(entry_id)
        once = request.form.get("once", "")[:60]
        back = return_url(self.row_url(row))
        with transaction():
            work(f"bank:{entry_id}:{once}" if once else None)
        flash(said, "success")
        return redirect(back, 303)


def _later(entry: BankEntry, first_open: date | None) -> date | None:
    """The day that an entry is posted on where the bank's own is closed; None where it is not."""
    return first_open if first_open is not None and entry.booked_on < first_open else None


def _day(typed: str) -> date | None:
    """The day that was typed; None where none was. Raises Invalid."""
    try:
        return parse_date(typed) if typed.strip() else None
    except ValueError:
        raise Invalid(_("“%(text)s” is not a date; write it as 31-12-2026."), text=typed[:20]) from None


def _open_postings(debtor_id: int) -> list[tuple[DebtorPosting, int]]:
    """What a debtor owes, in the order in which it is settled, with what is open of each."""
    statement = (
        select(DebtorPosting, OpenPosting.remaining_ore)
        .join(OpenPosting, OpenPosting.posting_id == DebtorPosting.id)
        .where(OpenPosting.debtor_id == debtor_id, OpenPosting.remaining_ore > 0)
        .order_by(OpenPosting.falls_on, OpenPosting.posted_on, OpenPosting.posting_id)
        .limit(OPEN_SHOWN)
    )
    return [(posting, remaining) for posting, remaining in db.session.execute(statement)]
