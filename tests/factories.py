"""Plain functions that make rows. Each commits, and returns an object of the test's session."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from string import ascii_lowercase
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from gecko.clock import now, today
from gecko.db import db, transaction
from gecko.models.bookings import Booking, Calendar, Service
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor
from gecko.models.documents import SaleDocument
from gecko.models.duplicates import DuplicateCase, DuplicateMember
from gecko.models.invoice_drafts import InvoiceDraft
from gecko.models.items import Item, ItemKind
from gecko.models.messages import MessageChannel, MessageKind
from gecko.models.people import Role, RolePermission, StaffUser
from gecko.operations import debtor_links, debtors, drafting, invoicing, matching, passwords, sessions
from gecko.operations.demo import names, places
from gecko.operations.dunning import papers, planning, running
from gecko.operations.duplicates import recording
from gecko.operations.letters import batches
from gecko.operations.letters.sheets import Page
from gecko.operations.matching.normalising import FIELDS
from gecko.operations.messaging import enqueuing
from gecko.operations.texts import loading
from gecko.operations.texts.reviewing import Source
from reports.letters import reminders

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


def calendar(**values: Any) -> Calendar:
    """A calendar for everybody."""
    return save(Calendar(**{"name": f"Kalender {next(_numbers)}", **values}))


def service(**values: Any) -> Service:
    """A service of 30 minutes at 300 kr.; 40 minutes are reserved."""
    wanted = {"shown_minutes": 30, "reserved_minutes": 40, "price_ore": 30_000, **values}
    return save(Service(**{"name": f"Ydelse {next(_numbers)}", **wanted}))


def booking(customer_id: int | None = None, *, days: int = 1, **values: Any) -> Booking:
    """A booking `days` from now, in a calendar of its own unless told otherwise; nothing is checked."""
    start_at = values.pop("start_at", None) or (now() + timedelta(days=days)).replace(second=0, microsecond=0)
    calendar_id = values.pop("calendar_id", None) or calendar().id
    wanted = {"end_at": start_at + timedelta(minutes=30), "shown_minutes": 30, "price_ore": 30_000, **values}
    return save(Booking(customer_id=customer_id, calendar_id=calendar_id, start_at=start_at, **wanted))


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


def draft(debtor_id: int, *prices: int, **values: Any) -> InvoiceDraft:
    """A draft of such an invoice."""
    lines = [invoicing.Line(quantity_milli=1_000, unit_price_ore=ore, text="Ydelse") for ore in prices or (10_000,)]
    with transaction():
        return drafting.create(drafting.Content(debtor_id, lines, **values), key=f"draft{next(_numbers)}")


def reminder(debtor_id: int) -> tuple[int, int]:
    """The ids of a first payment reminder of today and of its run, for an invoice that fell due weeks ago."""
    invoice(debtor_id, document_date=today() - timedelta(days=60))
    with transaction():
        terms = planning.Terms(1, today())
        run = running.create(terms, [debtor_id], key=f"reminder:{next(_numbers)}")
        made = running.write(run, debtor_id)
        papers.keep(made.id, reminders.make(made))
        return made.id, run.id


def customers(names: list[str], **values: Any) -> None:
    """Many customers at once, in the primary group unless told otherwise."""
    group_id = values.pop("group_id", None) or primary_group().id
    with transaction() as session:
        session.add_all(Customer(name=name, group_id=group_id, **values) for name in names)


def person(**values: Any) -> Customer:
    """A customer with everything that the matcher compares, and nothing in common with the others."""
    n = next(_numbers)
    first, last = names.FEMALE[n % len(names.FEMALE)], names.LAST[n * 7 % len(names.LAST)]
    wanted = {
        "name": f"{first} {last}",
        "email": f"{ascii_lowercase[n % 26] * 3}{n}@post.example",
        "mobile": f"+45{20_000_000 + n * 79_193 % 9_000_000}",
        "birth_date": date(1950 + n * 17 % 50, 1 + n * 5 % 12, 1 + n * 11 % 28),
        "address": f"{places.STREETS[n % len(places.STREETS)]} {1 + n * 13 % 200}",
        "postal_code": str(1_000 + n * 37 % 8_000),
        "city": f"By {n}",
        **values,
    }
    return customer(**wanted)


def registered_again(original: Customer, **values: Any) -> Customer:
    """The same person once more; `values` are what differs."""
    same = {name: getattr(original, name) for name in FIELDS}
    return customer(**{**same, "group_id": original.group_id, **values})


def role_with(*rights: str) -> str:
    """A role of its own with these rights; returns its key."""
    key = f"role{next(_numbers)}"
    save(Role(key=key, name=key, permissions=[RolePermission(permission=right) for right in rights]))
    return key


def duplicate_case(*, times: int = 1, **differing: Any) -> int:
    """A person registered `times` more than once, as a case; `differing` is what the others say."""
    original = person()
    original_id = original.id
    for _n in range(times):
        registered_again(db.session.get_one(Customer, original_id), **differing)
    return found_case(original_id)


def found_case(customer_id: int) -> int:
    """The case that a check of the customer makes."""
    with transaction():
        recording.record(matching.check(customer_id), checked=[customer_id])
    statement = select(DuplicateMember.case_id).join(DuplicateCase, DuplicateCase.id == DuplicateMember.case_id)
    statement = statement.where(DuplicateMember.customer_id == customer_id, DuplicateCase.closed_at.is_(None))
    return db.session.scalars(statement.order_by(DuplicateCase.lane.desc())).first() or 0


def members(case_id: int) -> list[int]:
    """The customers of a case."""
    statement = select(DuplicateMember.customer_id).where(DuplicateMember.case_id == case_id)
    return list(db.session.scalars(statement.order_by(DuplicateMember.customer_id)))


def message(**values: Any) -> int:
    """The id of an e-mail that waits, with one small file unless told otherwise."""
    wanted = {
        "channel": MessageChannel.EMAIL,
        "kind": MessageKind.MANUAL,
        "dedupe_key": f"test:{next(_numbers)}",
        "subject": "Hej",
        "body": "Hej med dig",
        "attachments": (enqueuing.Attachment("plan.pdf", "application/pdf", b"%PDF-1.7 plan"),),
        **values,
    }
    with transaction():
        return enqueuing.enqueue_all([enqueuing.Draft(**wanted)])[0]


def letter(customer_id: int, body: str = "Kære [KUNDEFORNAVN]", **values: Any) -> int:
    """The id of a letter that was made; to a place in Copenhagen where the customer has no address."""
    with transaction():
        facts = loading.for_customers([customer_id], loading.needed(Source("", body)), at=now())[customer_id]
        if not facts.customer.address:
            place = {"address": "Åboulevarden 12", "postal_code": "2200", "city": "København N"}
            facts = replace(facts, customer=replace(facts.customer, **place))
        order = {"language": "da", "page": Page(), "dedupe_key": f"letter:{next(_numbers)}", **values}
        return sum(batches.write([batches.Order(facts, Source("", body), **order)]))
