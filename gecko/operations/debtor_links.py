"""Which debtor pays for which customer, now and before, and what a profile may therefore show."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from .. import actor
from ..clock import now
from ..db import db
from ..errors import Invalid
from ..language import _
from ..models.customers import Customer
from ..models.debtors import CustomerDebtorLink, Debtor
from . import debtors, ledger, survivors

_OPEN = CustomerDebtorLink.unlinked_at.is_(None)


@dataclass(frozen=True, slots=True)
class Visibility:
    """What a customer's profile may show of a debtor: postings only where nobody else shares the debtor.

    debtor_id: None where no debtor pays for the customer. customers: how many the debtor pays for.
    """

    debtor_id: int | None
    customers: int

    @property
    def shows_postings(self) -> bool:
        """Whether the postings can be told to be this one customer's."""
        return self.debtor_id is not None and self.customers == 1


def link(customer_id: int, debtor_id: int) -> CustomerDebtorLink:
    """Let the debtor pay for the customer from now on; a customer has at most one debtor."""
    customer_id = survivors.hold(customer_id, alone=True)
    ledger.lock_debtor(debtor_id)
    current = open_link(customer_id)
    if current is not None and current.debtor_id == debtor_id:
        return current
    if current is not None:
        raise Invalid(_("The customer already has a debtor; remove that link first."), field="debtor_id")
    row = CustomerDebtorLink(
        customer_id=customer_id, debtor_id=debtor_id, linked_at=now(), linked_by_id=actor.current().user_id
    )
    db.session.add(row)
    db.session.flush()
    return row


def unlink(customer_id: int) -> bool:
    """End the customer's link, which stays as history; False where there was none. Postings stay with the debtor."""
    customer_id = survivors.hold(customer_id, alone=True, deleted=True)
    current = open_link(customer_id, lock=True)
    if current is None:
        return False
    current.unlinked_at = now()
    current.unlinked_by_id = actor.current().user_id
    db.session.flush()
    return True


def create_for_customer(customer_id: int) -> Debtor:
    """Make a debtor with the customer's particulars and link it; what the customer lacks is shown as missing."""
    customer = db.session.get_one(Customer, survivors.hold(customer_id, alone=True), populate_existing=True)
    if open_link(customer.id) is not None:
        raise Invalid(_("The customer already has a debtor; remove that link first."), field="debtor_id")
    debtor = debtors.create(debtors.values_from_customer(customer), complete=False)
    link(customer.id, debtor.id)
    return debtor


def open_link(customer_id: int, *, lock: bool = False) -> CustomerDebtorLink | None:
    """The customer's present link."""
    statement = select(CustomerDebtorLink).where(CustomerDebtorLink.customer_id == customer_id, _OPEN)
    return db.session.scalars(statement.with_for_update() if lock else statement).one_or_none()


def debtor_of(customer_id: int) -> Debtor | None:
    """The debtor who pays for the customer now."""
    return db.session.scalars(
        select(Debtor).join(CustomerDebtorLink).where(CustomerDebtorLink.customer_id == customer_id, _OPEN)
    ).one_or_none()


def sole_customer(debtor_id: int) -> int | None:
    """The id of the one customer the debtor pays for; None where there is none or more than one."""
    ids = db.session.scalars(
        select(CustomerDebtorLink.customer_id).where(CustomerDebtorLink.debtor_id == debtor_id, _OPEN).limit(2)
    ).all()
    return ids[0] if len(ids) == 1 else None


def visibility(customer_id: int) -> Visibility:
    """Whether the customer's profile shows the debtor's postings."""
    current = open_link(customer_id)
    if current is None:
        return Visibility(None, 0)
    count = db.session.scalar(
        select(func.count())
        .select_from(CustomerDebtorLink)
        .where(CustomerDebtorLink.debtor_id == current.debtor_id, _OPEN)
    )
    return Visibility(current.debtor_id, count or 0)


def history(*, debtor_id: int | None = None, customer_id: int | None = None) -> list[CustomerDebtorLink]:
    """Present and former links of a debtor or of a customer, present ones first, then the latest."""
    statement = select(CustomerDebtorLink).order_by(
        CustomerDebtorLink.unlinked_at.is_not(None), CustomerDebtorLink.linked_at.desc(), CustomerDebtorLink.id.desc()
    )
    if debtor_id is not None:
        statement = statement.where(CustomerDebtorLink.debtor_id == debtor_id)
    if customer_id is not None:
        statement = statement.where(CustomerDebtorLink.customer_id == customer_id)
    return list(db.session.scalars(statement))
