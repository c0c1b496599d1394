"""The list of recalls: what is due with its reason, what waits, and what became of every time."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any, ClassVar

from flask import flash, g, redirect, request, send_file, url_for
from flask_admin import expose
from flask_babel import gettext
from markupsafe import Markup

from gecko.clock import today
from gecko.db import transaction
from gecko.errors import NotFound
from gecko.language import _
from gecko.models.bookings import Service
from gecko.models.customers import Customer
from gecko.models.recalls import Recall, RecallTemplate, RecallTurn, TurnState
from gecko.modules import Feature, Gate
from gecko.operations import visibility
from gecko.operations.letters import reading as reading_letters
from gecko.operations.recalls import deciding, printing, reading, signing_up
from gecko.permissions import Permission
from jobs import queue
from jobs import recalls as jobs
from reports.letters import document

from ..base import GridView, holds, principal, require
from ..formats import day
from ..grid import filters
from ..grid.bulk import BulkAction
from ..grid.records import read_id
from ..messages import words as messages
from . import words
from .filtering import OfSignUp

GATE = Gate((Feature.RECALL,))
_LINK = Markup('<a href="{}">{}</a>')
SEND, LETTER = "send", "letter"
_EDITING, _SENDING = Permission.BOOKING_EDIT, Permission.MESSAGE_SEND


def _lines(ids: list[int]) -> dict[str, dict[int, Any]]:
    """Customer, service and template of one page, by one query."""
    found = g.recall_lines = reading.lines(ids)  # each row's title asks again
    return {
        "customer": {turn_id: _customer(line) for turn_id, line in found.items()},
        "service": {turn_id: line.service for turn_id, line in found.items()},
        "template": {turn_id: line.template for turn_id, line in found.items()},
    }


def _customer(line: reading.Line) -> Any:
    if line.is_deleted:
        return line.customer
    url = url_for("customer_profile.tab", customer_id=line.customer_id, tab_key="recalls")
    return _LINK.format(url, line.customer)


class RecallsView(GridView):
    """Every time of every sign-up; opens on those that somebody has to look at."""

    model = RecallTurn
    slug = "recalls"
    title = _("Recalls")
    icon = "repeat"
    permission = Permission.BOOKING_VIEW
    edit_permission = Permission.BOOKING_EDIT
    gate = GATE
    menu_query = f"f_state={TurnState.DUE}"
    list_template = "recalls/list.html"
    has_edit_link = False

    column_list = ("turn_on", "customer", "service", "template", "state", "reason", "channel")
    column_hidden = ("changed_at", "by.name", "created_at")
    column_labels = {
        "turn_on": _("Date"), "customer": _("Customer"), "service": _("Service"), "template": _("Template"),
        "state": _("State"), "reason": _("Reason"), "channel": _("Channel"), "changed_at": _("Since"),
        "by.name": _("By"), "created_at": _("First looked at"),
    }  # fmt: skip
    column_sortable_list = ("turn_on",)
    column_default_sort = "turn_on"
    column_needs: ClassVar[Any] = {"customer": (), "service": (), "template": ()}
    column_lookups: ClassVar[Any] = {_lines: ("customer", "service", "template")}
    column_choices = {"reason": words.REASON_CHOICES, "channel": messages.CHANNELS, "state": words.TURN_CHOICES}
    column_formatters: ClassVar[Any] = {
        "state": lambda _view, _context, row, _name: words.badge(row),
        "channel": lambda _view, _context, row, _name: messages.channel(row.channel) if row.channel else "",
    }
    column_filters = (
        filters.Choice("state", choices=words.TURN_CHOICES),
        filters.Choice("reason", choices=words.REASON_CHOICES),
        filters.Choice("channel", choices=messages.CHANNELS),
        filters.DateRange("turn_on"),
        OfSignUp("template", _("Template"), column=Recall.template_id, target=RecallTemplate),
        OfSignUp("service", _("Service"), column=Recall.service_id, target=Service),
        OfSignUp("customer", _("Customer"), column=Recall.customer_id, target=Customer, lookup="customers"),
    )
    form_columns = ("turn_on",)
    form_args = {"turn_on": {"description": _("This time alone; those after it come as before.")}}
    inline_columns = ("turn_on",)
    bulk_edit_columns = ("turn_on",)

    def scope(self, statement: Any) -> Any:
        """Those of customers the user may see."""
        return visibility.recall_turns(statement, principal())

    def title_of(self, row: Any) -> str:
        """Whom it is about, and when."""
        line = g.get("recall_lines", {}).get(row.id) or reading.lines([row.id])[row.id]
        return gettext("%(customer)s, %(day)s", customer=line.customer, day=day(row.turn_on))

    def bulk_actions(self) -> dict[str, BulkAction]:
        """What becomes of times that are due."""
        return {
            SEND: BulkAction(
                _("Send now"), Permission.MESSAGE_SEND, _send, _("By e-mail or SMS, as the template says.")
            ),
            LETTER: BulkAction(
                _("Print letter"),
                _SENDING,
                _letter,
                _("Each is logged and counts as sent; the PDF follows."),
            ),
            "skip": BulkAction(
                _("Skip this time"), Permission.BOOKING_EDIT, _skip, _("The next date comes as before.")
            ),
            "end": BulkAction(_("End the sign-up"), Permission.BOOKING_EDIT, _end, _("No further date comes.")),
        }

    def _report(self, chosen: Any, outcome: Any) -> None:
        if chosen.action == SEND:
            queue.wake_senders()
        super()._report(chosen, outcome)
        if chosen.action == LETTER and outcome.changed:
            url = self.get_url(".letters_view", ids=",".join(map(str, chosen.ids))) if chosen.ids else self._of_today()
            flash(_LINK.format(url, gettext("The letters as PDF")), "info")

    def _of_today(self) -> str:
        return self.get_url(".letters_view", on=today().isoformat())

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Another date is a postponement."""
        return deciding.postpone(row.id, values["turn_on"], row_version=row.row_version, principal=principal())

    def letters_of_today(self) -> str | None:
        """Where the letters that were printed today are, if there are any the user may see."""
        is_there = holds(Permission.MESSAGE_VIEW) and printing.made_on(today(), principal())
        return self._of_today() if is_there else None

    def may_run(self) -> bool:
        """Whether the user may start a run."""
        return holds(Permission.BOOKING_SETUP)

    def empty_text(self) -> tuple[Any, ...]:
        """What belongs here."""
        return (
            gettext("Nothing is due"),
            gettext("Who is signed up for recall stands here when the date is near: what was sent, and what was not."),
        )

    @expose("/letters")
    def letters_view(self) -> Any:
        """Letters that were made, as one PDF: those of some times, or of a day."""
        require(Permission.MESSAGE_VIEW)
        ids = [found for text in request.args.get("ids", "").split(",") if (found := read_id(text))]
        made = printing.made_for(ids, principal()) if ids else printing.made_on(_day(), principal())
        letters = list(reading_letters.letters(made))
        if not letters:
            raise NotFound
        file = BytesIO()
        document.write(file, letters, title=gettext("Recalls"))
        file.seek(0)
        name = f"{gettext('Recalls')} {day(today())}.pdf"
        return send_file(file, mimetype="application/pdf", download_name=name, max_age=0)

    @expose("/run", methods=("POST",))
    def run_view(self) -> Any:
        """Look at every sign-up whose date is near now instead of tomorrow morning."""
        require(Permission.BOOKING_SETUP)
        with transaction():
            run_id = jobs.start("now", principal().user_id)
        queue.wake(run_id)
        flash(gettext("The run is under way."), "success")
        return redirect(url_for("jobs.show", run_id=run_id), 303)


def _send(_view: Any, row: RecallTurn) -> None:
    deciding.send_now(row.id, principal=principal())


def _letter(_view: Any, row: RecallTurn) -> None:
    printing.print_letter(row.id, principal=principal())


def _day() -> date:
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        raise NotFound from None


def _skip(_view: Any, row: RecallTurn) -> None:
    deciding.skip(row.id, principal=principal())


def _end(_view: Any, row: RecallTurn) -> None:
    signing_up.end(row.recall_id, principal=principal())
