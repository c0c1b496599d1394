"""The words of the pages about payment reminders."""

from __future__ import annotations

from typing import Any

from gecko.language import _
from gecko.models.dunning import DunningState
from gecko.operations.dunning import states
from gecko.operations.dunning.planning import Hindrance

STATES: dict[DunningState, tuple[Any, str]] = {
    DunningState.CREATED: (states.WORDS[DunningState.CREATED], "blue"),
    DunningState.SENT: (states.WORDS[DunningState.SENT], "green"),
    DunningState.FAILED: (states.WORDS[DunningState.FAILED], "red"),
    DunningState.CANCELLED: (states.WORDS[DunningState.CANCELLED], "secondary"),
}
HINDRANCES: dict[Hindrance, Any] = {
    Hindrance.BLOCKED: _("Gets no payment reminders"),
    Hindrance.OWES_NOTHING: _("Owes nothing in all: settle payments and credit notes first"),
    Hindrance.NOT_DUE: _("Not due yet"),
    Hindrance.DISPUTED: _("Disputed"),
    Hindrance.EARLIER_STAGE: _("The reminder before this one is missing"),
    Hindrance.REMINDED: _("Has had this reminder"),
    Hindrance.TOO_EARLY: _("Too soon after the last reminder"),
}
