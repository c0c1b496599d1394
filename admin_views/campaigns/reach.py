"""Whom a campaign is for, as a statement: what the list of customers shows, within what the reader may see."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import ngettext
from sqlalchemy import Select, select

from gecko.errors import Invalid
from gecko.language import _
from gecko.models.campaigns import Campaign
from gecko.models.customers import Customer
from gecko.operations import visibility

from ..grid import state as states
from ..login import principal
from ..lookups import target_view

GROUP = "f_group_id"


def of_group(group_id: int) -> str:
    """The list's query that shows a group."""
    return f"{GROUP}={group_id}"


def ids(row: Campaign) -> Select[Any]:
    """The ids of the customers, as the list of customers would find them now; picked ones stay though deleted since."""
    if row.audience_ids is not None:
        picked = select(Customer.id).where(Customer.id.in_(row.audience_ids))
        return visibility.customers(picked, principal())
    return found_by(row.audience_query or "")


def found_by(query: str) -> Select[Any]:
    """The ids of the customers that the list would show; raises Invalid where it would pass over one of the filters.

    A list may show more where a filter cannot be read any more (its group is gone); nobody may be written to for that.
    """
    source, applied = target_view("customers").source(states.read_query(query))
    wrong = [one for one in applied if one.error]
    if wrong:
        raise Invalid(_("A filter of the list no longer holds: %(why)s"), why=wrong[0].error)
    found: Select[Any] = source.base(source.id)
    return found


def words(row: Campaign) -> list[str]:
    """Whom it is for, as the list says it above its rows."""
    if row.audience_ids is not None:
        number = len(row.audience_ids)
        return [ngettext("%(num)d customer who was picked", "%(num)d customers who were picked", number)]
    state, view = states.read_query(row.audience_query or ""), target_view("customers")
    said = [f"{view.filters[one.name].label}: {one.text}" for one in view.source(state)[1]]
    return [*([f"“{state.search}”"] if state.search else []), *said] or [str(_("All customers"))]


def url(row: Campaign) -> str | None:
    """The list that shows them; None for customers who were picked."""
    if row.audience_ids is not None:
        return None
    return url_for("customers.index_view") + (f"?{row.audience_query}" if row.audience_query else "")
