"""Where a pair stands by what people decided about it: the last decision that was not taken back has the word."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select

from ...db import db
from ...models.duplicates import DuplicateDecision, DuplicatePair, PairState, Verdict
from .many import among

_STATES = {Verdict.SAME: PairState.MERGED, Verdict.DIFFERENT: PairState.DIFFERENT}


def in_force(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], DuplicateDecision]:
    """The decision that holds for each pair, where there is one."""
    wanted = set(pairs)
    statement = select(DuplicateDecision).where(among(DuplicateDecision.a_id, {a for a, _b in wanted}))
    decisions = list(db.session.scalars(statement.order_by(DuplicateDecision.id)))
    undone = {one.undoes_id for one in decisions}
    return {
        (one.a_id, one.b_id): one
        for one in decisions
        if one.verdict != Verdict.UNDONE and one.id not in undone and (one.a_id, one.b_id) in wanted
    }


def settle(pairs: Collection[DuplicatePair]) -> None:
    """Give pairs the state that their decisions say.

    A pair that falls back to "different" holds for whatever is compared next: what was compared then may be gone.
    """
    holding = in_force((pair.a_id, pair.b_id) for pair in pairs)
    for pair in pairs:
        decision = holding.get((pair.a_id, pair.b_id))
        pair.reopened_at = None
        pair.state = _STATES[decision.verdict] if decision else PairState.OPEN
        pair.merge_id = decision.merge_id if decision else None
        pair.decided_at = decision.created_at if decision else None
        pair.decided_by_id = decision.decided_by_id if decision else None
        if pair.state == PairState.DIFFERENT:
            pair.evidence = ""
