"""Plain functions that make rows. Each commits, and returns an object of the test's session."""

from __future__ import annotations

from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor
from gecko.models.documents import SaleDocument
from gecko.models.items import Item, ItemKind
from gecko.models.people import Role, StaffUser
from gecko.operations import debtor_links, debtors, invoicing, passwords, sessions

_numbers = count(1)


def save(row: Any) -> Any:
    """Add and commit one row."""
    with transaction() as session:
        session.add(row)
    return row


def user(*roles: str, **values: Any) -> StaffUser:
    """A staff user with seeded roles by key."""
    n = next(_numbers)
    wanted = {"username": f"user{n}", "name": f"User {n}", **values}
    with transaction() as session:
        row = StaffUser(**wanted)
        row.roles = list(session.scalars(select(Role).where(Role.key.in_(roles))))
        session.add(row)
    return row


def signed_in(app: Flask, who: StaffUser) -> FlaskClient:
    """A client with a live session of `who`."""
    with transaction():
        token = sessions.start(db.session.get(StaffUser, who.id), ip="127.0.0.1", user_agent="test")
    client = app.test_client()
    client.set_cookie("gecko", token)
    return client


def primary_group() -> CustomerGroup:
    """The seeded primary group."""
    return db.session.scalars(select(CustomerGroup).where(CustomerGroup.is_primary)).one()


def group(**values: Any) -> CustomerGroup:
    """A further customer group."""
    return save(CustomerGroup(**{"name": f"Group {next(_numbers)}", **values}))


def customer(**values: Any) -> Customer:
    """A customer, in the primary group unless told otherwise."""
    wanted = {"name": f"Customer {next(_numbers)}", **values}
    if "group_id" not in wanted:
        wanted["group_id"] = primary_group().id
    return save(Customer(**wanted))


PASSWORD = "korrekt hest batteri"
_hashed: list[str] = []


def user_with_password(*roles: str, **values: Any) -> StaffUser:
    """A staff user who can log in with PASSWORD (hashed once: it is slow on purpose)."""
    if not _hashed:
        _hashed.append(passwords.hash_password(PASSWORD))
    return user(*roles, password_hash=_hashed[0], **values)


def debtor(**values: Any) -> Debtor:
    """A debtor with every required field."""
    n = next(_numbers)
    wanted = {
        "company_name": f"Firma {n} ApS",
        "address": "Nørregade 1",
        "postal_code": "8000",
        "city": "Aarhus C",
        "phone": "+4586121212",
        "email": f"faktura{n}@example.dk",
        **values,
    }
    with transaction():
        return debtors.create(wanted)


def linked(**values: Any) -> tuple[Customer, Debtor]:
    """A customer and the debtor who pays for them."""
    who, payer = customer(**values), debtor()
    customer_id, debtor_id = who.id, payer.id
    with transaction():
        debtor_links.link(customer_id, debtor_id)
    return who, payer


def item(**values: Any) -> Item:
    """An item at 100 kr. with VAT."""
    n = next(_numbers)
    return save(
        Item(**{"item_no": f"V{n}", "name": f"Vare {n}", "kind": ItemKind.PRODUCT, "price_ore": 10_000, **values})
    )


def invoice(debtor_id: int, *prices: int, **values: Any) -> SaleDocument:
    """An invoice of one free-text line for each price (øre with VAT); 100 kr. where none is given."""
    lines = [invoicing.Line(quantity_milli=1_000, unit_price_ore=ore, text="Ydelse") for ore in prices or (10_000,)]
    with transaction():
        return invoicing.issue(debtor_id=debtor_id, lines=lines, **values)


def customers(names: list[str], **values: Any) -> None:
    """Many customers at once, in the primary group unless told otherwise."""
    group_id = values.pop("group_id", None) or primary_group().id
    with transaction() as session:
        session.add_all(Customer(name=name, group_id=group_id, **values) for name in names)
