"""Cases follow their pairs: after each recording and decision the cases of the touched customers are made anew.

What a case is depends on the open pairs alone, not on the order in which they came; only its id, who it is assigned to
and whether it was put off go on from before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, union_all, update

from ...clock import now
from ...db import db
from ...models.customers import Customer
from ...models.duplicates import DuplicateCase, DuplicateMember, DuplicatePair, PairState
from ..importing.writing import allocate, insert
from . import clusters, conflicts, locking, speaking
from .clusters import Cluster, Edge
from .many import among

_CASE: Any = DuplicateCase.__table__
_MEMBER: Any = DuplicateMember.__table__
_PAIR: Any = DuplicatePair.__table__
_CUSTOMERS_AT_ONCE = 200


@dataclass(slots=True)
class _Stored:
    """A case as it stands."""

    values: dict[str, Any]
    is_open: bool
    members: frozenset[int]


def refresh(touched: Collection[int]) -> set[int]:
    """Make the cases around these customers anew; returns every customer that was looked at."""
    if not touched:
        return set()
    locking.only_one()
    db.session.flush()
    touched = set(touched) | _companions(touched)
    reached = [_reach(touched, kind) for kind in clusters.KINDS]
    wanted = [cluster for edges in reached for cluster in _clusters(edges)]
    looked_at = touched | {customer for cluster in wanted for customer in cluster.members}
    stored = _stored(touched, {edge.case_id for edges in reached for edge in edges if edge.case_id})
    chosen = _choose(wanted, stored)
    _write(wanted, chosen, stored)
    kept = set(chosen)
    _close([case_id for case_id, case in stored.items() if case.is_open and case_id not in kept])
    db.session.expire_all()
    return looked_at


def rebuild(after: int = 0, seen: set[int] | None = None) -> int | None:
    """Bring the cases of the next customers with open pairs up to date, from customer `after` on.

    Returns where to go on, None at the end; each call belongs in a transaction of its own. seen: whom earlier calls
    looked at together with others; they are passed over, and those of this call added.
    """
    statement = (
        select(_PAIR.c.a_id)
        .where(_PAIR.c.state == PairState.OPEN, _PAIR.c.a_id > after)
        .distinct()
        .order_by(_PAIR.c.a_id)
        .limit(_CUSTOMERS_AT_ONCE)
    )
    ids = list(db.session.scalars(statement))
    done = seen if seen is not None else set()
    done |= refresh([one for one in ids if one not in done])
    return ids[-1] if len(ids) == _CUSTOMERS_AT_ONCE else None


def highest() -> int:
    """The highest customer that `rebuild` gets to."""
    return db.session.scalar(select(func.max(_PAIR.c.a_id)).where(_PAIR.c.state == PairState.OPEN)) or 0


def _companions(touched: Collection[int]) -> set[int]:
    """Everybody who shares an open case with the touched: what falls out of it must land somewhere."""
    mine, theirs = _MEMBER.alias(), _MEMBER.alias()
    statement = (
        select(theirs.c.customer_id)
        .join(mine, mine.c.case_id == theirs.c.case_id)
        .join(_CASE, _CASE.c.id == theirs.c.case_id)
        .where(among(mine.c.customer_id, touched), _CASE.c.closed_at.is_(None))
    )
    return set(db.session.scalars(statement))


def _reach(touched: Collection[int], lanes: frozenset[Any]) -> list[Edge]:
    """The open pairs of these lanes that hang together with the touched customers, however far.

    State and lane are looked at here, not in the database: it must find pairs by their ends, and would take an index
    of states instead.
    """
    found: dict[int, Edge] = {}
    known, frontier = set(touched), set(touched)
    pair = _PAIR.c
    columns = (pair.id, pair.a_id, pair.b_id, pair.lane, pair.probability, pair.score, pair.levels, pair.case_id)
    while frontier:
        either = [select(*columns, pair.state).where(among(end, frontier)) for end in (pair.a_id, pair.b_id)]
        for *row, state in db.session.execute(union_all(*either)):
            if state == PairState.OPEN and row[3] in lanes:
                found[row[0]] = Edge(*row)
        ends = {edge.a for edge in found.values()} | {edge.b for edge in found.values()}
        frontier = ends - known
        known |= frontier
    return list(found.values())


def _clusters(edges: list[Edge]) -> Iterator[Cluster]:
    apart = clusters.components(edges)
    is_person = bool(edges) and edges[0].lane in clusters.PERSON
    against = conflicts.find(apart) if is_person else set()
    for component in apart:
        yield from clusters.partition(component, against)


def _stored(touched: Collection[int], case_ids: set[int]) -> dict[int, _Stored]:
    """The open cases of these customers, and the cases (open or closed) that the pairs were in before."""
    of_members = (
        select(_MEMBER.c.case_id)
        .join(_CASE, _CASE.c.id == _MEMBER.c.case_id)
        .where(among(_MEMBER.c.customer_id, touched), _CASE.c.closed_at.is_(None))
    )
    wanted = case_ids | set(db.session.scalars(of_members))
    if not wanted:
        return {}
    members: dict[int, set[int]] = {}
    for case_id, customer_id in db.session.execute(
        select(_MEMBER.c.case_id, _MEMBER.c.customer_id).where(among(_MEMBER.c.case_id, wanted))
    ):
        members.setdefault(case_id, set()).add(customer_id)
    rows = db.session.execute(select(_CASE).where(among(_CASE.c.id, wanted))).mappings()
    return {
        row["id"]: _Stored(dict(row), row["closed_at"] is None, frozenset(members.get(row["id"], ()))) for row in rows
    }


def _choose(wanted: list[Cluster], stored: dict[int, _Stored]) -> list[int]:
    """The id of each cluster's case: the one most of its pairs were in; a new one where all of them are taken."""
    order = sorted(range(len(wanted)), key=lambda at: (-len(wanted[at].edges), min(wanted[at].members)))
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for at in order:
        votes: dict[int, int] = {}
        for edge in wanted[at].edges:
            if edge.case_id in stored and edge.case_id not in taken:
                votes[edge.case_id] = votes.get(edge.case_id, 0) + 1
        if votes:
            chosen[at] = max(votes, key=lambda case_id: (votes[case_id], -case_id))
            taken.add(chosen[at])
    missing = [at for at in range(len(wanted)) if at not in chosen]
    chosen.update(zip(missing, allocate(_CASE, len(missing)), strict=True))
    return [chosen[at] for at in range(len(wanted))]


def _write(wanted: list[Cluster], chosen: list[int], stored: dict[int, _Stored]) -> None:
    """Write what is new or differs, and nothing else."""
    groups = _groups({customer for cluster in wanted for customer in cluster.members})
    fresh, members, moved = [], [], []
    for cluster, case_id in zip(wanted, chosen, strict=True):
        values = _values(cluster, groups)
        old = stored.get(case_id)
        if old is None:
            fresh.append({"id": case_id, **values, "row_version": 1})
        else:
            _update(case_id, old, values, cluster)
        if old is None or old.members != cluster.members:
            members += [{"case_id": case_id, "customer_id": customer} for customer in sorted(cluster.members)]
        moved += [(case_id, edge.id) for edge in cluster.edges if edge.case_id != case_id]
    insert(_CASE, fresh)
    insert(_MEMBER, members)
    if moved:
        connection = db.session.connection()
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        connection.exec_driver_sql(f"UPDATE duplicate_pair SET case_id = {mark} WHERE id = {mark}", moved)


def _values(cluster: Cluster, groups: dict[int, int]) -> dict[str, Any]:
    among_them = {groups[customer] for customer in cluster.members if customer in groups}
    return {
        "lane": cluster.lane,
        "probability": cluster.probability,
        "size": len(cluster.members),
        "group_id": next(iter(among_them)) if len(among_them) == 1 else None,
        "fields": speaking.bits(edge.levels for edge in cluster.edges),
    }


def _groups(customers: set[int]) -> dict[int, int]:
    rows = db.session.execute(select(Customer.id, Customer.group_id).where(among(Customer.id, customers)))
    return {row.id: row.group_id for row in rows}


def _update(case_id: int, old: _Stored, values: dict[str, Any], cluster: Cluster) -> None:
    is_same = all(old.values[name] == value for name, value in values.items())
    if is_same and old.is_open and old.members == cluster.members:
        return
    if old.members != cluster.members:
        db.session.execute(delete(_MEMBER).where(_MEMBER.c.case_id == case_id))
        if not cluster.members <= old.members:
            values = {**values, "later_at": None}  # somebody joined: that is news
    db.session.execute(
        update(_CASE).where(_CASE.c.id == case_id).values(**values, closed_at=None, row_version=_CASE.c.row_version + 1)
    )


def _close(case_ids: Iterable[int]) -> None:
    gone = list(case_ids)
    if gone:
        db.session.execute(
            update(_CASE).where(among(_CASE.c.id, gone)).values(closed_at=now(), row_version=_CASE.c.row_version + 1)
        )
