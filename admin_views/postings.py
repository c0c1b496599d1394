"""The ledger as a grid: every posting of every debtor, to read."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask_admin import expose
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import func, select

from gecko.db import db
from gecko.language import _
from gecko.models.debtors import Debtor, DebtorGroup
from gecko.models.documents import SaleLine
from gecko.models.postings import DebtorPosting
from gecko.modules import Feature, Gate
from gecko.operations import posting_words, visibility
from gecko.permissions import Permission

from .base import GridView, holds, principal
from .formats import ore
from .grid import filters, state
from .grid.listing import GridPage
from .grid.state import GridState

KINDS = tuple(posting_words.KINDS.items())
KIND_WORDS = {kind.value: label for kind, label in KINDS}


class OfGroup(filters.Relation):
    """The group of the posting's debtor."""

    def bind(self, model: type[Any], label: Any) -> None:
        """The group stands on the debtor."""
        self.column = Debtor.group_id
        self.label = self.label or label

    def read(self, chosen: str) -> Any:
        """Postings of the group's debtors."""
        condition, text = super().read(chosen)
        return DebtorPosting.debtor_id.in_(select(Debtor.id).where(condition)), text

    def equality(self, *given: str) -> str | None:
        """No column of the posting."""
        return None


def lines_of(document_ids: list[int]) -> dict[int, list[SaleLine]]:
    """The lines of several documents, in one query."""
    found: dict[int, list[SaleLine]] = {}
    statement = select(SaleLine).where(SaleLine.document_id.in_(document_ids)).order_by(SaleLine.position)
    for line in db.session.scalars(statement):
        found.setdefault(line.document_id, []).append(line)
    return found


class PostingsView(GridView):
    """All postings; a row opens to the lines of its document."""

    model = DebtorPosting
    slug = "postings"
    title = _("Debtor postings")
    icon = "list-details"
    permission = Permission.DEBTOR_VIEW
    export_permission = Permission.DEBTOR_EXPORT
    gate = Gate((Feature.INVOICES,))
    row_template = "postings/row.html"
    column_list = ("posted_on", "debtor", "kind", "text", "due_on", "amount_ore")
    column_hidden = ("id", "created_at")
    column_labels = {
        "id": _("Posting no."),
        "posted_on": _("Date"),
        "debtor": _("Debtor"),
        "debtor_id": _("Debtor"),
        "kind": _("Kind"),
        "text": _("Text"),
        "due_on": _("Due"),
        "amount_ore": _("Amount"),
        "created_at": _("Created"),
        "group": _("Debtor group"),
    }
    column_needs = {"": ("document_id", "reverses_id")}
    column_sortable_list = ("posted_on", "due_on", "id")
    column_default_sort = ("posted_on", True)
    column_choices = {"kind": KINDS}
    column_filters = (
        filters.DateRange("posted_on"),
        filters.DateRange("due_on"),
        filters.Relation("debtor_id", target=Debtor, lookup="debtors"),
        OfGroup("group", target=DebtorGroup),
        filters.Choice("kind", choices=KINDS),
        filters.MoneyRange("amount_ore"),
    )

    def scope(self, statement: Any) -> Any:
        """Postings of debtors the user may see."""
        return visibility.postings(statement, principal())

    def row_url(self, row: Any) -> str:
        """A posting leads to its debtor's page."""
        return str(self.get_url("debtors.details_view", id=row.debtor_id, _anchor=f"posting-{row.id}"))

    def opens(self, row: Any) -> bool:
        """Whether the row opens to lines: they are the document's, for those who may see documents."""
        return row.document_id is not None and holds(Permission.INVOICE_VIEW)

    @expose("/details/")
    def details_view(self) -> Any:
        """The posting's place is on its debtor's page."""
        return redirect(self.row_url(self.one_or_404()))

    def summary(self, page: GridPage) -> list[tuple[str, str, str | None]]:
        """The control total of everything that matches: at once where that is little, else on demand."""
        label = gettext("Control total")
        if page.total.is_exact or page.state.is_exact:
            return [(label, self._total(page.state), None)]
        query = page.state.query_string()
        return [(label, gettext("add up"), f"{self.get_url('.total_view')}?{query}")]

    @expose("/total")
    def total_view(self) -> Any:
        """The control total alone, however many rows it takes."""
        total = self._total(state.read(request.args))
        return Markup('<span class="g-summary-label">{}</span> <strong class="g-num">{}</strong>').format(
            gettext("Control total"), total
        )

    def _total(self, of: GridState) -> str:
        source, _applied = self.source(of)
        amount = source.session.scalar(source.base(func.sum(self.table.c.amount_ore)))
        return ore(int(amount or 0))
