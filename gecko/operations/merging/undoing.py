"""Undoing a merge, at any time: what it moved goes back, what came after stays with the survivor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, update

from ... import actor, audit
from ...clock import now
from ...db import db
from ...errors import GeckoError, NotFound
from ...language import _
from ...models.customers import Customer
from ...models.merges import Merge, MergeAlias, MergedCustomer, MergeStep, StepAction
from ...permissions import Principal
from .. import visibility
from . import hindrances, restoring, rows, withdrawals
from .journal import one_of
from .rules import MOVED


class Blocked(GeckoError):
    """The merge cannot be undone as things are. `hindrances`: sentences that say why, in the reader's language."""

    message = _("The merge cannot be undone: %(why)s")

    def __init__(self, found: Sequence[Any]) -> None:
        self.hindrances = list(found)
        super().__init__(why=" ".join(str(one) for one in found))


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did. back: rows given back by table. kept: what stays with the survivor, in sentences.

    is_new: False where the merge had been undone before and nothing happened.
    """

    merge_id: int
    survivor_id: int
    revived_ids: tuple[int, ...]
    back: dict[str, int] = field(default_factory=dict)
    kept: tuple[Any, ...] = ()
    is_new: bool = True


def undo(merge_id: int, *, principal: Principal | None = None) -> Undone:
    """Take a merge back; undoing it again changes nothing. Raises Blocked with the list of what stands in the way."""
    merge = _lock(merge_id, principal)
    revived = tuple(one.customer_id for one in merge.absorbed)
    if merge.undone_at is not None:
        return Undone(merge.id, merge.survivor_id, revived, is_new=False)
    steps = list(
        db.session.scalars(select(MergeStep).where(MergeStep.merge_id == merge.id).order_by(MergeStep.id.desc()))
    )
    if found := hindrances.find(merge, steps):
        raise Blocked(found)
    _open(merge)
    kept: list[Any] = []
    back: dict[str, int] = {}
    for step in steps:
        kept += restoring.restore(merge, step, back)
    withdrawals.keep(merge)
    kept += _came_after(merge)
    db.session.execute(MergeAlias.__table__.delete().where(MergeAlias.merge_id == merge.id))  # type: ignore[attr-defined]
    _tell(merge, revived, back)
    merge.is_running = False
    db.session.flush()
    return Undone(merge.id, merge.survivor_id, revived, back, tuple(kept))


def _lock(merge_id: int, principal: Principal | None) -> Merge:
    """The merge and its customers, held in order of id; NotFound where one of them may not be seen."""
    merge = db.session.get(Merge, merge_id)
    if merge is None:
        raise NotFound
    ids = {merge.survivor_id, *(one.customer_id for one in merge.absorbed)}
    statement = select(Customer.id).where(Customer.id.in_(ids)).order_by(Customer.id)
    if principal is not None:
        statement = visibility.customers(statement, principal)
    if len(db.session.execute(statement.with_for_update(of=Customer)).all()) < len(ids):
        raise NotFound
    return db.session.scalars(
        select(Merge).where(Merge.id == merge_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _open(merge: Merge) -> None:
    """Put the merge out of force, so that the tombstones may own rows again."""
    merge.undone_at, merge.undone_by_id, merge.is_running = now(), actor.current().user_id, True
    db.session.execute(
        update(MergedCustomer).where(MergedCustomer.merge_id == merge.id).values(undone_at=merge.undone_at)
    )
    db.session.flush()


def _came_after(merge: Merge) -> Iterable[Any]:
    """What the survivor got since the merge, apart from what later merges brought it."""
    for key, moved in MOVED.items():
        table = rows.table_of(key)
        if key[0] not in merge.marks:
            continue
        condition = (table.c[key[1]] == merge.survivor_id) & (table.c.id > merge.marks[key[0]])
        count = db.session.scalar(
            select(func.count()).select_from(table).where(condition, ~_brought(merge, table, key))
        )
        if count:
            yield _(
                "%(kind)s that came after the merge and stay with the survivor: %(count)d",
                kind=moved.label,
                count=count,
            )


def _brought(merge: Merge, table: Any, key: tuple[str, str]) -> Any:
    later = select(MergeStep.keys).join(Merge, Merge.id == MergeStep.merge_id)
    later = later.where(Merge.id > merge.id, Merge.survivor_id == merge.survivor_id, Merge.undone_at.is_(None))
    later = later.where(MergeStep.action == StepAction.MOVED, MergeStep.table_name == key[0])
    ids = [row[0] if isinstance(row, list) else row for keys in db.session.scalars(later) for row in keys]
    return one_of(table.c.id, ids)


def _tell(merge: Merge, revived: Sequence[int], back: dict[str, int]) -> None:
    for customer_id in (merge.survivor_id, *revived):
        facts = {"merge": merge.id, "survivor": merge.survivor_id, "absorbed": list(revived)}
        audit.record(
            "customer.merge_undone", entity="customer", entity_id=customer_id, customer_id=customer_id, facts=facts
        )
