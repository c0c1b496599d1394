"""What stands in the way of undoing a merge: found before anything is touched, and told as a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from ...db import Base, db
from ...language import _
from ...models.customers import Customer
from ...models.merges import Merge, MergedCustomer, MergeStep, StepAction
from .journal import one_of
from .rules import MOVED


def find(merge: Merge, steps: Sequence[MergeStep]) -> list[Any]:
    """Sentences, none where the merge can be undone."""
    if merge.erased_at is not None:
        return [_("The particulars of one of its customers have been erased.")]
    return [*_merged_on(merge), *_built_upon(merge, steps), *_gone_elsewhere(merge, steps), *_clips(merge, steps),
            *_without_parent(steps)]  # fmt: skip


def _merged_on(merge: Merge) -> Iterable[Any]:
    """The survivor was absorbed itself."""
    later = db.session.scalar(
        select(MergedCustomer.merge_id).where(
            MergedCustomer.customer_id == merge.survivor_id, MergedCustomer.undone_at.is_(None)
        )
    )
    if later is not None:
        yield _undo_first(later)


def _undo_first(merge_id: int) -> Any:
    return _("Merge %(merge)d came later and has to be undone first.", merge=merge_id)


def _built_upon(merge: Merge, steps: Sequence[MergeStep]) -> Iterable[Any]:
    """A later merge with the same survivor decided something about rows that this one moved."""
    later = db.session.scalars(
        select(MergeStep)
        .join(Merge, Merge.id == MergeStep.merge_id)
        .where(Merge.id > merge.id, Merge.survivor_id == merge.survivor_id, Merge.undone_at.is_(None))
        .where(MergeStep.action.in_((StepAction.ARCHIVED, StepAction.CHANGED)), MergeStep.table_name != "customer")
        .order_by(MergeStep.merge_id)
    ).all()
    if not later:
        return
    moved = {(step.table_name, _plain(key)) for step in steps if step.action == StepAction.MOVED for key in step.keys}
    found = dict.fromkeys(step.merge_id for step in later if (step.table_name, _plain(step.keys)) in moved)
    yield from map(_undo_first, found)


def _plain(key: Any) -> tuple[Any, ...]:
    return tuple(key) if isinstance(key, list) else (key,)


def _gone_elsewhere(merge: Merge, steps: Sequence[MergeStep]) -> Iterable[Any]:
    """Rows that never disappear belong to somebody who is not the survivor."""
    for step in steps:
        if step.action != StepAction.MOVED or MOVED[(step.table_name, str(step.column_name))].key != ("id",):
            continue
        table, owner = Base.metadata.tables[step.table_name], str(step.column_name)
        strays = db.session.scalars(
            select(table.c.id).where(one_of(table.c.id, step.keys), table.c[owner] != merge.survivor_id)
        ).all()
        if strays:
            label = MOVED[(step.table_name, str(step.column_name))].label
            yield _("%(kind)s that were given to another customer since: %(count)d", kind=label, count=len(strays))


def _clips(merge: Merge, steps: Sequence[MergeStep]) -> Iterable[Any]:
    """The survivor has used clips that would have to go back."""
    for step in steps:
        if step.table_name != "customer" or "clips_left" not in (step.after or {}):
            continue
        brought = (step.after or {})["clips_left"] - (step.before or {})["clips_left"]
        left = db.session.scalar(select(Customer.clips_left).where(Customer.id == merge.survivor_id)) or 0
        if left < brought:
            yield _("Of the %(brought)d clips that have to go back only %(left)d are left.", brought=brought, left=left)


def _without_parent(steps: Sequence[MergeStep]) -> Iterable[Any]:
    """A row from the journal points to something that was removed for good."""
    for step in steps:
        if step.action != StepAction.ARCHIVED:
            continue
        table = Base.metadata.tables[step.table_name]
        for key in table.foreign_keys:
            value = (step.before or {}).get(key.parent.name)
            if value is not None and db.session.scalar(select(key.column).where(key.column == value)) is None:
                label = MOVED[(step.table_name, str(step.column_name))].label
                yield _("%(kind)s: what a kept row points to was removed.", kind=label)
