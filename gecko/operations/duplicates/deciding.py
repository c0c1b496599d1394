"""What reviewers decide: different people, one person (a merge), later; and taking it back.

Decisions are rows that never change: taking one back is another row. What a pair is follows from them (see standing).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select, update

from ... import audit
from ...clock import now
from ...db import db
from ...errors import Conflict, NotFound
from ...language import _
from ...models.duplicates import DuplicateCase, DuplicateDecision, DuplicatePair, PairState, Verdict
from ...permissions import Principal
from . import cases, labels, locking, merged, rechecking, standing, upkeep
from .labels import DIRECT, Look
from .many import among
from .merged import merge
from .merged import undo as undo_merge

__all__ = ["DIRECT", "Look", "different", "last_of", "later", "merge", "undo", "undo_merge"]
_RECENT = 200


def different(
    pair_ids: Collection[int],
    *,
    principal: Principal,
    look: Look = DIRECT,
    evidence: Mapping[int, str] | None = None,
) -> str:
    """Decide that the customers of these pairs are different people; returns the act, by which it can be undone.

    Holds until what is compared changes. evidence: by pair, as it was shown. Raises Conflict where somebody else
    decided meanwhile, or the customers changed.
    """
    locking.only_one()
    act = look.name()
    if _is_done(act):
        return act
    pairs = _locked(pair_ids, principal)
    for pair in pairs:
        if pair.state != PairState.OPEN:
            raise Conflict(_("Somebody else has decided about these customers meanwhile."))
        if evidence is not None and evidence.get(pair.id) != pair.evidence:
            raise Conflict(_("These customers were changed meanwhile. Please look at them again."))
    rechecking.update_evidence(pairs)
    at = now()
    for pair in pairs:
        pair.state, pair.decided_at, pair.decided_by_id = PairState.DIFFERENT, at, principal.user_id
        pair.reopened_at = pair.merge_id = None
        db.session.add(labels.label(pair, Verdict.DIFFERENT, act, look, principal.user_id))
    _log("duplicate.different", pairs)
    upkeep.refresh({end for pair in pairs for end in (pair.a_id, pair.b_id)})
    return act


def later(case_id: int, *, principal: Principal) -> None:
    """Put a case at the end of the queue; nothing else changes."""
    case = cases.get(case_id, principal).case
    db.session.execute(update(DuplicateCase).where(DuplicateCase.id == case.id).values(later_at=now()))


def undo(decision_id: int, *, principal: Principal) -> None:
    """Take a decision back with everything that was decided in the same act: a merge is undone, pairs are open again.

    Raises Conflict where it was taken back, or decided anew, before; merging.Blocked where the merge cannot be undone.
    """
    locking.only_one()
    decision = db.session.get(DuplicateDecision, decision_id)
    if decision is None or decision.verdict == Verdict.UNDONE:
        raise NotFound
    if decision.merge_id is not None:
        labels.require_visible({decision.a_id, decision.b_id}, principal)
        merged.undo(decision.merge_id, principal=principal)
    else:
        _reopen(decision.act, principal)


def _reopen(act: str, principal: Principal) -> None:
    together = list(db.session.scalars(select(DuplicateDecision).where(DuplicateDecision.act == act)))
    keys = [(one.a_id, one.b_id) for one in together]
    labels.require_visible({end for key in keys for end in key}, principal)
    holding = standing.in_force(keys)
    if {one.id for one in together} != {one.id for one in holding.values()}:
        raise Conflict(_("This decision was taken back, or another one came after it."))
    labels.take_back(together, principal.user_id)
    pairs = labels.pairs_between(keys)
    standing.settle(pairs)
    _log("duplicate.reopened", pairs)
    upkeep.refresh({end for key in keys for end in key})


def last_of(user_id: int) -> DuplicateDecision | None:
    """The last decision of a user that still holds, so that it can be taken back."""
    recent = list(
        db.session.scalars(
            select(DuplicateDecision)
            .where(DuplicateDecision.decided_by_id == user_id)
            .order_by(DuplicateDecision.id.desc())
            .limit(_RECENT)
        )
    )
    undone = {one.undoes_id for one in recent}
    for one in recent:
        if one.verdict != Verdict.UNDONE and one.id not in undone:
            return one
    return None


def _is_done(act: str) -> bool:
    return db.session.scalar(select(DuplicateDecision.id).where(DuplicateDecision.act == act).limit(1)) is not None


def _locked(pair_ids: Collection[int], principal: Principal) -> list[DuplicatePair]:
    statement = select(DuplicatePair).where(among(DuplicatePair.id, pair_ids)).order_by(DuplicatePair.id)
    pairs = list(db.session.scalars(statement.with_for_update().execution_options(populate_existing=True)))
    labels.require_visible({end for pair in pairs for end in (pair.a_id, pair.b_id)}, principal)
    if not pairs or len(pairs) < len(set(pair_ids)):
        raise Conflict(_("These customers are no longer taken for duplicates: they were changed or merged meanwhile."))
    return pairs


def _log(action: str, pairs: Collection[DuplicatePair]) -> None:
    """Say it in the log of both customers."""
    for pair in pairs:
        for mine, other in ((pair.a_id, pair.b_id), (pair.b_id, pair.a_id)):
            audit.record(action, entity="customer", entity_id=mine, customer_id=mine, facts={"other": other})
