"""The postal address of a customer, as it stands in the window of an envelope."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_

from ...models.customers import Customer
from ..texts.facts import Person

MOST_LINES = 6
"""What the window shows."""


def lines(person: Person) -> tuple[str, ...]:
    """Name, address, postal code and city; nothing where the post could not find the customer."""
    town = " ".join(f"{person.postal_code} {person.city}".split())
    street = [" ".join(line.split()) for line in person.address.splitlines()]
    street = [line for line in street if line]
    if not street or not town:
        return ()
    return (" ".join(person.name.split()), *street[: MOST_LINES - 2], town)


def is_missing() -> ColumnElement[bool]:
    """SQL: the customer has no address that a letter could go to."""
    street, code, town = (
        func.coalesce(func.trim(column), "") for column in (Customer.address, Customer.postal_code, Customer.city)
    )
    return or_(street == "", and_(code == "", town == ""))
