"""Markings: putting coloured tags on customers and taking them off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import contains_eager

from .. import actor
from ..clock import now
from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..language import _
from ..models.markings import CustomerMarking, Marking
from ..permissions import Principal
from . import customer_values, customers, survivors

# Names of the theme's badges and icons.
COLOURS: dict[str, Any] = {
    "blue": _("Blue"),
    "green": _("Green"),
    "teal": _("Turquoise"),
    "yellow": _("Yellow"),
    "orange": _("Orange"),
    "red": _("Red"),
    "purple": _("Purple"),
    "secondary": _("Grey"),
}
ICONS: dict[str, Any] = {
    "tag": _("Tag"),
    "star": _("Star"),
    "flag": _("Flag"),
    "alert-triangle": _("Warning"),
    "bell": _("Bell"),
    "gift": _("Gift"),
    "key": _("Key"),
    "clock": _("Clock"),
    "building": _("Building"),
}


def create(values: Mapping[str, Any]) -> Marking:
    """Add a marking."""
    marking = Marking(name="")
    _fill(marking, values)
    db.session.add(marking)
    db.session.flush()
    return marking


def change(marking_id: int, values: Mapping[str, Any], *, row_version: int | None = None) -> Marking:
    """Change a marking; what is inactive stays on customers but cannot be put on new ones."""
    marking = get(marking_id)
    if row_version is not None and marking.row_version != row_version:
        raise Conflict
    _fill(marking, values)
    db.session.flush()
    return marking


def _fill(marking: Marking, values: Mapping[str, Any]) -> None:
    if "name" in values or not marking.name:
        name = customer_values.clean_one("name", values.get("name"))
        taken = select(Marking.id).where(func.lower(Marking.name) == name.lower(), Marking.id != (marking.id or 0))
        if db.session.scalar(taken) is not None:
            raise Invalid("There is already one with this name.", field="name")
        marking.name = name
    for column, allowed in (("icon", ICONS), ("colour", COLOURS)):
        if column in values:
            if values[column] not in allowed:
                raise Invalid("“%(text)s” is not one of the choices.", field=column, text=str(values[column]))
            setattr(marking, column, values[column])
    if "is_active" in values:
        marking.is_active = bool(values["is_active"])


def get(marking_id: int) -> Marking:
    """One marking; raises NotFound."""
    marking = db.session.get(Marking, marking_id)
    if marking is None:
        raise NotFound
    return marking


def delete(marking_id: int) -> None:
    """Delete a marking that no customer carries; others are to be made inactive."""
    marking = get(marking_id)
    used = select(func.count()).select_from(CustomerMarking).where(CustomerMarking.marking_id == marking_id)
    if count := db.session.scalar(used):
        raise Invalid(
            "%(count)s customers carry the marking %(name)s. Make it inactive instead.", count=count, name=marking.name
        )
    db.session.delete(marking)
    db.session.flush()


def active() -> list[Marking]:
    """The markings that can be put on customers, by name."""
    return list(db.session.scalars(select(Marking).where(Marking.is_active).order_by(Marking.name)))


@cache
def _of_customers() -> Select[Any]:
    """Built once: every list of customers asks it."""
    return (
        select(CustomerMarking)
        .join(CustomerMarking.marking)
        .options(contains_eager(CustomerMarking.marking))
        .where(CustomerMarking.customer_id.in_(bindparam("ids", expanding=True)))
        .order_by(Marking.name)
    )


def of_customers(customer_ids: Iterable[int]) -> dict[int, list[CustomerMarking]]:
    """The markings of several customers, each with its marking, in one query."""
    found: dict[int, list[CustomerMarking]] = {}
    wanted = list(customer_ids)
    for row in db.session.scalars(_of_customers(), {"ids": wanted}) if wanted else ():
        found.setdefault(row.customer_id, []).append(row)
    return found


def put_on(customer_id: int, marking_id: int, *, value: str | None, principal: Principal | None = None) -> None:
    """Put an active marking on a customer, or change the value it carries there."""
    customer_id = survivors.hold(customer_id)
    customers.find(customer_id, principal)
    marking = get(marking_id)
    text = customer_values.line(value)
    row = _of_customer(customer_id, marking_id)
    if row is not None:
        if row.value != text:
            row.value, row.set_at, row.set_by_id = text, now(), actor.current().user_id
        return
    if not marking.is_active:
        raise Invalid("The marking %(name)s is inactive.", name=marking.name)
    db.session.add(
        CustomerMarking(
            customer_id=customer_id, marking_id=marking_id, value=text, set_by_id=actor.current().user_id, set_at=now()
        )
    )
    db.session.flush()


def take_off(customer_id: int, marking_id: int, *, principal: Principal | None = None) -> None:
    """Take a marking off a customer; nothing happens where it is not there."""
    customers.find(customer_id, principal)
    row = _of_customer(customer_id, marking_id)
    if row is not None:
        db.session.delete(row)
        db.session.flush()


def _of_customer(customer_id: int, marking_id: int) -> CustomerMarking | None:
    return db.session.scalar(
        select(CustomerMarking).where(
            CustomerMarking.customer_id == customer_id, CustomerMarking.marking_id == marking_id
        )
    )
