"""Values that stand in for a value (info@..., 00000000): what the matcher learned, and what staff say about it.

A value on the list counts as unknown. What the list says holds for the next comparison of everybody, which has to
follow a change: `bearers` are the customers whose signatures it concerns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...clock import now
from ...db import db
from ...errors import Conflict, Invalid, NotFound
from ...language import _
from ...models.customers import Customer
from ...models.matching import MatchPlaceholder, PlaceholderState
from .. import customer_values
from ..matching import state
from ..matching.normalising import FIELDS, Profile, normalise

KINDS = {"email": _("E-mail"), "phone": _("Telephone"), "birth_date": _("Date of birth")}
_FIELD = {"email": "email", "phone": "mobile", "birth_date": "birth_date"}
_AT_ONCE = 2_000


def listed() -> list[MatchPlaceholder]:
    """The whole list: what nobody has judged first, then by how many customers have the value."""
    statement = select(MatchPlaceholder).options(joinedload(MatchPlaceholder.decided_by))
    rows = db.session.scalars(statement)
    return sorted(rows, key=lambda row: (row.state != PlaceholderState.LEARNED, -row.customers, row.value))


def decide(placeholder_id: int, wanted: PlaceholderState, *, seen: PlaceholderState, user_id: int | None) -> bool:
    """Confirm or reject a value; returns whether comparisons change by it. Conflict where somebody else just did."""
    row = db.session.scalar(select(MatchPlaceholder).where(MatchPlaceholder.id == placeholder_id).with_for_update())
    if row is None:
        raise NotFound
    if row.state == wanted:
        return False
    if row.state != seen:
        raise Conflict
    was_unknown, is_unknown = (one != PlaceholderState.REJECTED for one in (row.state, wanted))
    row.state, row.decided_at, row.decided_by_id = wanted, now(), user_id
    if was_unknown != is_unknown:
        _renew()
    return was_unknown != is_unknown


def add(kind: str, text: str, *, user_id: int | None) -> int:
    """Put a value on the list; returns its id. Raises Invalid where it is none, or counts as unknown anyway."""
    value = _value_of(kind, text)
    known = db.session.scalar(
        select(MatchPlaceholder).where(MatchPlaceholder.kind == kind, MatchPlaceholder.value == value).with_for_update()
    )
    if known is not None:
        decide(known.id, PlaceholderState.CONFIRMED, seen=known.state, user_id=user_id)
        return known.id
    row = MatchPlaceholder(
        kind=kind, value=value, customers=0, surnames=0, state=PlaceholderState.CONFIRMED, decided_at=now(),
        decided_by_id=user_id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _renew()
    return row.id


def _renew() -> None:
    db.session.flush()
    state.raise_version(db.session.connection(), "placeholders")


def _value_of(kind: str, text: str) -> str:
    if kind not in KINDS:
        raise Invalid(_("Choose what kind of value it is."))
    cleaned = customer_values.clean_one(_FIELD[kind], text)
    value = next(iter(_values(kind, normalise({_FIELD[kind]: cleaned}))), None)
    if value is None:
        raise Invalid(_("This value tells the matcher nothing in any case; it need not stand on the list."))
    return value


def _values(kind: str, profile: Profile) -> list[str]:
    """What a customer has of a kind, as the list writes it."""
    if kind == "email":
        return [profile.email] if profile.email else []
    if kind == "phone":
        return [str(number) for number in (profile.mobile, profile.telephone) if number]
    return [profile.birth_date.isoformat()] if profile.birth_date else []


def bearers(kind: str, value: str) -> Iterator[list[int]]:
    """The customers who have a value, a page at a time; whoever else's signature it cannot change."""
    last = 0
    columns: list[Any] = [getattr(Customer, name) for name in FIELDS]
    while True:
        statement = (
            select(Customer.id, *columns)
            .where(Customer.id > last, Customer.deleted_at.is_(None))
            .order_by(Customer.id)
            .limit(_AT_ONCE)
        )
        rows = db.session.execute(statement).mappings().all()
        db.session.rollback()
        found = [row["id"] for row in rows if value in _values(kind, normalise(dict(row)))]
        if found:
            yield found
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1]["id"]


def get(placeholder_id: int) -> MatchPlaceholder:
    """One value of the list."""
    row = db.session.get(MatchPlaceholder, placeholder_id)
    if row is None:
        raise NotFound
    return row
