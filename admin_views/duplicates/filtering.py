"""Which cases the queue shows: read from the address, carried along from case to case, shown as chips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select

from gecko.db import db
from gecko.language import _
from gecko.models.customer_groups import CustomerGroup
from gecko.models.duplicates import Lane
from gecko.models.people import StaffUser
from gecko.operations import visibility
from gecko.operations.duplicates import queue, speaking
from gecko.operations.duplicates.queue import Filters

from ..grid.records import read_id
from ..login import principal

MINIMA = (50, 75, 90, 95, 99)
ACROSS = "across"
"""In an address: customers of several groups."""
OWNERS = {"nobody": queue.NOBODY, "someone": queue.SOMEONE, "me": None}
KEYS = ("lane", "group", "minimum", "reason", "who")


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the address is in force; empty where nothing narrows."""

    lane: Lane | None = None
    group: str = ""
    minimum: str = ""
    reason: str = ""
    who: str = ""

    def arguments(self, **others: Any) -> dict[str, Any]:
        """The filters as arguments of an address, with others in their place or beside them."""
        own = {key: str(getattr(self, key) or "") or None for key in KEYS}
        return {key: value for key, value in {**own, **others}.items() if value is not None}

    @property
    def domain(self) -> Filters:
        """The same as the queue understands it."""
        return Filters(
            lane=self.lane,
            group_id=int(self.group) if self.group and self.group != ACROSS else None,
            across=self.group == ACROSS,
            minimum=int(self.minimum) / 100 if self.minimum else 0.0,
            reason=self.reason or None,
            assigned_to=_owner(self.who),
        )


@dataclass(frozen=True, slots=True)
class Box:
    """One filter as people choose it."""

    name: str
    label: Any
    options: list[tuple[str, Any]]
    value: str

    @property
    def text(self) -> str:
        """The choice in words."""
        return next((str(text) for value, text in self.options if value == self.value), "")


def read(arguments: Mapping[str, str]) -> Asked:
    """The filters that an address asks for, as far as they exist."""
    found = {name: arguments.get(name, "") for name in KEYS}
    return Asked(
        lane=Lane(found["lane"]) if found["lane"] in set(Lane) else None,
        group=found["group"] if found["group"] == ACROSS or read_id(found["group"]) is not None else "",
        minimum=found["minimum"] if found["minimum"] in map(str, MINIMA) else "",
        reason=found["reason"] if found["reason"] in speaking.REASONS else "",
        who=found["who"] if found["who"] in OWNERS or read_id(found["who"]) is not None else "",
    )


def boxes(filters: Asked) -> list[Box]:
    """The filters with their choices and what is chosen."""
    offered: dict[str, tuple[Any, list[tuple[str, Any]]]] = {
        "group": (_("Group"), [(ACROSS, _("Across groups")), *groups()]),
        "minimum": (_("Same person"), [(str(one), gettext("at least %(share)s %%", share=one)) for one in MINIMA]),
        "reason": (_("Reason"), list(speaking.REASONS.items())),
        "who": (_("Whose"), [("me", _("Mine")), ("nobody", _("Nobody's")), ("someone", _("Somebody's")), *_owners()]),
    }
    return [
        Box(name, label, [("", _("All")), *options], getattr(filters, name))
        for name, (label, options) in offered.items()
    ]


def _owner(who: str) -> int | None:
    if not who:
        return None
    if who == "me":
        return principal().user_id
    return OWNERS.get(who) if who in OWNERS else int(who)


def _owners() -> list[tuple[str, Any]]:
    """Those who have cases to decide."""
    statement = select(StaffUser.id, StaffUser.name).where(StaffUser.id.in_(queue.owners())).order_by(StaffUser.name)
    return [(str(row.id), row.name) for row in db.session.execute(statement) if row.id != principal().user_id]


def groups() -> list[tuple[str, Any]]:
    """The customer groups that one sees."""
    statement = visibility.customer_groups(select(CustomerGroup).order_by(CustomerGroup.name), principal())
    return [(str(group.id), group.name) for group in db.session.scalars(statement)]


def chips(filters: Asked, chosen: list[Box]) -> list[dict[str, str]]:
    """The filters in force, each with the address without it."""
    return [
        {"text": f"{box.label}: {box.text}", "url": _without(filters, box.name)}
        for box in chosen
        if box.text and box.value
    ]


def _without(filters: Asked, name: str) -> str:
    return url_for("duplicates.index", **filters.arguments(**{name: None}))
