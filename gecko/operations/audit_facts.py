"""The facts of named events in words: what an export held, what an import counted, whose rights changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import get_locale

from .. import money
from ..language import _
from ..permissions import LABELS
from .audit_words import CHOICES

HIDDEN = frozenset({"session", "sessions", "sha256"})
"""Facts that only a program reads: they stay in the database."""
FACTS: dict[str, Any] = {
    "absorbed": _("Absorbed"),
    "address": _("Address"),
    "after": _("After"),
    "before": _("Before"),
    "by": _("By"),
    "channel": _("Channel"),
    "closed_on": _("Closed up to and including"),
    "former_on": _("Closed until then"),
    "control_ore": _("Control total"),
    "customer_id": _("Customer"),
    "debtor_id": _("Debtor"),
    "documents": _("Invoices and credit notes"),
    "ends_on": _("To"),
    "existing": _("Already there"),
    "file": _("File"),
    "filters": _("Filters"),
    "granted": _("May now"),
    "group_id": _("Group"),
    "imported": _("Imported"),
    "kind": _("Kind"),
    "known": _("Known user"),
    "left": _("Left behind"),
    "left_bank": _("Bank payments"),
    "left_drafts": _("Drafts of invoices"),
    "left_letters": _("Payment reminders that did not go"),
    "left_runs": _("Runs of payment reminders"),
    "letters": _("Letters"),
    "letter_template": _("Template"),
    "links": _("Files deleted"),
    "locale": _("Language"),
    "made_customer_groups": _("Customer groups made"),
    "made_customers": _("Customers made"),
    "made_debtor_groups": _("Debtor groups made"),
    "made_debtors": _("Debtors made"),
    "made_item_groups": _("Item groups made"),
    "merge": _("Merge"),
    "next_no": _("Next number"),
    "number": _("No."),
    "pages": _("Pages"),
    "purpose": _("Purpose"),
    "read": _("Rows read"),
    "reason": _("Reason"),
    "refused": _("Refused"),
    "report": _("Report"),
    "role": _("Role"),
    "roles": _("Roles"),
    "rows": _("Rows"),
    "skipped": _("Skipped"),
    "starts_on": _("From"),
    "survivor": _("Surviving customer"),
    "taken_back": _("Messages taken back"),
    "template": _("Access template"),
    "updated": _("Of the imported, updated"),
    "username": _("User name"),
    "users": _("Users"),
    "warnings": _("Warnings"),
    "withdrawn": _("May no longer"),
}
VALUES: dict[str, Any] = {
    **CHOICES,
    **{str(right): label for right, label in LABELS.items()},
    "debtor-postings": _("Debtor postings"),
    "purchase-history": _("Purchase history"),
    "customers": _("Customers"),
    "debtors": _("Debtors"),
    "invoices": _("Invoices and credit notes"),
    "items": _("Items"),
    "credit_note": _("Credit note"),
    "invoice": _("Invoice"),
    "payment": _("Payment"),
    "reversal": _("Reversal"),
    "link": _("a one-time link"),
    "self": _("the user"),
    "set_password": _("set a password"),
}


def pairs(facts: dict[str, Any]) -> list[tuple[Any, Any]]:
    """What each fact is called, and its value in words; facts without meaning to people are left out."""
    return [(FACTS.get(key, key), value(key, fact)) for key, fact in facts.items() if key not in HIDDEN]


def value(key: str, fact: Any) -> Any:
    """One fact in words."""
    if isinstance(fact, bool):
        return _("Yes") if fact else _("No")
    if isinstance(fact, dict):
        return ", ".join(f"{label}: {words}" for label, words in pairs(fact))
    if isinstance(fact, list):
        return ", ".join(str(value(key, one)) for one in fact)
    if key.endswith("_ore"):
        return money.format_ore(int(fact), str(get_locale() or "da"))
    if key.endswith("_on"):
        return f"{date.fromisoformat(fact):%d-%m-%Y}"
    if isinstance(fact, int):
        return str(fact)
    return VALUES.get(fact, fact) if isinstance(fact, str) else fact
