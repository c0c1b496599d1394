"""The words of payments from the bank: states, sureness, reasons, and a suggestion as a cell of the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from gecko.language import _
from gecko.models.bank import BankEntry, DecisionKind, EntryState
from gecko.operations.bank.overlapping import Why
from gecko.operations.bank.suggesting import Reason, Suggestion, Sureness

from ..formats import amount, day

STATES = (
    (EntryState.OPEN, _("Not dealt with")),
    (EntryState.ACCEPTED, _("Accepted")),
    (EntryState.IGNORED, _("Set aside")),
)
SURENESS: dict[Sureness, tuple[Any, str]] = {
    Sureness.SURE: (_("Sure"), "green"),
    Sureness.LIKELY: (_("Likely"), "blue"),
    Sureness.POSSIBLE: (_("Possible"), "secondary"),
}
REASONS: dict[Reason, Any] = {
    Reason.FIK: _("the FIK reference"),
    Reason.NUMBER: _("the invoice number in the text"),
    Reason.AMOUNT: _("the very amount"),
    Reason.NAME: _("the name of the sender"),
    Reason.BALANCE: _("everything that is open"),
    Reason.PAID: _("but it is paid already"),
}
DECISIONS: dict[DecisionKind, Any] = {
    DecisionKind.ACCEPT: _("Accepted"),
    DecisionKind.IGNORE: _("Set aside"),
    DecisionKind.REOPEN: _("Opened again"),
}
KNOWN: dict[str, Any] = {
    Why.SAME.value: _("the same row"),
    Why.REFERENCE.value: _("the same reference in a file of another kind"),
    Why.WORDS.value: _("the same day, amount and words in a file of another kind"),
    Why.AMOUNT.value: _("the same day and amount in a file of another kind that holds the whole day"),
}
_COLOURS = {EntryState.OPEN: "orange", EntryState.ACCEPTED: "green", EntryState.IGNORED: "secondary"}
_BADGE = Markup('<span class="badge g-badge g-badge-{}">{}</span>')
_CELL = Markup(
    '<div class="g-suggestion">{} <span><a href="{}">{}</a>{}<br><small class="g-when">{}</small></span> {}</div>'
)
_BUTTON = Markup(
    '<form method="post" action="{}"><input type="hidden" name="csrf_token" value="{}"><input type="hidden" name="once"'
    ' value="{}"><input type="hidden" name="debtor" value="{}">{}{}<input type="hidden" name="url" value="{}">'
    '<button class="btn btn-sm btn-primary" aria-label="{}">{}</button></form>'
)
_ON = Markup('<input type="hidden" name="on" value="{}">')
_POSTING = Markup('<input type="hidden" name="posting" value="{}">')


def known(by: dict[str, Any] | None) -> str:
    """Why entries of a file were there already, with how many times each."""
    return "; ".join(f"{KNOWN[why]} ({times})" for why, times in (by or {}).items())


def state(row: BankEntry) -> Markup:
    """The state of an entry as a badge."""
    return _BADGE.format(_COLOURS[row.state], dict(STATES)[row.state])


def sureness(one: Suggestion) -> Markup:
    """How sure a suggestion is, as a badge."""
    words, colour = SURENESS[one.sureness]
    return _BADGE.format(colour, words)


def reasons(one: Suggestion) -> str:
    """Why it is made."""
    return ", ".join(str(REASONS[reason]) for reason in one.reasons)


def pays(one: Suggestion, ore: int) -> str:
    """The invoices of a suggestion with what is open of each, and what is left of the payment or of them."""
    parts = [f"{posting.text} ({amount(posting.remaining_ore)})" for posting in one.postings]
    if ore > one.open_ore:
        parts.append(gettext("%(sum)s stays on the account", sum=amount(ore - one.open_ore)))
    elif ore < one.open_ore:
        parts.append(gettext("%(sum)s stays open", sum=amount(one.open_ore - ore)))
    return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Press:
    """What a press of the button says beside the suggestion. later: the day to post on where the bank's is closed."""

    once: str
    back: str
    later: date | None = None


def cell(row: BankEntry, one: Suggestion, press: Press) -> Markup:
    """A suggestion in the list, with the button that accepts it."""
    shown = pays(one, row.amount_ore)
    return _CELL.format(
        sureness(one),
        url_for("debtors.details_view", id=one.debtor_id),
        one.debtor,
        f": {shown}" if shown else "",
        reasons(one),
        button(row.id, one, press),
    )


def button(row_id: int, one: Suggestion, press: Press) -> Markup:
    """The button that accepts a suggestion; it names the day where that is not the bank's."""
    later = day(press.later) if press.later else ""
    return _BUTTON.format(
        url_for("bank-payments.accept_view", id=row_id),
        generate_csrf(),
        f"{press.once}-{row_id}",
        one.debtor_id,
        Markup("").join(_POSTING.format(posting_id) for posting_id in one.posting_ids),
        _ON.format(later) if later else "",
        press.back,
        gettext("Accept as a payment from %(name)s", name=one.debtor),
        gettext("Accept on %(day)s", day=later) if later else gettext("Accept"),
    )
