"""The customers a debtor pays for now and paid for before, with who linked and who ended it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from gecko.db import db
from gecko.models.customers import Customer
from gecko.models.debtors import CustomerDebtorLink
from gecko.models.people import StaffUser
from gecko.operations import debtor_links, visibility
from gecko.permissions import Principal


@dataclass(frozen=True, slots=True)
class Link:
    """One link. customer is None where the one who looks may not see that customer."""

    row: CustomerDebtorLink
    customer: Customer | None
    linked_by: str
    unlinked_by: str


def of_debtor(debtor_id: int, who: Principal) -> list[Link]:
    """Present links first, then the history."""
    rows = debtor_links.history(debtor_id=debtor_id)
    customer_ids = [row.customer_id for row in rows]
    seen = db.session.scalars(visibility.customers(select(Customer).where(Customer.id.in_(customer_ids)), who))
    customers = {customer.id: customer for customer in seen}
    staff_ids = {user_id for row in rows for user_id in (row.linked_by_id, row.unlinked_by_id) if user_id}
    names = dict(db.session.execute(select(StaffUser.id, StaffUser.name).where(StaffUser.id.in_(staff_ids))).all())
    return [
        Link(
            row,
            customers.get(row.customer_id),
            names.get(row.linked_by_id or 0, ""),
            names.get(row.unlinked_by_id or 0, ""),
        )
        for row in rows
    ]
