"""Decisions as rows: what a person said about a pair, with the score as it stood, and that it no longer holds."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select

from ...db import db
from ...errors import NotFound
from ...models.customers import Customer
from ...models.duplicates import DuplicateDecision, DuplicatePair, Verdict
from ...permissions import Principal
from .many import among


@dataclass(frozen=True, slots=True)
class Look:
    """How a decision was made. act: the same for a second press of the same key, which then decides nothing."""

    act: str | None = None
    seconds: float | None = None
    is_sample: bool = False
    is_batch: bool = False

    def name(self) -> str:
        """The act's name; a new one where none was given."""
        return self.act or uuid.uuid4().hex


DIRECT = Look()


def label(pair: DuplicatePair, verdict: Verdict, act: str, look: Look, user_id: int | None) -> DuplicateDecision:
    """The row of a decision about a pair, with the score as it stands."""
    return DuplicateDecision(
        act=act, a_id=pair.a_id, b_id=pair.b_id, verdict=verdict, lane=pair.lane, probability=pair.probability,
        levels=pair.levels, evidence=pair.evidence, model=pair.model, seconds=look.seconds,
        is_sample=look.is_sample, is_batch=look.is_batch, decided_by_id=user_id,
    )  # fmt: skip


def take_back(decisions: Iterable[DuplicateDecision], user_id: int | None) -> None:
    """Write that decisions no longer hold."""
    act = uuid.uuid4().hex
    for one in decisions:
        db.session.add(_taken_back(one, act, user_id))
    db.session.flush()


def _taken_back(one: DuplicateDecision, act: str, user_id: int | None) -> DuplicateDecision:
    return DuplicateDecision(
        act=act, a_id=one.a_id, b_id=one.b_id, verdict=Verdict.UNDONE, lane=one.lane, probability=one.probability,
        levels=one.levels, evidence=one.evidence, model=one.model, merge_id=one.merge_id, undoes_id=one.id,
        decided_by_id=user_id,
    )  # fmt: skip


def pairs_between(keys: Collection[tuple[int, int]]) -> list[DuplicatePair]:
    """The stored pairs with these ends, locked."""
    statement = select(DuplicatePair).where(among(DuplicatePair.a_id, {a for a, _b in keys}))
    wanted = set(keys)
    found = db.session.scalars(statement.order_by(DuplicatePair.id).with_for_update())
    return [pair for pair in found if (pair.a_id, pair.b_id) in wanted]


def require_visible(customer_ids: Collection[int], principal: Principal | None) -> None:
    """Raise NotFound where `principal` may not see one of the customers."""
    if principal is None or principal.groups is None:
        return
    foreign = select(Customer.id).where(
        among(Customer.id, customer_ids), Customer.group_id.not_in(sorted(principal.groups))
    )
    if db.session.scalar(foreign.limit(1)) is not None:
        raise NotFound
