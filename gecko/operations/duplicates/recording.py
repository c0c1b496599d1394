"""Storing what the matcher found: new pairs, changed scores, changed evidence of decided pairs, pairs that are gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update
from sqlalchemy.orm import aliased

from ...clock import now
from ...db import db
from ...models.customers import Customer
from ...models.duplicates import DuplicatePair, Lane, PairState
from ..importing.writing import insert
from ..matching.evidence import is_comparable
from . import locking, upkeep
from .many import among

if TYPE_CHECKING:
    from ..matching import Found

_PAIR: Any = DuplicatePair.__table__
_GONE_AT_ONCE = 500


@dataclass
class Recorded:
    """What a recording did. touched: the customers whose cases it may have changed."""

    new: int = 0
    changed: int = 0
    reopened: int = 0
    gone: int = 0
    decided: int = 0
    touched: set[int] = field(default_factory=set)

    def add(self, other: Recorded) -> None:
        """Count another recording in."""
        self.new += other.new
        self.changed += other.changed
        self.reopened += other.reopened
        self.gone += other.gone
        self.decided += other.decided
        self.touched |= other.touched

    def facts(self) -> dict[str, int]:
        """The counts, for a job's result."""
        return {"new": self.new, "changed": self.changed, "reopened": self.reopened, "gone": self.gone}


def record(
    found: Iterable[Found], *, checked: Collection[int] = (), groups: Collection[int] | None = None, settle: bool = True
) -> Recorded:
    """Store pairs. Those that were decided stay decided, unless their evidence changed: then they are open again.

    checked: customers of whom `found` holds every pair; their open pairs that are not in it vanish (with `groups`:
    those within these groups). settle: bring the cases up to date, too; whoever records many batches does it at the
    end (upkeep.rebuild).
    """
    locking.only_one()
    db.session.flush()
    living = _living(found)
    known = _known(living, checked)
    done, at = Recorded(), now()
    fresh: list[dict[str, Any]] = []
    altered: list[dict[str, Any]] = []
    seen: list[int] = []
    for pair in living:
        row = known.pop((pair.a_id, pair.b_id), None)
        if row is None:
            fresh.append(_fresh(pair, at))
            done.touched |= {pair.a_id, pair.b_id}
            continue
        values = _altered(row, pair, at, done)
        if values is None:
            seen.append(row.id)
        else:
            altered.append(values)
    insert(_PAIR, fresh)
    done.new = len(fresh)
    _update(altered)
    if seen:
        db.session.execute(update(_PAIR).where(among(_PAIR.c.id, seen)).values(seen_at=at))
    _vanish(known.values(), checked, groups, done)
    if settle:
        upkeep.refresh(done.touched)
    return done


def _living(found: Iterable[Found]) -> list[Found]:
    """The pairs whose customers both live: one may have been merged or deleted since it was compared."""
    pairs = list({(pair.a_id, pair.b_id): pair for pair in found}.values())
    ids = {pair.a_id for pair in pairs} | {pair.b_id for pair in pairs}
    alive = set(db.session.scalars(select(Customer.id).where(among(Customer.id, ids), Customer.deleted_at.is_(None))))
    return [pair for pair in pairs if pair.a_id in alive and pair.b_id in alive]


def _known(pairs: Sequence[Found], checked: Collection[int]) -> dict[tuple[int, int], Any]:
    columns = _PAIR.c
    wanted = select(_PAIR).where(among(columns.a_id, [pair.a_id for pair in pairs]))
    rows = {(row.a_id, row.b_id): row for row in db.session.execute(wanted)}
    exact = {(pair.a_id, pair.b_id) for pair in pairs}
    rows = {key: row for key, row in rows.items() if key in exact}
    if checked:
        for column in (columns.a_id, columns.b_id):
            for row in db.session.execute(select(_PAIR).where(among(column, checked))):
                rows[row.a_id, row.b_id] = row
    return rows


def _fresh(pair: Found, at: datetime) -> dict[str, Any]:
    return {"a_id": pair.a_id, "b_id": pair.b_id, **scores(pair), "found_at": at, "seen_at": at}


def scores(pair: Found) -> dict[str, Any]:
    """What the matcher says of a pair, as it is stored."""
    numbers = {name: float(getattr(pair, name)) for name in ("probability", "household", "score")}
    return {**numbers, "lane": Lane(pair.lane), "levels": pair.levels, "evidence": pair.evidence, "model": pair.model}


def _altered(row: Any, pair: Found, at: datetime, done: Recorded) -> dict[str, Any] | None:
    """What must be written anew on a pair that is there; None where only the time is."""
    values = scores(pair)
    kept = {name: getattr(row, name) for name in ("state", "reopened_at", "merge_id")}
    if row.state == PairState.DIFFERENT:
        done.decided += 1
        if row.evidence not in ("", pair.evidence) and is_comparable(row.evidence, pair.evidence):
            kept |= {"state": PairState.OPEN, "reopened_at": at, "merge_id": None}
            done.reopened += 1
    elif row.state == PairState.MERGED:  # both live: the merge was undone
        kept |= {"state": PairState.OPEN, "merge_id": None}
        done.reopened += 1
    is_same = all(getattr(row, name) == value for name, value in (values | kept).items())
    if is_same:
        return None
    if kept["state"] == PairState.OPEN:
        done.changed += row.state == PairState.OPEN
        done.touched |= {pair.a_id, pair.b_id}
    return {"row_id": row.id, "seen_at": at, **values, **kept}


def _update(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "row_id"}
    db.session.connection().execute(update(_PAIR).where(_PAIR.c.id == bindparam("row_id")).values(values), rows)


def _vanish(rows: Collection[Any], checked: Collection[int], groups: Collection[int] | None, done: Recorded) -> None:
    mine = frozenset(checked)
    gone = [row for row in rows if row.state == PairState.OPEN and (row.a_id in mine or row.b_id in mine)]
    if groups is not None and gone:
        ids = {row.a_id for row in gone} | {row.b_id for row in gone}
        inside = set(
            db.session.scalars(select(Customer.id).where(among(Customer.id, ids), Customer.group_id.in_(list(groups))))
        )
        gone = [row for row in gone if row.a_id in inside and row.b_id in inside]
    _delete(gone, done)


def _delete(rows: Collection[Any], done: Recorded) -> None:
    if not rows:
        return
    db.session.execute(delete(_PAIR).where(among(_PAIR.c.id, [row.id for row in rows])))
    done.gone += len(rows)
    for row in rows:
        done.touched |= {row.a_id, row.b_id}


def forget(customer_ids: Collection[int]) -> Recorded:
    """Drop the open pairs of customers that are no more (deleted, erased)."""
    locking.only_one()
    done = Recorded()
    either = or_(among(_PAIR.c.a_id, customer_ids), among(_PAIR.c.b_id, customer_ids))
    _delete(db.session.execute(select(_PAIR).where(either, _PAIR.c.state == PairState.OPEN)).all(), done)
    upkeep.refresh(done.touched)
    return done


def sweep(
    before: datetime, *, after: int = 0, groups: Collection[int] | None = None, across: bool = False
) -> tuple[Recorded, int | None]:
    """Drop the next open pairs that a scan begun at `before` did not see, and that lay in its scope.

    Returns what was dropped, and what to give as `after` next time (each in a transaction of its own); None at the end.
    """
    locking.only_one()
    done = Recorded()
    a, b = aliased(Customer), aliased(Customer)
    statement = (
        select(_PAIR.c.id, _PAIR.c.a_id, _PAIR.c.b_id)
        .join(a, a.id == _PAIR.c.a_id)
        .join(b, b.id == _PAIR.c.b_id)
        .where(_PAIR.c.id > after, _PAIR.c.state == PairState.OPEN, _PAIR.c.seen_at < before)
        .where(*_scope(a, b, groups, across))
        .order_by(_PAIR.c.id)
        .limit(_GONE_AT_ONCE)
    )
    rows = db.session.execute(statement).all()
    _delete(rows, done)
    upkeep.refresh(done.touched)
    return done, rows[-1].id if len(rows) == _GONE_AT_ONCE else None


def _scope(a: Any, b: Any, groups: Collection[int] | None, across: bool) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = []
    if groups is not None:
        rules += [a.group_id.in_(list(groups)), b.group_id.in_(list(groups))]
    if across:
        rules.append(a.group_id != b.group_id)
    return rules
