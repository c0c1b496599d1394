"""Addresses that failed: the mark belongs to the address, so a corrected address is clean at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from .. import audit
from ..clock import now
from ..db import db
from ..errors import Invalid
from ..models.address_failures import AddressFailure, Channel
from ..models.customers import Customer
from ..permissions import Principal
from . import customer_values, customers
from .messaging import addresses

Address = tuple[Channel, str]


def of_customer(customer: Customer) -> list[Address]:
    """The addresses a customer can be reached at."""
    addresses: list[Address] = [(Channel.EMAIL, customer.email)] if customer.email else []
    addresses += [(Channel.SMS, number) for number in (customer.mobile, customer.telephone) if number]
    return addresses


@cache
def _at() -> Select[Any]:
    """Built once: every list of customers asks it. Naming all channels lets the primary key answer."""
    addresses: Any = bindparam("addresses", expanding=True)
    return select(AddressFailure).where(AddressFailure.channel.in_(Channel), AddressFailure.address.in_(addresses))


def find(addresses: Iterable[Address]) -> dict[Address, AddressFailure]:
    """The failures among several addresses, in one query."""
    wanted = set(addresses)
    if not wanted:
        return {}
    rows = db.session.scalars(_at(), {"addresses": sorted({address for _channel, address in wanted})})
    return {key: row for row in rows if (key := (row.channel, row.address)) in wanted}


def mark(channel: Channel, address: str, *, reason: str) -> AddressFailure:
    """Note that a delivery to this address failed for good; the latest reason stands, and what waits for it stops."""
    text = customer_values.line(reason)
    if text is None:
        raise Invalid("Say why the address fails.", field="reason")
    dialect = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(AddressFailure).values(channel=channel, address=address, reason=text, failed_at=now())
    # two answers about one address may come at the same moment: the later one writes over the earlier
    latest = {"reason": statement.excluded.reason, "failed_at": statement.excluded.failed_at}
    db.session.execute(statement.on_conflict_do_update(index_elements=["channel", "address"], set_=latest))
    row = db.session.get_one(AddressFailure, (channel, address), populate_existing=True)
    addresses.suppress(channel, address)
    return row


def clear(channel: Channel, address: str) -> None:
    """Forget that the address failed."""
    row = db.session.get(AddressFailure, (channel, address))
    if row is not None:
        db.session.delete(row)
        db.session.flush()


def mark_for(customer_id: int, channel: Channel, *, reason: str, address: str, principal: Principal | None) -> None:
    """Staff mark an address of a customer as failing."""
    customer = _owner(customer_id, channel, address, principal)
    mark(channel, address, reason=reason)
    _note("customer.address_failed", customer, channel, address)


def clear_for(customer_id: int, channel: Channel, *, address: str, principal: Principal | None) -> None:
    """Staff confirm that they checked an address of a customer and that it is right."""
    customer = _owner(customer_id, channel, address, principal)
    clear(channel, address)
    _note("customer.address_checked", customer, channel, address)


def _owner(customer_id: int, channel: Channel, address: str, principal: Principal | None) -> Customer:
    customer = customers.find(customer_id, principal)
    if (channel, address) not in of_customer(customer):
        raise Invalid("The customer's address has changed meanwhile.")
    return customer


def _note(action: str, customer: Customer, channel: Channel, address: str) -> None:
    facts = {"channel": str(channel), "address": address}
    audit.record(action, entity="customer", entity_id=customer.id, customer_id=customer.id, facts=facts)
