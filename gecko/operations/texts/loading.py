"""The facts about many customers at once: a fixed number of queries, and only what the texts speak about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ... import unsubscribe_links
from ...clock import local
from ...db import db
from ...models.customer_fields import CustomerField, CustomerFieldValue
from ...models.customers import Customer
from ...models.markings import CustomerMarking, Marking
from ...modules import Feature
from ...permissions import Permission, Principal
from .. import company, customer_secrets, purchases, settings
from . import loading_bookings, loading_recalls
from .codes import Part
from .facts import Answer, Facts, Person, Purchases, Tag
from .parsing import parse
from .reviewing import Source

Added: TypeAlias = dict[int, dict[str, Any]]
"""Fields of Person by customer."""


NEEDS = {
    Part.BOOKINGS: Permission.BOOKING_VIEW,
    Part.PURCHASES: Permission.PURCHASE_VIEW,
    Part.RECALL: Permission.BOOKING_VIEW,
}
"""What codes tell only to those who may see it elsewhere, where one person tries or writes a text."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """When the texts are written, and for whom."""

    at: datetime
    principal: Principal | None


def needed(*sources: Source) -> frozenset[Part]:
    """What has to be loaded for these texts."""
    return frozenset(part for one in sources for text in (one.subject, one.body) for part in parse(text).parts())


def permitted(parts: frozenset[Part], principal: Principal) -> frozenset[Part]:
    """Without what `principal` may not see elsewhere either: codes about it are written as nothing."""
    return frozenset(part for part in parts if part not in NEEDS or principal.has(NEEDS[part]))


def for_customers(
    customer_ids: Iterable[int], parts: frozenset[Part], *, at: datetime, principal: Principal | None = None
) -> dict[int, Facts]:
    """The facts by customer, without a booking; customers who do not exist are left out. Some hundred at a time.

    at: the moment of writing, which decides what is to come. principal: one who may see social security numbers gets
    them in full, and each look is logged (so inside `transaction()`); everybody else, and nobody, gets them masked.
    """
    base = _base(parts, at)
    people = _people(sorted(set(customer_ids)), parts, _Asking(at, principal))
    return {one.id: replace(base, customer=one) for one in people}


def for_bookings(
    booking_ids: Iterable[int], parts: frozenset[Part], *, at: datetime, principal: Principal | None = None
) -> dict[int, Facts]:
    """The facts by booking, with its customer where it has one; deleted bookings are there, too."""
    found = loading_bookings.named(sorted(set(booking_ids)))
    owners = sorted({owner for owner, _booked in found if owner is not None})
    base = _base(parts, at)
    people = {one.id: one for one in _people(owners, parts, _Asking(at, principal))}
    return {booked.id: replace(base, customer=people.get(owner or 0), booking=booked) for owner, booked in found}


def sensitive_fields() -> frozenset[int]:
    """The custom fields whose answers must not go by SMS."""
    return frozenset(db.session.scalars(select(CustomerField.id).where(CustomerField.is_sensitive)))


def _base(parts: frozenset[Part], at: datetime) -> Facts:
    return Facts(at, company.read(), sensitive_fields=sensitive_fields() if Part.ANSWERS in parts else frozenset())


def _people(customer_ids: Sequence[int], parts: frozenset[Part], asking: _Asking) -> list[Person]:
    wanted = select(Customer).where(Customer.id.in_(customer_ids)).options(joinedload(Customer.group))
    rows = list(db.session.scalars(wanted))
    added = [_LOADERS[part](rows, asking) for part in sorted(parts)] if rows else []
    return [Person(**_own(row), **_gathered(row.id, added)) for row in rows]


def _own(row: Customer) -> dict[str, Any]:
    texts = ("number", "address", "postal_code", "city", "telephone", "mobile", "email")
    return {
        "id": row.id,
        "name": row.name,
        "group": loading_bookings.group_of(row.group),
        "gender": row.gender,
        "language": row.language,
        "clips_left": row.clips_left,
        "accepts_marketing_email": row.accepts_marketing_email,
        "accepts_marketing_sms": row.accepts_marketing_sms,
        "has_password": row.password_hash is not None,
        **{name: getattr(row, name) or "" for name in texts},
    }


def _gathered(customer_id: int, added: Iterable[Added]) -> dict[str, Any]:
    return {name: value for one in added for name, value in one.get(customer_id, {}).items()}


def _born(rows: Sequence[Customer], asking: _Asking) -> Added:
    switched_on, today = settings.switched_on(), local(asking.at).date()
    found: Added = {}
    for row in rows:
        born = customer_secrets.born_on(row, switched_on=switched_on)
        if born is not None:
            age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
            found[row.id] = {"born_on": born, "age": age}
    return found


def _cpr(rows: Sequence[Customer], asking: _Asking) -> Added:
    if Feature.CPR not in settings.switched_on():
        return {}
    who = asking.principal if asking.principal and asking.principal.has(Permission.CUSTOMER_VIEW_CPR) else None
    return {
        row.id: {
            "cpr_masked": customer_secrets.masked_cpr(row),
            "cpr": customer_secrets.full_cpr(row, who).replace("-", "") if who else "",
        }
        for row in rows
        if row.cpr_encrypted is not None
    }


def _answers(rows: Sequence[Customer], _asking: _Asking) -> Added:
    wanted = (
        select(
            CustomerFieldValue.customer_id, CustomerFieldValue.field_id, CustomerField.type, CustomerFieldValue.value
        )
        .join(CustomerField, CustomerField.id == CustomerFieldValue.field_id)
        .where(CustomerFieldValue.customer_id.in_([row.id for row in rows]), CustomerField.deleted_at.is_(None))
    )
    found: Added = {row.id: {"answers": {}} for row in rows}
    for customer_id, field_id, kind, value in db.session.execute(wanted):
        found[customer_id]["answers"][field_id] = Answer(kind, value)
    return found


def _tags(rows: Sequence[Customer], _asking: _Asking) -> Added:
    wanted = (
        select(CustomerMarking.customer_id, Marking.id, Marking.name, CustomerMarking.value)
        .join(Marking, Marking.id == CustomerMarking.marking_id)
        .where(CustomerMarking.customer_id.in_([row.id for row in rows]))
        .order_by(Marking.name, Marking.id)
    )
    found: dict[int, list[Tag]] = {}
    for customer_id, marking_id, name, value in db.session.execute(wanted):
        found.setdefault(customer_id, []).append(Tag(marking_id, name, value or ""))
    return {customer_id: {"tags": tuple(tags)} for customer_id, tags in found.items()}


def _purchases(rows: Sequence[Customer], _asking: _Asking) -> Added:
    totals = purchases.totals_of([row.id for row in rows])
    return {
        customer_id: {"purchases": Purchases(one.count, one.value_ore + one.ad_hoc_ore, one.net_ore, one.last_on)}
        for customer_id, one in totals.items()
    }


def _bookings(rows: Sequence[Customer], asking: _Asking) -> Added:
    return loading_bookings.visits([row.id for row in rows], asking.at)


def _recalls(rows: Sequence[Customer], _asking: _Asking) -> Added:
    found = loading_recalls.following([row.id for row in rows])
    return {customer_id: {"recall": recalled} for customer_id, recalled in found.items()}


def _link(rows: Sequence[Customer], _asking: _Asking) -> Added:
    return {row.id: {"unsubscribe_link": unsubscribe_links.page(row.id)} for row in rows}


_LOADERS: dict[Part, Callable[[Sequence[Customer], _Asking], Added]] = {
    Part.BORN: _born,
    Part.CPR: _cpr,
    Part.ANSWERS: _answers,
    Part.TAGS: _tags,
    Part.PURCHASES: _purchases,
    Part.BOOKINGS: _bookings,
    Part.RECALL: _recalls,
    Part.LINK: _link,
}
