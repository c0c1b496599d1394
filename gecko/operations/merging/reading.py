"""Merges as people look at them: the list, one merge with what it changed, and what undoing it would do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ...db import db, transaction
from ...errors import NotFound
from ...models.customer_groups import CustomerGroup
from ...models.customers import Customer
from ...models.merges import Merge, MergedCustomer, MergeStep, StepAction
from ...models.people import StaffUser
from ...permissions import Principal
from ..audit_words import COLUMNS as LABELS
from . import undoing
from .journal import decode
from .rules import COLUMNS, HIDDEN, MOVED

_SHOWN_THOUGH_HIDDEN = frozenset({"group_id"})


@dataclass(frozen=True, slots=True)
class Page:
    """Some merges, newest first; `older` is where the next page starts, None at the end."""

    merges: list[Merge]
    older: int | None


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A customer that was merged into another, and the merge."""

    merge_id: int
    name: str
    number: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of the survivor, before and after the merge."""

    field: str
    label: Any
    before: Any
    after: Any


def page(principal: Principal, *, mine: bool = False, before: int | None = None, size: int = 50) -> Page:
    """One page of the merges whose customers `principal` may all see."""
    statement = _visible(principal).order_by(Merge.id.desc()).limit(size + 1)
    if mine:
        statement = statement.where(Merge.created_by_id == principal.user_id)
    if before is not None:
        statement = statement.where(Merge.id < before)
    found = list(db.session.scalars(statement))
    return Page(found[:size], found[size - 1].id if len(found) > size else None)


def get(merge_id: int, principal: Principal) -> Merge:
    """One merge; NotFound where `principal` may not see one of its customers."""
    merge: Merge | None = db.session.scalar(_visible(principal).where(Merge.id == merge_id))
    if merge is None:
        raise NotFound
    return merge


def is_done(key: str | None) -> bool:
    """Whether a merge was made under this idempotency key."""
    return key is not None and db.session.scalar(select(Merge.id).where(Merge.idempotency_key == key)) is not None


def absorbed_into(customer_id: int) -> list[Absorbed]:
    """Whom a customer absorbed itself, in merges that are in force, newest first."""
    statement = (
        select(MergedCustomer.merge_id, Customer.name, Customer.number)
        .join(Customer, Customer.id == MergedCustomer.customer_id)
        .where(MergedCustomer.survivor_id == customer_id, MergedCustomer.undone_at.is_(None))
        .order_by(MergedCustomer.id.desc())
    )
    return [Absorbed(*row) for row in db.session.execute(statement)]


def _visible(principal: Principal) -> Select[Any]:
    statement = select(Merge).options(joinedload(Merge.survivor), *_people())
    if principal.groups is None:
        return statement
    absorbed = select(MergedCustomer.customer_id).where(MergedCustomer.merge_id == Merge.id)
    foreign = select(Customer.id).where(
        or_(Customer.id == Merge.survivor_id, Customer.id.in_(absorbed)),
        Customer.group_id.not_in(sorted(principal.groups)),
    )
    return statement.where(~exists(foreign.correlate(Merge)))


def _people() -> Sequence[Any]:
    return (selectinload(Merge.absorbed).joinedload(MergedCustomer.customer),)


def actors(merges: Collection[Merge]) -> dict[int, str]:
    """The names of those who merged or undid, by user id."""
    ids = {one.created_by_id for one in merges} | {one.undone_by_id for one in merges}
    rows = db.session.execute(select(StaffUser.id, StaffUser.name).where(StaffUser.id.in_(ids - {None})))
    return {row.id: row.name for row in rows}


def moved(counts: dict[str, int]) -> list[tuple[Any, int]]:
    """Numbers of rows by table, as people call what is in it."""
    labels = {table: rule.label for (table, _column), rule in MOVED.items()}
    return [(labels[table], count) for table, count in counts.items() if count and table in labels]


def changes(merge: Merge) -> list[Change]:
    """What the merge made of the survivor's fields; secrets are left out."""
    statement = select(MergeStep).where(
        MergeStep.merge_id == merge.id, MergeStep.action == StepAction.CHANGED, MergeStep.table_name == "customer"
    )
    found = []
    for step in db.session.scalars(statement):
        for name, before in (step.before or {}).items():
            if name in COLUMNS and name not in HIDDEN - _SHOWN_THOUGH_HIDDEN:
                after = (step.after or {}).get(name)
                found.append(Change(name, LABELS[name], _value(name, before), _value(name, after)))
    return found


def _value(name: str, stored: Any) -> Any:
    value = decode(Customer.__table__, name, stored)  # type: ignore[arg-type]
    if name != "group_id" or value is None:
        return value
    return db.session.scalar(select(CustomerGroup.name).where(CustomerGroup.id == value))


class _TriedOut(Exception):
    """Carries an undo's result out of the transaction that is thrown away."""

    def __init__(self, undone: undoing.Undone) -> None:
        self.undone = undone


def try_undo(merge_id: int, *, principal: Principal) -> undoing.Undone:
    """What undoing would do: it is done and thrown away, so that this cannot differ from the act. Raises Blocked."""
    try:
        with transaction():
            raise _TriedOut(undoing.undo(merge_id, principal=principal))
    except _TriedOut as tried:
        return tried.undone
