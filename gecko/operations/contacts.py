"""Contacts: people around customers; one contact may belong to several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from ..clock import now
from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..models.contacts import Contact, CustomerContact
from ..models.customers import Customer
from ..permissions import Principal
from . import customer_values, customers, survivors, visibility

_CLEANERS: dict[str, customer_values.Cleaner] = {
    "name": customer_values.name,
    "email": customer_values.email,
    "mobile": customer_values.phone,
    "telephone": customer_values.phone,
    "address": customer_values.line,
    "note": customer_values.text,
    "receives_copy": bool,
}


def find(contact_id: int, principal: Principal | None = None) -> Contact:
    """One living contact that `principal` may see; raises NotFound."""
    statement = select(Contact).where(Contact.id == contact_id, Contact.deleted_at.is_(None))
    if principal is not None:
        statement = visibility.contacts(statement, principal)
    contact = db.session.scalar(statement)
    if contact is None:
        raise NotFound
    return contact


def create(values: Mapping[str, Any]) -> Contact:
    """Add a contact."""
    contact = Contact(**{"name": values.get("name"), **_clean(values)})
    contact.name = customer_values.clean_one("name", contact.name)
    db.session.add(contact)
    db.session.flush()
    return contact


def change(
    contact_id: int, values: Mapping[str, Any], *, row_version: int | None = None, principal: Principal | None = None
) -> Contact:
    """Change a contact as read at `row_version`."""
    contact = find(contact_id, principal)
    if row_version is not None and contact.row_version != row_version:
        raise Conflict
    for column, value in _clean(values).items():
        setattr(contact, column, value)
    db.session.flush()
    return contact


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for column, value in values.items():
        try:
            found[column] = _CLEANERS[column](value)
        except Invalid as error:
            error.field = column
            raise
    return found


def delete(contact_id: int, *, principal: Principal | None = None) -> None:
    """Hide a contact; its links stay for the day it is restored."""
    find(contact_id, principal).deleted_at = now()
    db.session.flush()


def restore(contact_id: int) -> None:
    """Bring a deleted contact back."""
    contact = db.session.get(Contact, contact_id)
    if contact is None:
        raise NotFound
    contact.deleted_at = None
    db.session.flush()


def link(customer_id: int, contact_id: int, *, relation: str | None, principal: Principal | None = None) -> None:
    """Say that a contact belongs to a customer; linking again changes the relation."""
    customer_id = survivors.hold(customer_id)
    customers.find(customer_id, principal)
    find(contact_id, principal)
    row = _link(customer_id, contact_id)
    if row is None:
        row = CustomerContact(customer_id=customer_id, contact_id=contact_id)
        db.session.add(row)
    row.relation = customer_values.line(relation)
    db.session.flush()


def unlink(customer_id: int, contact_id: int, *, principal: Principal | None = None) -> None:
    """Part a contact from a customer; the contact itself stays."""
    customers.find(customer_id, principal)
    row = _link(customer_id, contact_id)
    if row is not None:
        db.session.delete(row)
        db.session.flush()


def _link(customer_id: int, contact_id: int) -> CustomerContact | None:
    return db.session.scalar(
        select(CustomerContact).where(
            CustomerContact.customer_id == customer_id, CustomerContact.contact_id == contact_id
        )
    )


def of_customer(customer_id: int) -> list[CustomerContact]:
    """The living contacts of a customer, by name."""
    return list(
        db.session.scalars(
            select(CustomerContact)
            .join(CustomerContact.contact)
            .where(CustomerContact.customer_id == customer_id, Contact.deleted_at.is_(None))
            .options(joinedload(CustomerContact.contact))
            .order_by(Contact.name_sort, Contact.id)
        )
    )


def count_of(customer_id: int) -> int:
    """How many living contacts a customer has."""
    statement = (
        select(func.count())
        .select_from(CustomerContact)
        .join(CustomerContact.contact)
        .where(CustomerContact.customer_id == customer_id, Contact.deleted_at.is_(None))
    )
    return db.session.scalar(statement) or 0


def customers_of(contact_id: int, principal: Principal) -> list[tuple[Customer, str | None]]:
    """The visible living customers a contact belongs to, each with the relation."""
    statement = (
        select(Customer, CustomerContact.relation)
        .join(CustomerContact, CustomerContact.customer_id == Customer.id)
        .where(CustomerContact.contact_id == contact_id, Customer.deleted_at.is_(None))
        .order_by(Customer.name_sort, Customer.id)
    )
    rows = db.session.execute(visibility.customers(cast("Select[Any]", statement), principal))
    return [(customer, relation) for customer, relation in rows]
