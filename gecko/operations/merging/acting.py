"""Merging: several customers become one, in the running transaction, with a journal that can take it all back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import attributes

from ... import actor, audit, field_encryption
from ...clock import now
from ...db import db
from ...errors import Conflict, Invalid
from ...models.consents import Consent
from ...models.customers import Customer
from ...models.debtors import CustomerDebtorLink
from ...models.merges import Merge, MergeAlias, MergedCustomer, StepAction
from ...permissions import Principal
from ..survivors import ALIASES
from . import planning, rows, withdrawals
from .journal import note
from .rules import MOVED
from .settling import Choices, settle

_CPR = {"table": "customer", "column": "cpr_encrypted"}


class Unanswered(Invalid):
    """Something must be decided first; `key` names the question of the plan."""

    def __init__(self, question: planning.Question) -> None:
        self.key = question.key
        super().__init__(question.text, field=question.key)


def merge(
    survivor_id: int,
    absorbed_ids: Iterable[int],
    *,
    choices: Choices | None = None,
    answers: Mapping[str, int] | None = None,
    versions: Mapping[int, int] | None = None,
    idempotency_key: str | None = None,
    principal: Principal | None = None,
) -> Merge:
    """Let `survivor_id` absorb the others: their rows move, they stay behind as tombstones.

    choices: field -> whose value stands. answers: one for each question of the plan, else Unanswered. versions: as the
    plan showed the customers; Conflict where one changed since. One idempotency_key, one merge.
    """
    ids = planning.order(survivor_id, absorbed_ids)
    _lock(ids)
    known = _by_key(idempotency_key, ids)
    if known is not None:
        return known
    people = planning.read(ids, principal, locked=True)
    for person in people:
        if versions is not None and versions.get(person.id) != person.row_version:
            raise Conflict
    links = rows.open_links(ids)
    _demand_answers(planning.questions(people, links), answers or {})
    settled = settle(people, {**(choices or {}), **planning.chosen_by(people, answers or {})})
    planning.refuse_unanswered(ids, choices or {})
    journal = _begin(ids, idempotency_key)
    _close_links(journal, survivor_id, links, (answers or {}).get("debtor"))
    _archive(journal, ids, choices or {})
    for customer_id in ids[1:]:
        _move(journal, customer_id)
    _remember(journal, people, {field: one.value for field, one in settled.items()})
    _change(journal, people, {field: (one.value, one.source_id) for field, one in settled.items()})
    _bury(journal, people)
    journal.is_running = False
    db.session.flush()
    return journal


def _lock(ids: Sequence[int]) -> None:
    """Hold every row that is there, in order of id, so that merges at once wait for one another."""
    statement = select(Customer.id).where(Customer.id.in_(ids)).order_by(Customer.id)
    db.session.execute(statement.with_for_update(of=Customer))


def _by_key(key: str | None, ids: Sequence[int]) -> Merge | None:
    if key is None:
        return None
    known = db.session.scalars(select(Merge).where(Merge.idempotency_key == key)).one_or_none()
    if known is not None and (known.survivor_id, *sorted(one.customer_id for one in known.absorbed)) != (
        ids[0],
        *sorted(ids[1:]),
    ):
        raise Conflict
    return known


def _demand_answers(questions: Iterable[planning.Question], answers: Mapping[str, int]) -> None:
    for question in questions:
        if answers.get(question.key) not in {value for value, _label in question.options}:
            raise Unanswered(question)


def _begin(ids: Sequence[int], key: str | None) -> Merge:
    marks = {
        table.name: db.session.scalar(select(func.max(table.c.id))) or 0
        for table in map(rows.table_of, MOVED)
        if "id" in table.c
    }
    marks[withdrawals.MARK] = db.session.scalar(select(func.max(Consent.id))) or 0
    journal = Merge(
        survivor_id=ids[0],
        created_by_id=actor.current().user_id,
        idempotency_key=key,
        counts={},
        marks=marks,
        is_running=True,
    )
    db.session.add(journal)
    db.session.flush()
    return journal


def _close_links(journal: Merge, survivor_id: int, links: Sequence[rows.OpenLink], debtor_id: int | None) -> None:
    """Leave one link open: the survivor's, or the first to the debtor that was chosen."""
    if len(links) < 2:
        return
    fitting = [link for link in links if debtor_id is None or link.debtor_id == debtor_id]
    for link in links:
        if link == fitting[0]:
            continue
        after = {"unlinked_at": now(), "unlinked_by_id": actor.current().user_id}
        db.session.execute(update(CustomerDebtorLink).where(CustomerDebtorLink.id == link.id).values(**after))
        before = {"unlinked_at": None, "unlinked_by_id": None}
        table = CustomerDebtorLink.__tablename__
        note(journal, StepAction.CHANGED, table, link.customer_id, [link.id], before=before, after=after)


def _archive(journal: Merge, ids: Sequence[int], choices: Choices) -> None:
    """Take rows that clash out of their tables; an answer that was chosen goes to the row that stays."""
    for key, clashing in rows.clashes(ids).items():
        table, moved = rows.table_of(key), MOVED[key]
        for one in clashing:
            chosen = (
                key[0] == "customer_field_value" and choices.get(f"custom_{one.row['field_id']}") == one.row[key[1]]
            )
            if chosen and one.row["value"] != one.kept["value"]:
                _change_answer(journal, one)
            row_is = [table.c[name] == one.row[name] for name in table.primary_key.columns.keys()]  # noqa: SIM118
            db.session.execute(table.delete().where(*row_is))
            kept = [one.kept[name] for name in moved.key]
            note(
                journal, StepAction.ARCHIVED, key[0], one.row[key[1]], kept, column=key[1], before=one.row,
                after={"kept_by": one.kept[key[1]]},
            )  # fmt: skip


def _change_answer(journal: Merge, one: rows.Clashing) -> None:
    table = rows.table_of(("customer_field_value", "customer_id"))
    owner_id, field_id = one.kept["customer_id"], one.kept["field_id"]
    db.session.execute(
        update(table)
        .where(table.c.customer_id == owner_id, table.c.field_id == field_id)
        .values(value=one.row["value"])
    )
    before, after = {"value": one.kept["value"]}, {"value": one.row["value"]}
    note(journal, StepAction.CHANGED, table.name, owner_id, [field_id], before=before, after=after)


def _move(journal: Merge, customer_id: int) -> None:
    """Re-point every row of one customer; one step for each table."""
    for key in MOVED:
        table = rows.table_of(key)
        owner = table.c[key[1]]
        keys = rows.keys_of(key, customer_id)
        if not keys:
            continue
        db.session.execute(update(table).where(owner == customer_id).values({key[1]: journal.survivor_id}))
        note(journal, StepAction.MOVED, key[0], customer_id, keys, column=key[1])
        journal.counts = {**journal.counts, key[0]: journal.counts.get(key[0], 0) + len(keys)}


def _remember(journal: Merge, people: Sequence[Customer], settled: Mapping[str, Any]) -> None:
    """Keep the numbers and addresses that the survivor will not have itself."""
    wanted: dict[tuple[str, str], int] = {}
    for person in people:
        for field in ALIASES:
            value = getattr(person, field)
            if value and value != settled[field]:
                wanted.setdefault((field, value), person.id)
    db.session.add_all(
        MergeAlias(merge_id=journal.id, customer_id=owner_id, field=field, value=value)
        for (field, value), owner_id in wanted.items()
    )


def _change(journal: Merge, people: Sequence[Customer], settled: Mapping[str, tuple[Any, int | None]]) -> None:
    """Give the survivor its settled values; its version grows even where none is new."""
    survivor = people[0]
    before, after = {}, {}
    for field, (value, source_id) in settled.items():
        new = _own_cpr(survivor, people, source_id) if field == "cpr_encrypted" else value
        old = getattr(survivor, field)
        if new != old:
            before[field], after[field] = old, new
            setattr(survivor, field, new)
    attributes.flag_modified(survivor, "name")
    if after:
        note(journal, StepAction.CHANGED, "customer", survivor.id, [survivor.id], before=before, after=after)


def _own_cpr(survivor: Customer, people: Sequence[Customer], source_id: int | None) -> bytes | None:
    """The number encrypted for the survivor's own row: no ciphertext fits another row."""
    source = next((one for one in people if one.id == source_id), survivor)
    if source is survivor or source.cpr_encrypted is None:
        return survivor.cpr_encrypted if source is survivor else None
    return field_encryption.encrypt(
        field_encryption.decrypt(source.cpr_encrypted, row_id=source.id, **_CPR), row_id=survivor.id, **_CPR
    )


def _bury(journal: Merge, people: Sequence[Customer]) -> None:
    """Hide the absorbed, who own nothing by now, and say on both sides of the log what happened."""
    survivor, buried_at = people[0], now()
    journal.absorbed = [MergedCustomer(customer_id=one.id, survivor_id=survivor.id) for one in people[1:]]
    for person in people[1:]:
        person.deleted_at = buried_at
        after = {"deleted_at": buried_at}
        note(journal, StepAction.ABSORBED, "customer", person.id, [person.id], before={"deleted_at": None}, after=after)
    for person in people:
        facts = {"merge": journal.id, "survivor": survivor.id, "absorbed": [one.id for one in people[1:]]}
        verb = "customer.absorbed_others" if person is survivor else "customer.was_absorbed"
        audit.record(verb, entity="customer", entity_id=person.id, customer_id=person.id, facts=facts)
