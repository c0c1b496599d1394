"""How a customer's cells look in lists: the important note beside the name, failing addresses, markings."""

from __future__ import annotations

from typing import Any

from flask import g, get_template_attribute
from flask_babel import gettext as _
from markupsafe import Markup, escape

from gecko import phones
from gecko.models.address_failures import AddressFailure, Channel
from gecko.operations import address_failures, booking_lists, markings
from gecko.operations.recalls import reading
from gecko.permissions import Permission

from .assets import asset
from .formats import instant
from .guard import holds

_MARK = Markup(
    ' <span class="{}" title="{}"><svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg></span>'
)


def name(_grid: Any, _context: Any, row: Any, _name: str) -> str:
    """The name, with a sign where the customer has an important note, and a red one without an active recall."""
    signs = Markup("")
    if row.important_note:
        signs += mark("g-note-mark", "note", _("Important note: %(note)s", note=row.important_note))
    if row.id in g.get("without_recall", ()):
        signs += mark("g-recall-mark", "repeat", _("No active recall"))
    return escape(row.name) + signs if signs else str(row.name)


def row_values(rows: list[Any]) -> dict[str, dict[int, Any]]:
    """Markings and addresses of one page of customers, as the cells show them; who lacks a recall, for their names."""
    g.without_recall = lacking_recall([row.id for row in rows])
    addresses = [(Channel.EMAIL, row.email) for row in rows if row.email]
    addresses += [(Channel.SMS, number) for row in rows for number in (row.mobile, row.telephone) if number]
    failures = address_failures.find(addresses)
    return {
        "markings": _markings([row.id for row in rows]),
        "email": {row.id: marked(row.email or "", failures.get((Channel.EMAIL, row.email))) for row in rows},
        "mobile": {row.id: _phone(row.mobile, failures) for row in rows},
        "telephone": {row.id: _phone(row.telephone, failures) for row in rows},
    }


def lacking_recall(ids: list[int]) -> set[int]:
    """Those without an active recall, where that is to be shown and the reader may see bookings."""
    return reading.without_active(ids) if holds(Permission.BOOKING_VIEW) else set()


def bookings(ids: list[int]) -> dict[str, dict[int, Any]]:
    """When the next booking begins, and when the customer last came; nothing for those who may not see bookings."""
    if not holds(Permission.BOOKING_VIEW):
        return {}
    found = booking_lists.next_and_last(ids)
    return {
        "next_booking": {customer_id: instant(following) for customer_id, (following, _last) in found.items()},
        "last_booking": {customer_id: instant(last) for customer_id, (_following, last) in found.items()},
    }


def _phone(number: str | None, failures: dict[Any, AddressFailure]) -> str:
    return marked(phones.display(number), failures.get((Channel.SMS, number or "")))


def marked(shown: str, failure: AddressFailure | None) -> str:
    """An address, with the orange mark and its reason where it fails."""
    if failure is None:
        return shown
    label = _("The last attempt to reach this address failed: %(reason)s", reason=failure.reason)
    return escape(shown) + mark("g-failing", "exclamation-circle", label)


def mark(css: str, icon: str, label: str) -> Markup:
    """A small sign after a value, with what it means as its tooltip."""
    return _MARK.format(css, label, label, asset("vendor/icons.svg"), icon)


def _markings(ids: list[int]) -> dict[int, Markup]:
    found = markings.of_customers(ids)
    if not found:
        return {}
    chip = get_template_attribute("customer_profile/parts.html", "marking_chip")
    return {
        customer_id: Markup(" ").join(chip(row.marking, row.value) for row in rows)
        for customer_id, rows in found.items()
    }
