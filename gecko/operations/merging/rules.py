"""What a merge does with everything that belongs to a customer: the one table that both preview and act read.

Every foreign key to `customer` stands in MOVED or STAYS and every column of `customer` in COLUMNS or OWN. `check`
refuses to start without, so that a new table or column cannot be forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Table, UniqueConstraint

from ...db import Base
from ...language import _
from ...models.customers import Customer
from ...tombstones import GUARDED, references

Key = tuple[str, str]


class Clash(StrEnum):
    """What happens where the survivor may have one row only and has it already."""

    NONE = "none"
    KEEP_SURVIVORS = "keep_survivors"  # the other row goes into the journal
    CLOSE_OTHERS = "close_others"  # one debtor link stays open, the others become history


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows that follow to the survivor.

    key: what names a row; where rows can be removed it holds the natural key too, since SQLite may use an id again.
    unique: the columns of which a customer has each value once. rule: what settles a clash, in words.
    """

    label: Any
    key: tuple[str, ...] = ("id",)
    clash: Clash = Clash.NONE
    unique: tuple[str, ...] = ()
    rule: Any = None


_SURVIVORS = _("the survivor's own stays, the other is kept in the journal of the merge")
MOVED: dict[Key, Moved] = {
    ("sale_document", "customer_id"): Moved(_("Invoices and credit notes")),
    ("invoice_draft", "customer_id"): Moved(_("Drafts of invoices"), ("id", "key")),
    ("ad_hoc_purchase", "customer_id"): Moved(_("Purchases typed in")),
    ("message", "customer_id"): Moved(_("Messages")),
    ("booking", "customer_id"): Moved(_("Bookings")),
    ("recall", "customer_id"): Moved(_("Recalls")),
    ("customer_debtor_link", "customer_id"): Moved(
        _("Links to debtors"),
        clash=Clash.CLOSE_OTHERS,
        rule=_("one link stays open, the others are closed and kept as history"),
    ),
    ("customer_marking", "customer_id"): Moved(
        _("Markings"), ("id", "marking_id"), Clash.KEEP_SURVIVORS, ("marking_id",), _SURVIVORS
    ),
    ("customer_contact", "customer_id"): Moved(
        _("Contacts"), ("id", "contact_id"), Clash.KEEP_SURVIVORS, ("contact_id",), _SURVIVORS
    ),
    ("customer_field_value", "customer_id"): Moved(
        _("Answers to custom fields"), ("field_id",), Clash.KEEP_SURVIVORS, ("field_id",), _SURVIVORS
    ),
}
_WHO_WAS_COMPARED = "says which two records were compared; decisions re-point what has to follow"
_HISTORY = "says who was merged or erased, under the ids they had"
STAYS: dict[Key, str] = {
    ("duplicate_member", "customer_id"): _WHO_WAS_COMPARED,
    ("duplicate_pair", "a_id"): _WHO_WAS_COMPARED,
    ("duplicate_pair", "b_id"): _WHO_WAS_COMPARED,
    ("duplicate_decision", "a_id"): _WHO_WAS_COMPARED,
    ("duplicate_decision", "b_id"): _WHO_WAS_COMPARED,
    ("merge", "survivor_id"): _HISTORY,
    ("merged_customer", "customer_id"): _HISTORY,
    ("merged_customer", "survivor_id"): _HISTORY,
    ("merge_alias", "customer_id"): _HISTORY,
    ("merge_step", "customer_id"): _HISTORY,
    ("customer_erasure", "customer_id"): _HISTORY,
    ("consent", "customer_id"): "says who answered, under the record they had; whoever absorbed them shows it, too",
}


class Rule(StrEnum):
    """How the survivor's value of one field is settled."""

    FILL = "fill"  # the survivor's, else the first that is not empty
    ADDRESS = "address"  # the same for the parts of one address, never mixed from two that differ
    OWN = "own"  # the survivor's
    JOIN = "join"  # all of them, one after the other
    STRICTER = "stricter"  # yes only where everybody said yes
    SUM = "sum"  # added up
    LATEST = "latest"  # the youngest
    ASK = "ask"  # the survivor's or the only one; somebody must choose where they differ


WHY: dict[Rule, Any] = {
    Rule.FILL: _("the survivor's, or the first that is filled in"),
    Rule.ADDRESS: _("the survivor's; an address is not mixed from two"),
    Rule.OWN: _("the survivor's"),
    Rule.JOIN: _("all of them, one after the other"),
    Rule.STRICTER: _("the stricter consent: yes only where all said yes"),
    Rule.SUM: _("added up"),
    Rule.LATEST: _("the latest"),
    Rule.ASK: _("the survivor's; where they differ somebody chooses"),
}
COLUMNS: dict[str, Rule] = {
    "group_id": Rule.ASK,
    "number": Rule.FILL,
    "name": Rule.FILL,
    "address": Rule.ADDRESS,
    "postal_code": Rule.ADDRESS,
    "city": Rule.ADDRESS,
    "telephone": Rule.FILL,
    "mobile": Rule.FILL,
    "email": Rule.FILL,
    "birth_date": Rule.FILL,
    "cpr_index": Rule.ASK,
    "gender": Rule.FILL,
    "language": Rule.OWN,
    "remind_sms": Rule.STRICTER,
    "remind_email": Rule.STRICTER,
    "accepts_marketing_email": Rule.STRICTER,
    "accepts_marketing_sms": Rule.STRICTER,
    "allows_open_tracking": Rule.STRICTER,
    "note": Rule.JOIN,
    "important_note": Rule.JOIN,
    "right_of_access": Rule.OWN,
    "clips_left": Rule.SUM,
    "password_hash": Rule.FILL,
    "last_login_at": Rule.LATEST,
}
FOLLOWING = {"cpr_encrypted": "cpr_index", "last_login_ip": "last_login_at"}
"""Columns that come from the same customer as another column."""
OWN = frozenset({"id", "row_version", "deleted_at", "created_at", "created_by_id", "search_text", "name_sort"})
"""Columns that a merge leaves each customer, or that the database computes."""
CHOOSABLE = frozenset({Rule.FILL, Rule.ADDRESS, Rule.OWN, Rule.JOIN})
HIDDEN = frozenset({"password_hash", "last_login_at", "group_id", "cpr_index"})
"""Fields that nobody chooses in the list: settled silently, or asked as a question."""


def check() -> None:
    """Raise where a foreign key to customer, a unique rule or a column of customer has no rule here, or no index."""
    problems = [*_keys(), *_clashes(), *_unindexed(), *_columns()]
    if problems:
        raise RuntimeError("merging does not know what to do with " + ", ".join(problems))


def _keys() -> list[str]:
    known = {*MOVED, *STAYS}
    doubtful = (references() ^ known) | ({*MOVED} & {*STAYS}) | ({*MOVED} ^ {*GUARDED})
    return [".".join(key) for key in sorted(doubtful)]


def _clashes() -> list[str]:
    return [
        f"the unique rule of {table}.{column}"
        for (table, column), moved in MOVED.items()
        if moved.clash == Clash.NONE and _is_unique(Base.metadata.tables[table], column)
    ]


def _unindexed() -> list[str]:
    """Keys by which a merge would have to read the whole table."""
    found = []
    for table, column in MOVED:
        known = Base.metadata.tables.get(table)
        if known is not None and all(key[0] != column for key in (*_unique(known), *_indexed(known))):
            found.append(f"{table}.{column} without an index")
    return found


def _is_unique(table: Table, column: str) -> bool:
    partial = [[*index.columns.keys()] for index in table.indexes if index.unique]
    return any(column in key for key in [*_unique(table), *partial])


def _unique(table: Table) -> list[list[str]]:
    keys = [[*one.columns.keys()] for one in table.constraints if isinstance(one, UniqueConstraint)]
    return [*keys, [*table.primary_key.columns.keys()]]


def _indexed(table: Table) -> list[list[str]]:
    whole = [index for index in table.indexes if index.dialect_options["sqlite"]["where"] is None]
    return [[*index.columns.keys()] for index in whole if index.columns]


def _columns() -> list[str]:
    there = {column.name for column in Customer.__table__.columns}
    return [f"customer.{name}" for name in sorted(there ^ {*COLUMNS, *FOLLOWING, *OWN})]
