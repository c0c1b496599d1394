"""What the search over everything finds: records of the grids the reader may open, and commands.

Each kind of record is searched through its own grid, so its right, gate and row-level policy hold here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy import Select, false, select

from gecko import phones
from gecko.db import db
from gecko.folding import search_key, sort_key
from gecko.operations import booking_lists, survivors

from .formats import day, ore
from .grid.search import prefix_range, search_condition
from .guard import switched_on
from .shell import sections

SHORTEST = 2
LONGEST = 100
EXAMINED = 40
"""How many matches of one kind are read; the best of them are shown."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the results."""

    text: str
    hint: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind; `more` is the grid's own search where it has further hits."""

    label: str
    hits: list[Hit]
    more: str | None = None


def _customer_hint(row: Any) -> str:
    return " · ".join(filter(None, (row.number, phones.display(row.mobile or row.telephone), row.email)))


HINTS: dict[str, Callable[[Any], str]] = {
    "customers": _customer_hint,
    "debtors": lambda row: row.cvr or row.email or row.city or "",
    "invoices": lambda row: f"{row.buyer_name} · {day(row.document_date)} · {ore(row.total_ore)}",
    "items": lambda row: f"{row.item_no} · {ore(row.price_ore)}",
    "contacts": lambda row: phones.display(row.mobile or row.telephone) or row.email or "",
}


def views(names: Iterable[str] = HINTS) -> list[Any]:
    """The grids to search, in the order of `names`, that the reader may open."""
    known = {view.endpoint: view for admin in current_app.extensions["admin"] for view in admin._views}
    return [known[name] for name in names if name in known and is_open(known[name])]


def is_open(view: Any) -> bool:
    """Whether the reader may open the view: right and gate."""
    return bool(view.is_accessible() and view.gate.is_open(switched_on()))


def find(typed: str, size: int) -> list[Group]:
    """Commands, then records by kind, at most `size` of each."""
    typed = " ".join(typed.replace("\x00", " ").split())[:LONGEST]
    known = commands(typed)
    groups = [Group(_("Go to"), known[:size] if typed else known)]
    if len(typed) >= SHORTEST or typed.isdigit():
        for view in views():
            rows = _found(view, typed, size)
            groups.append(_group(view, rows, typed, size))
            if view.endpoint == "customers":
                groups += [_bookings(each, [row.id for row in rows], typed, size) for each in views(["bookings"])]
    return [group for group in groups if group.hits]


def commands(typed: str) -> list[Hit]:
    """Pages of the menu, what they offer, and records that can be created, whose names hold every word typed."""
    words = [search_key(word) for word in typed.lower().split()]
    entries = [entry for _heading, entries in sections() for entry in entries]
    found = [Hit(entry.label, "", entry.url, entry.icon) for entry in entries]
    found += [Hit(str(text), "", url, entry.icon) for entry in entries for text, url in entry.view.commands()]
    for view in views():
        if getattr(view, "may_create", bool)():
            found.append(Hit(str(view.create_title()), "", url_for(f"{view.endpoint}.create_view"), "plus"))
    return [hit for hit in found if all(word in search_key(hit.text.lower()) for word in words)]


def _found(view: Any, typed: str, size: int) -> dict[Any, bool]:
    """The best matches, more than `size` where there are; True for one that absorbed what was looked for."""
    former = dict.fromkeys(_former(view, typed), True)
    return former | {row: False for row in _rows(view, typed, size) if row not in former}


def _group(view: Any, rows: dict[Any, bool], typed: str, size: int) -> Group:
    hits = [
        Hit(view.lookup_text(row), _hint(view, row, typed if is_former else ""), view.row_url(row), view.icon)
        for row, is_former in list(rows.items())[:size]
    ]
    return Group(str(view.name), hits, view.search_url(typed) if len(rows) > size else None)


def _bookings(view: Any, customer_ids: list[int], typed: str, size: int) -> Group:
    """The booking of that number, then the next bookings of the customers found."""
    rows = list(db.session.scalars(booking_lists.found(_statement(view), customer_ids, typed).limit(size)))
    hits = [
        Hit(view.title_of(row), " · ".join(map(str, filter(None, (row.customer, row.service, row.calendar)))),
            view.row_url(row), view.icon)
        for row in rows
    ]  # fmt: skip
    return Group(str(view.name), hits)


def _hint(view: Any, row: Any, former: str) -> str:
    hint = HINTS[view.endpoint](row)
    return " · ".join(filter(None, (hint, _("formerly %(value)s", value=former)))) if former else hint


def _former(view: Any, typed: str) -> list[Any]:
    """Customers who absorbed the one whose number or address this was."""
    ids = survivors.known_as(typed) if view.endpoint == "customers" else []
    if not ids:
        return []
    return list(db.session.scalars(_statement(view).where(view.model.id.in_(ids)).order_by(view.model.id)))


def _rows(view: Any, typed: str, size: int) -> list[Any]:
    """The best matches: by number, then names that begin with what was typed, then the rest."""
    table = view.model.__table__
    dialect = db.session.get_bind().dialect.name
    found: dict[int, Any] = {}
    if "name_sort" in table.c and view.endpoint == "customers":
        key = sort_key(typed if dialect == "sqlite" else typed.lower())
        starting = _statement(view).where(prefix_range(table.c.name_sort, key)).order_by(table.c.name_sort, table.c.id)
        found = {row.id: row for row in db.session.scalars(starting.limit(size + 1))}
    if len(found) <= size:
        for row in db.session.scalars(_statement(view).where(_condition(table, typed, dialect)).limit(EXAMINED)):
            found.setdefault(row.id, row)
    return sorted(found.values(), key=lambda row: _rank(row, typed))


def _statement(view: Any) -> Select[Any]:
    statement = view.scope(select(view.model))
    return statement.where(view.model.deleted_at.is_(None)) if view.has_soft_delete else statement


def _condition(table: Any, typed: str, dialect: str) -> Any:
    condition = search_condition(table, typed, dialect)
    if condition is not None:
        return condition[0]
    return table.c.number.in_({typed, typed.upper()}) if "number" in table.c else false()


def _rank(row: Any, typed: str) -> tuple[int, str]:
    number = getattr(row, "number", None) or getattr(row, "item_no", None) or ""
    name = search_key(str(row).lower())
    wanted = search_key(typed.lower())
    if number.lower() == typed.lower():
        return 0, name
    if name.startswith(wanted):
        return 1, name
    return (2 if f" {wanted}" in name else 3), name
