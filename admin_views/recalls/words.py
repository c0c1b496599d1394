"""What states, reasons and intervals of recalls are called, and how they look."""

from __future__ import annotations

from flask_babel import gettext, ngettext
from markupsafe import Markup

from gecko.language import _
from gecko.models.recalls import Recall, RecallState, RecallTurn, RecallUnit, TurnState
from gecko.operations.recalls.deciding import REASONS

STATES = {
    RecallState.ACTIVE: (_("Active"), "green"),
    RecallState.PAUSED: (_("Paused"), "yellow"),
    RecallState.ENDED: (_("Ended"), "secondary"),
    RecallState.CANCELLED: (_("Cancelled"), "secondary"),
}
TURNS = {
    TurnState.DUE: (_("Due now"), "orange"),
    TurnState.WRITTEN: (_("Waits to be sent"), "blue"),
    TurnState.POSTPONED: (_("Postponed"), "yellow"),
    TurnState.SENT: (_("Sent"), "green"),
    TurnState.FULFILLED: (_("Booked"), "teal"),
    TurnState.SKIPPED: (_("Skipped"), "secondary"),
}
UNITS = {RecallUnit.DAY: _("days"), RecallUnit.WEEK: _("weeks"), RecallUnit.MONTH: _("months")}
TURN_CHOICES = tuple((state, label) for state, (label, _colour) in TURNS.items())
REASON_CHOICES = tuple(REASONS.items())
_BADGE = Markup('<span class="badge g-badge g-badge-{}">{}</span>')


def badge(row: Recall | RecallTurn) -> Markup:
    """The state of a sign-up or of one time."""
    label, colour = STATES[row.state] if isinstance(row, Recall) else TURNS[row.state]
    return _BADGE.format(colour, label)


def reason(row: RecallTurn) -> str:
    """Why a time stands on the list."""
    return "" if row.reason is None else str(REASONS[row.reason])


def interval(row: Recall) -> str:
    """How often, in words."""
    if row.unit == RecallUnit.DAY:
        return ngettext("every day", "every %(num)d days", row.every)
    if row.unit == RecallUnit.WEEK:
        return ngettext("every week", "every %(num)d weeks", row.every)
    return ngettext("every month", "every %(num)d months", row.every)


def limit(row: Recall, until: str) -> str:
    """Until when, in words; `until` is the last date as it is shown."""
    found = [gettext("until %(day)s", day=until)] if row.until_on else []
    if row.times is not None:
        found.append(gettext("%(done)d of %(times)d times", done=row.done, times=row.times))
    return ", ".join(found) or gettext("until it is ended")
