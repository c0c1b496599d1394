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
from gecko.models.people import Role, StaffUser
from gecko.operations import passwords, sessions

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
