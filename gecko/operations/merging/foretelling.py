"""What many merges together would move: a query for each kind of rows, however many groups of customers there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Select, func, select

from ...db import db
from ...models.customers import Customer
from ...models.debtors import CustomerDebtorLink
from . import rows
from .rules import MOVED, Key
from .suggesting import REGISTERED, Standing

_AT_ONCE = 500


def moving(members: Select[int, int]) -> list[tuple[Any, int]]:
    """Of each kind, how many rows follow where each group is merged into the one `suggest_survivor` would keep.

    members: rows of (group, customer). Kinds of which nothing follows are left out.
    """
    listed = members.subquery()
    everybody = select(listed.c[1])
    counted = {key: _counted(key, everybody) for key in MOVED}
    link = CustomerDebtorLink
    paid_for = set(
        db.session.scalars(select(link.customer_id).where(link.unlinked_at.is_(None), link.customer_id.in_(everybody)))
    )
    kept = _survivors(_groups(members, counted), Standing.read(counted, paid_for))
    return [
        (moved.label, number)
        for key, moved in MOVED.items()
        if (number := sum(count for owner, count in counted[key].items() if owner not in kept))
    ]


def _counted(key: Key, everybody: Select[Any]) -> dict[int, int]:
    owner = rows.table_of(key).c[key[1]]
    found = db.session.execute(select(owner, func.count()).where(owner.in_(everybody)).group_by(owner))
    return {customer_id: int(number) for customer_id, number in found}


def _groups(members: Select[int, int], counted: dict[Key, dict[int, int]]) -> Iterable[list[int]]:
    """The groups of which anybody has anything: the others move nothing, whoever is kept."""
    bearers = {customer_id for counts in counted.values() for customer_id in counts}
    found: dict[int, list[int]] = defaultdict(list)
    for group, customer_id in db.session.execute(members):
        found[group].append(customer_id)
    return (group for group in found.values() if not bearers.isdisjoint(group))


def _survivors(groups: Iterable[list[int]], standing: Standing) -> set[int]:
    """Who is kept of each group. What is registered is read only of those whom nothing else tells apart."""
    kept, tied = set(), []
    for group in groups:
        stands = list(map(standing.of, group))
        best = max(stands)
        first = [customer_id for customer_id, stand in zip(group, stands, strict=True) if stand == best]
        if len(first) == 1:
            kept.add(first[0])
        else:
            tied.append(first)
    for start in range(0, len(tied), _AT_ONCE):
        kept |= _best(tied[start : start + _AT_ONCE], standing)
    return kept


def _best(groups: Collection[list[int]], standing: Standing) -> set[int]:
    ids = [customer_id for group in groups for customer_id in group]
    people = {one.id: one for one in db.session.execute(select(*REGISTERED).where(Customer.id.in_(ids)))}
    return {max((people[customer_id] for customer_id in group), key=standing.of_registered).id for group in groups}
