"""What stands above the tabs: markings, failing addresses, the debtor's balance, and how much each tab holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from gecko.db import db
from gecko.models.address_failures import AddressFailure, Channel
from gecko.models.bookings import Booking
from gecko.models.debtors import Debtor
from gecko.models.markings import CustomerMarking, Marking
from gecko.modules import Feature, Gate
from gecko.operations import address_failures, booking_lists, customer_secrets, debtor_links, ledger, markings
from gecko.operations.merging.reading import Absorbed, absorbed_into
from gecko.permissions import Permission

from ..customer_cells import lacking_recall
from .tabs import Profile, Tab

DEBTOR_GATE = Gate((Feature.INVOICES,))


@dataclass(frozen=True, slots=True)
class Header:
    """Everything above the tabs, read in few queries."""

    age: int | None
    markings: list[CustomerMarking]
    free_markings: list[Marking]
    failures: dict[tuple[Channel, str], AddressFailure]
    debtor: Debtor | None
    balance_ore: int | None
    counts: dict[str, int]
    absorbed: list[Absorbed]
    next_booking: Booking | None
    lacks_recall: bool

    def failure(self, channel: str, address: str | None) -> AddressFailure | None:
        """Why an address fails, if it does."""
        return self.failures.get((Channel(channel), address)) if address else None


def read(profile: Profile, tabs: Sequence[Tab]) -> Header:
    """Gather the header of a profile whose visible tabs are `tabs`."""
    customer = profile.customer
    put_on = markings.of_customers([customer.id]).get(customer.id, [])
    carried = {row.marking_id for row in put_on}
    may_edit = profile.may(Permission.CUSTOMER_EDIT)
    debtor, balance = _debtor(profile)
    return Header(
        age=customer_secrets.age(customer),
        markings=put_on,
        free_markings=[one for one in markings.active() if one.id not in carried] if may_edit else [],
        failures=failures_of(profile),
        debtor=debtor,
        balance_ore=balance,
        counts=counts(profile, tabs),
        absorbed=absorbed_into(customer.id) if profile.may(Permission.DUPLICATE_REVIEW) else [],
        next_booking=booking_lists.next_of(customer.id) if profile.may(Permission.BOOKING_VIEW) else None,
        lacks_recall=bool(lacking_recall([customer.id])),
    )


def failures_of(profile: Profile) -> dict[tuple[Channel, str], AddressFailure]:
    """Which of the customer's addresses fail."""
    found: dict[tuple[Channel, str], AddressFailure] = profile.once(
        "failures", lambda: address_failures.find(address_failures.of_customer(profile.customer))
    )
    return found


def debtor_of(profile: Profile) -> Debtor | None:
    """Who pays for the customer."""
    found: Debtor | None = profile.once("debtor", lambda: debtor_links.debtor_of(profile.customer.id))
    return found


def _debtor(profile: Profile) -> tuple[Debtor | None, int | None]:
    if not profile.is_open(DEBTOR_GATE) or not profile.may(Permission.DEBTOR_VIEW):
        return None, None
    debtor = debtor_of(profile)
    return debtor, None if debtor is None else ledger.outstanding(debtor.id)


def counts(profile: Profile, tabs: Sequence[Tab]) -> dict[str, int]:
    """How much each tab holds, all in one statement."""
    wanted: list[tuple[str, Any]] = [(tab.key, tab.count(profile)) for tab in tabs]
    wanted = [(key, subquery) for key, subquery in wanted if subquery is not None]
    if not wanted:
        return {}
    row = db.session.execute(select(*(subquery.label(f"n{n}") for n, (_key, subquery) in enumerate(wanted)))).one()
    return {key: row[n] or 0 for n, (key, _subquery) in enumerate(wanted)}
