"""The customers of contacts as cells show them: linked, and only those the user may see."""

from __future__ import annotations

from flask import url_for
from markupsafe import Markup
from sqlalchemy import select

from gecko.db import db
from gecko.models.contacts import CustomerContact
from gecko.models.customers import Customer
from gecko.operations import contacts, visibility

from .login import principal


def _link(customer_id: int, name: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(
        url_for("customer_profile.tab", customer_id=customer_id, tab_key="contacts"), name
    )


def links_of(ids: list[int]) -> dict[int, Markup]:
    """The customers of several contacts, in one query."""
    statement = (
        select(CustomerContact.contact_id, Customer.id, Customer.name)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(CustomerContact.contact_id.in_(ids), Customer.deleted_at.is_(None))
        .order_by(Customer.name_sort, Customer.id)
    )
    found: dict[int, list[Markup]] = {}
    for contact_id, customer_id, name in db.session.execute(visibility.customers(statement, principal())):
        found.setdefault(contact_id, []).append(_link(customer_id, name))
    return {contact_id: Markup(", ").join(links) for contact_id, links in found.items()}


def customers_of(contact_id: int) -> Markup:
    """The customers of one contact, each with what the contact is to it."""
    shown = [
        _link(customer.id, customer.name) + (Markup(" ({})").format(relation) if relation else "")
        for customer, relation in contacts.customers_of(contact_id, principal())
    ]
    return Markup(", ").join(shown)
