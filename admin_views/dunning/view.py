"""The list of payment reminders and the page of one."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import flash, redirect, request, send_file
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import select

from gecko.db import transaction
from gecko.errors import GeckoError
from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.models.dunning import Dunning
from gecko.modules import Feature, Gate
from gecko.operations import visibility
from gecko.operations.dunning import cancelling, papers, policy, sending, states
from gecko.permissions import Permission

from ..base import GridView, holds, message_of, principal, require
from ..grid import filters
from . import listing, making, words


class ByState(filters.Choice):
    """The state that follows from the letter and its message."""

    def bind(self, model: type[Any], label: Any) -> None:
        """No column: an expression."""
        self.column = states.state_sql()
        self.label = self.label or label

    def value_of(self, chosen: str) -> Any:
        """As the expression has it."""
        return chosen

    def read(self, chosen: str) -> Any:
        """Reminders in that state."""
        condition, text = super().read(chosen)
        return Dunning.id.in_(select(Dunning.id).where(condition)), text

    def equality(self, *given: str) -> str | None:
        """No column of the reminder."""
        return None


class DunningView(GridView):
    """Every payment reminder that was made; nothing of it changes but what becomes of it."""

    model = Dunning
    slug = "dunning"
    title = _("Payment reminders")
    icon = "mail"
    permission = Permission.DEBTOR_VIEW
    export_permission = Permission.DEBTOR_EXPORT
    gate = Gate((Feature.INVOICES,))
    column_list = ("number", "created_on", "debtor", "stage", "due_on", "total_ore", "state")
    column_hidden = ("claims_ore", "fee_ore", "interest_ore", "compensation_ore", "cancel_reason")
    column_labels = {
        "number": _("No."),
        "created_on": _("Date"),
        "debtor": _("Debtor"),
        "debtor_id": _("Debtor"),
        "stage": _("Payment reminder"),
        "due_on": _("Due"),
        "total_ore": _("To pay"),
        "state": _("State"),
        "claims_ore": _("Reminded invoices"),
        "fee_ore": _("Fee"),
        "interest_ore": _("Interest"),
        "compensation_ore": _("Compensation"),
        "cancel_reason": _("Why it was cancelled"),
    }
    column_needs = {"": ("number",), "state": ("id",)}
    column_sortable_list = ("number", "created_on")
    column_default_sort = ("number", True)
    column_filters = (
        filters.DateRange("created_on"),
        filters.Choice("stage", choices=lambda: [(n, n) for n in range(1, policy.HIGHEST_STAGE + 1)]),
        ByState("state", choices=tuple(states.WORDS.items())),
        filters.Relation("debtor_id", target=Debtor, lookup="debtors"),
    )

    def scope(self, statement: Any) -> Any:
        """Reminders of debtors the user may see."""
        return visibility.dunnings(statement, principal())

    def page_values(self, ids: list[int]) -> dict[str, dict[int, Any]]:
        """The states, told by the messages."""
        return {"state": {row_id: str(states.WORDS[state]) for row_id, state in states.of(ids).items()}}

    def title_of(self, row: Any) -> str:
        """By its number."""
        return gettext("Payment reminder %(number)d", number=row.number)

    @expose("/details/")
    def details_view(self) -> Any:
        """One reminder: what it says, what it cost, what became of it."""
        return self._page(self.one_or_404())

    def _page(self, row: Dunning, reason: str = "", error: str = "") -> Any:
        [shown] = listing.rows([row])
        rendered = self.render(
            "dunning/details.html",
            row=row,
            shown=shown,
            grid=self,
            states=words.STATES,
            may_send=holds(Permission.REMINDER_SEND),
            reason=reason,
            error=error,
        )
        return rendered, (422 if error else 200)

    @expose("/<int:id>/pdf")
    def pdf_view(self, id: int) -> Any:  # noqa: A002
        """The letter as it was made."""
        row = self.one_or_404(id)
        file = BytesIO(papers.content(row.id))
        return send_file(file, mimetype="application/pdf", download_name=sending.file_name(row), max_age=0)

    @expose("/<int:id>/mail", methods=("POST",))
    def mail_view(self, id: int) -> Any:  # noqa: A002
        """Put the letter into the outbox."""
        require(Permission.REMINDER_SEND)
        row = self.one_or_404(id)
        if making.mail(id):
            flash(gettext("The e-mail waits to be sent."), "success")
        else:
            flash(gettext("The reminder is sent already, or waits to be."), "info")
        return redirect(self.row_url(row), 303)

    @expose("/<int:id>/cancel", methods=("POST",))
    def cancel_view(self, id: int) -> Any:  # noqa: A002
        """Take a reminder back, with what it cost."""
        require(Permission.REMINDER_SEND)
        row, reason = self.one_or_404(id), request.form.get("reason", "")
        try:
            with transaction():
                cancelling.cancel(id, reason=reason)
        except GeckoError as error:
            return self._page(self.one_or_404(id), reason, message_of(error))
        flash(gettext("The reminder is cancelled; its fee, interest and compensation are reversed."), "success")
        return redirect(self.row_url(row), 303)
