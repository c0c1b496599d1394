"""Taking single steps of a merge back, each the opposite of what the journal says; what people changed since stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, and_, select, update
from sqlalchemy.orm import attributes

from ...db import Base, db
from ...language import _
from ...models.customers import Customer
from ...models.debtors import Debtor
from ...models.merges import Merge, MergedCustomer, MergeStep, StepAction
from ..audit_words import COLUMNS as LABELS
from .journal import decode, decoded, encode, one_of
from .rules import COLUMNS, FOLLOWING, HIDDEN, MOVED, Rule


def restore(merge: Merge, step: MergeStep, back: dict[str, int]) -> Iterable[Any]:
    """Take one step back; counts in `back` by table, and returns sentences about what could not be taken back."""
    if step.action == StepAction.ABSORBED:
        return _revive(step)
    if step.action == StepAction.CHANGED:
        return _restore_person(merge, step) if step.table_name == "customer" else _restore_row(merge, step)
    if step.action == StepAction.MOVED:
        return _give_back(merge, step, back)
    return _put_back(step, back)


def _revive(step: MergeStep) -> list[Any]:
    customer = db.session.get_one(Customer, step.customer_id)
    customer.deleted_at = None
    db.session.flush()
    return []


def _give_back(merge: Merge, step: MergeStep, back: dict[str, int]) -> list[Any]:
    """Re-point what is still there."""
    key = (step.table_name, str(step.column_name))
    table, names = Base.metadata.tables[key[0]], MOVED[key].key
    owner = table.c[key[1]]
    if len(names) == 1:
        condition = one_of(table.c[names[0]], step.keys)
    else:
        wanted = {row[0]: row[1:] for row in step.keys}
        there = db.session.execute(
            select(*(table.c[name] for name in names)).where(owner == merge.survivor_id, one_of(table.c.id, wanted))
        )
        condition = one_of(table.c.id, [row[0] for row in there if list(row[1:]) == wanted[row[0]]])
    statement = update(table).where(owner == merge.survivor_id, condition).values({key[1]: step.customer_id})
    count = db.session.execute(statement).rowcount  # type: ignore[attr-defined]
    back[key[0]] = back.get(key[0], 0) + count
    missing = len(step.keys) - count
    if not missing:
        return []
    return [_("%(kind)s that were removed since the merge: %(count)d", kind=MOVED[key].label, count=missing)]


def _put_back(step: MergeStep, back: dict[str, int]) -> list[Any]:
    """Bring a row back from the journal, under its old id unless that is in use by now."""
    table = Base.metadata.tables[step.table_name]
    row = decoded(table, step.before or {})
    if "id" in row and db.session.scalar(select(table.c.id).where(table.c.id == row["id"])) is not None:
        del row["id"]
    db.session.execute(table.insert().values(**row))
    back[step.table_name] = back.get(step.table_name, 0) + 1
    return []


def _restore_row(merge: Merge, step: MergeStep) -> list[Any]:
    """Give a row other than a customer its values back where they are still as the merge left them."""
    table = Base.metadata.tables[step.table_name]
    row_is = _row(table, step)
    now = db.session.execute(select(table).where(row_is)).mappings().one_or_none()
    kind = next(moved.label for key, moved in MOVED.items() if key[0] == step.table_name)
    if now is None or any(encode(now[name]) != value for name, value in (step.after or {}).items()):
        if not _hand_on(merge, step, list(step.after or {})):
            return [_("%(kind)s: changed since the merge, left as it is.", kind=kind)]
        return []
    if step.table_name == "customer_debtor_link" and not _may_reopen(table, now):
        return [_("%(kind)s: one stays closed, since another is open by now or the debtor was deleted.", kind=kind)]
    db.session.execute(update(table).where(row_is).values(**decoded(table, step.before or {})))
    return []


def _row(table: Table, step: MergeStep) -> Any:
    if "id" in table.c:
        return table.c.id == step.keys[0]
    return and_(table.c.customer_id == step.customer_id, table.c.field_id == step.keys[0])


def _may_reopen(table: Table, link: Any) -> bool:
    """Whether the debtor is still there and nobody else pays for the customer."""
    other = select(table.c.id).where(table.c.customer_id == link["customer_id"], table.c.unlinked_at.is_(None))
    living = select(Debtor.id).where(Debtor.id == link["debtor_id"], Debtor.deleted_at.is_(None))
    return db.session.scalar(other) is None and db.session.scalar(living) is not None


def _restore_person(merge: Merge, step: MergeStep) -> list[Any]:
    """Give the survivor its values back where they are still as the merge left them."""
    survivor = db.session.get_one(Customer, step.customer_id)
    table: Any = Customer.__table__
    kept = []
    for field, after in (step.after or {}).items():
        before = (step.before or {})[field]
        rule = COLUMNS.get(FOLLOWING.get(field, field))
        if rule == Rule.SUM:
            setattr(survivor, field, getattr(survivor, field) - (after - before))
        elif encode(getattr(survivor, field)) != after:
            if not _hand_on(merge, step, [field]) and field not in {*FOLLOWING, *HIDDEN}:
                kept.append(_("%(field)s was changed since the merge and is left as it is.", field=LABELS[field]))
        elif rule == Rule.STRICTER and (stricter := _still_strict(merge, field)) is not None:
            _inherit(stricter, survivor.id, field, before, after)
        else:
            setattr(survivor, field, decode(table, field, before))
    attributes.flag_modified(survivor, "name")
    db.session.flush()
    return kept


def _later(merge: Merge) -> Any:
    return select(MergeStep).join(Merge, Merge.id == MergeStep.merge_id).where(
        Merge.id > merge.id, Merge.survivor_id == merge.survivor_id, Merge.undone_at.is_(None)
    )  # fmt: skip


def _hand_on(merge: Merge, step: MergeStep, fields: list[str]) -> bool:
    """Where later merges went on from the values of this one, let them go back to what was before it.

    Then undoing the later ones, too, brings back exactly what was before both.
    """
    statement = _later(merge).where(
        MergeStep.action == StepAction.CHANGED,
        MergeStep.table_name == step.table_name,
        MergeStep.customer_id == step.customer_id,
    )
    for heir in db.session.scalars(statement.order_by(MergeStep.id)):
        if heir.keys == step.keys and all(
            name in (heir.before or {}) and (heir.before or {})[name] == (step.after or {})[name] for name in fields
        ):
            heir.before = {**(heir.before or {}), **{name: (step.before or {})[name] for name in fields}}
            return True
    return False


def _still_strict(merge: Merge, field: str) -> Merge | None:
    """A later merge, still in force, with somebody who said no."""
    return db.session.scalars(
        select(Merge)
        .join(MergedCustomer, MergedCustomer.merge_id == Merge.id)
        .join(Customer, Customer.id == MergedCustomer.customer_id)
        .where(Merge.survivor_id == merge.survivor_id, Merge.id > merge.id, MergedCustomer.undone_at.is_(None))
        .where(getattr(Customer, field).is_(False))
        .order_by(Merge.id)
        .limit(1)
    ).one_or_none()


def _inherit(heir: Merge, survivor_id: int, field: str, before: Any, after: Any) -> None:
    """Make it the heir's doing that the survivor's answer is no."""
    step = db.session.scalars(
        select(MergeStep).where(
            MergeStep.merge_id == heir.id, MergeStep.action == StepAction.CHANGED, MergeStep.table_name == "customer"
        )
    ).one_or_none()
    if step is None:
        step = MergeStep(merge_id=heir.id, action=StepAction.CHANGED, table_name="customer", customer_id=survivor_id,
                         keys=[survivor_id], before={}, after={})  # fmt: skip
        db.session.add(step)
    step.before, step.after = {**(step.before or {}), field: before}, {**(step.after or {}), field: after}
