"""Merges that follow from duplicates: labels for the pairs that were right, "different" handed on, and the way back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete, or_, select

from ...db import db
from ...models.duplicates import DuplicateDecision, DuplicatePair, PairState, Verdict
from ...models.merges import Merge
from ...permissions import Principal
from .. import merging
from . import labels, locking, rechecking, standing, upkeep
from .labels import DIRECT, Look
from .many import among


def merge(
    survivor_id: int,
    absorbed_ids: Iterable[int],
    *,
    principal: Principal | None,
    look: Look = DIRECT,
    **given: Any,
) -> Merge:
    """Merge customers and bring their pairs and cases along; `given` as for merging.merge."""
    locking.only_one()
    absorbed = sorted(set(absorbed_ids))
    _find_missing({survivor_id, *absorbed})
    merge = merging.merge(survivor_id, absorbed, principal=principal, **given)
    note(merge, principal=principal, look=look)
    return merge


def note(merge: Merge, *, principal: Principal | None, look: Look = DIRECT) -> None:
    """Label the pairs that a merge decided, close them, and hand the absorbed's "different" on to the survivor."""
    locking.only_one()
    db.session.flush()
    survivor, absorbed = merge.survivor_id, {one.customer_id for one in merge.absorbed}
    if db.session.scalar(select(DuplicateDecision.id).where(DuplicateDecision.merge_id == merge.id).limit(1)):
        return
    ends = absorbed | {survivor}
    pairs = _touching(absorbed)
    touched = {end for pair in pairs for end in (pair.a_id, pair.b_id)}
    user_id = principal.user_id if principal else merge.created_by_id
    act = look.name()
    for pair in pairs:
        if pair.a_id in ends and pair.b_id in ends:
            _close(pair, merge, act, look, user_id)
        elif pair.state == PairState.DIFFERENT:
            _hand_on(pair, survivor, merge, act, user_id)
    db.session.flush()
    gone = [pair.id for pair in pairs if pair.state == PairState.OPEN]
    if gone:
        db.session.execute(delete(DuplicatePair).where(among(DuplicatePair.id, gone)))
    upkeep.refresh(touched | ends)
    rechecking.check(survivor)


def _find_missing(ends: set[int]) -> None:
    """Compare those who stand in one case only through somebody who is left out: their merge is a label, too."""
    paired = {
        end for pair in _touching(ends) if pair.a_id in ends and pair.b_id in ends for end in (pair.a_id, pair.b_id)
    }
    for customer_id in sorted(set(ends) - paired):
        rechecking.check(customer_id)


def _touching(absorbed: Collection[int]) -> list[DuplicatePair]:
    either = or_(among(DuplicatePair.a_id, absorbed), among(DuplicatePair.b_id, absorbed))
    return list(db.session.scalars(select(DuplicatePair).where(either).order_by(DuplicatePair.id).with_for_update()))


def _close(pair: DuplicatePair, merge: Merge, act: str, look: Look, user_id: int | None) -> None:
    if pair.state == PairState.MERGED:
        return
    decision = labels.label(pair, Verdict.SAME, act, look, user_id)
    decision.merge_id = pair.merge_id = merge.id
    pair.state, pair.decided_at, pair.decided_by_id = PairState.MERGED, merge.created_at, user_id
    db.session.add(decision)


def _hand_on(pair: DuplicatePair, survivor: int, merge: Merge, act: str, user_id: int | None) -> None:
    """Who is not the absorbed is not the survivor either. The survivor's evidence is what is compared next."""
    other = pair.b_id if pair.a_id in {one.customer_id for one in merge.absorbed} else pair.a_id
    key = (min(survivor, other), max(survivor, other))
    present = labels.pairs_between([key])
    heir = present[0] if present else _copy(pair, key)
    heir.evidence = ""
    if present and heir.state != PairState.OPEN:
        return
    heir.state, heir.merge_id = PairState.DIFFERENT, merge.id
    heir.decided_at, heir.decided_by_id = pair.decided_at, pair.decided_by_id
    decision = labels.label(heir, Verdict.DIFFERENT, act, DIRECT, user_id)
    decision.merge_id = merge.id
    db.session.add_all([heir, decision])
    db.session.flush()


def _copy(pair: DuplicatePair, key: tuple[int, int]) -> DuplicatePair:
    return DuplicatePair(
        a_id=key[0], b_id=key[1], probability=pair.probability, household=pair.household, score=pair.score,
        lane=pair.lane, levels=pair.levels, model=pair.model,
    )  # fmt: skip


def undo(merge_id: int, *, principal: Principal | None) -> merging.Undone:
    """Undo a merge and open its pairs again. Raises merging.Blocked with the list of what stands in the way."""
    locking.only_one()
    outcome = merging.undo(merge_id, principal=principal)
    note_undone(merge_id, principal=principal)
    return outcome


def note_undone(merge_id: int, *, principal: Principal | None) -> None:
    """Bring pairs and cases back to where they were before the merge, compared with what is true now."""
    locking.only_one()
    db.session.flush()
    merge = db.session.get_one(Merge, merge_id)
    ends = {merge.survivor_id, *(one.customer_id for one in merge.absorbed)}
    decisions = list(db.session.scalars(select(DuplicateDecision).where(DuplicateDecision.merge_id == merge_id)))
    gone = {one.undoes_id for one in decisions}
    held = [one for one in decisions if one.verdict != Verdict.UNDONE and one.id not in gone]
    labels.take_back(held, principal.user_id if principal else None)
    keys = [(one.a_id, one.b_id) for one in held]
    standing.settle(labels.pairs_between(keys))
    upkeep.refresh({end for key in keys for end in key} | ends)
    for customer_id in sorted(ends):
        rechecking.check(customer_id)
