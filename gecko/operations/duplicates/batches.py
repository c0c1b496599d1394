"""Merging many sure cases in one go: a random sample is looked at first, and only a clean sample opens the way.

A batch is drawn from the cases that its filters show at that moment. Somebody says of each sampled case whether it is
one person; "different" decides that very case and ends the batch. Once all are right, the rest may be merged.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from ... import audit
from ...clock import now
from ...db import db
from ...errors import Conflict, Invalid, NotFound
from ...language import _
from ...models.duplicates import (
    BatchState,
    DuplicateBatch,
    DuplicateCase,
    DuplicateMember,
    DuplicateRefusal,
    DuplicateSample,
    Lane,
    Verdict,
)
from ...permissions import Principal
from .. import matching, merging
from . import cases, deciding, freshness, labels, merged, queue, rechecking
from .labels import Look
from .queue import Filters

SAMPLE, SMALLEST, LARGEST = 20, 5, 200
_ROOMS = 1_000


@dataclass(frozen=True, slots=True)
class Preview:
    """What a batch would do, in numbers. alone: cases of two; largest: customers in the largest case."""

    cases: int
    customers: int
    absorbed: int
    alone: int
    largest: int
    checked: int
    right: int
    wrong: int


def filters_of(batch: DuplicateBatch) -> Filters:
    """The cases a batch takes."""
    return Filters(lane=Lane.SURE, group_id=batch.group_id, minimum=batch.minimum)


def draw(
    *, principal: Principal, group_id: int | None = None, minimum: float = 0.0, size: int = SAMPLE
) -> DuplicateBatch:
    """Begin a batch: draw its sample at random from all cases it would take."""
    if not SMALLEST <= size <= LARGEST:
        raise Invalid(_("Between %(least)d and %(most)d cases are looked at.", least=SMALLEST, most=LARGEST))
    wanted = Filters(lane=Lane.SURE, group_id=group_id, minimum=minimum)
    ids = [case_id for page in _pages(principal, wanted) for case_id in page]
    if not ids:
        raise Invalid(_("There are no such cases."))
    sample = secrets.SystemRandom().sample(ids, min(size, len(ids)))
    batch = DuplicateBatch(
        group_id=group_id, minimum=minimum, model=freshness.model(), sure=matching.thresholds().sure,
        last_case_id=max(ids), cases=len(ids), created_by_id=principal.user_id,
        samples=[DuplicateSample(case_id=case_id, position=at) for at, case_id in enumerate(sample, start=1)],
    )  # fmt: skip
    db.session.add(batch)
    db.session.flush()
    return batch


def _pages(principal: Principal, wanted: Filters) -> Iterator[list[int]]:
    after = None
    while page := queue.page(principal, wanted, after=after, size=_ROOMS):
        yield page
        after = page[-1]


def get(batch_id: int, principal: Principal) -> DuplicateBatch:
    """A batch of one's own, or any batch for one who sees all customers."""
    batch = db.session.scalar(
        select(DuplicateBatch)
        .where(DuplicateBatch.id == batch_id)
        .options(joinedload(DuplicateBatch.group), joinedload(DuplicateBatch.created_by))
    )
    if batch is None or (batch.created_by_id != principal.user_id and principal.groups is not None):
        raise NotFound
    return batch


def recent(principal: Principal, *, size: int = 20) -> list[DuplicateBatch]:
    """The newest batches that one may look at."""
    statement = select(DuplicateBatch).options(joinedload(DuplicateBatch.created_by)).order_by(DuplicateBatch.id.desc())
    if principal.groups is not None:
        statement = statement.where(DuplicateBatch.created_by_id == principal.user_id)
    return list(db.session.scalars(statement.limit(size)))


def next_sample(batch: DuplicateBatch) -> DuplicateSample | None:
    """The first sampled case that nobody has looked at; those that were closed meanwhile are passed over."""
    for sample in batch.samples:
        if sample.verdict is None and sample.case.closed_at is None:
            return sample
    return None


def judge(
    batch_id: int, case_id: int, *, is_same: bool, principal: Principal, seconds: float | None = None
) -> BatchState:
    """Say of a sampled case whether it is one person; returns where the batch is then.

    Each pair of the case gets its label. "Different" decides the case and fails the batch.
    """
    batch = _held(batch_id, principal)
    sample = db.session.get(DuplicateSample, (batch_id, case_id), with_for_update=True)
    if sample is None:
        raise NotFound
    verdict = Verdict.SAME if is_same else Verdict.DIFFERENT
    if sample.verdict == verdict:
        return batch.state
    if batch.state != BatchState.SAMPLING or sample.verdict is not None:
        raise Conflict(_("This sample has been judged already."))
    pairs = cases.get(case_id, principal).open_pairs
    look = Look(act=f"sample-{batch_id}-{case_id}", seconds=seconds, is_sample=True)
    if not pairs:
        raise Conflict(_("This case was decided meanwhile; go on with the next one."))
    if is_same:
        db.session.add_all(labels.label(pair, verdict, look.name(), look, principal.user_id) for pair in pairs)
    else:
        deciding.different([pair.id for pair in pairs], principal=principal, look=look)
        batch = db.session.get_one(DuplicateBatch, batch_id)
        sample = db.session.get_one(DuplicateSample, (batch_id, case_id))
    sample.verdict = verdict
    db.session.flush()
    batch.state = _state_after(batch, verdict)
    return batch.state


def _state_after(batch: DuplicateBatch, verdict: Verdict) -> BatchState:
    if verdict == Verdict.DIFFERENT:
        return BatchState.FAILED
    db.session.refresh(batch, ["samples"])
    is_over = next_sample(batch) is None and any(sample.verdict for sample in batch.samples)
    return BatchState.PASSED if is_over else BatchState.SAMPLING


def _held(batch_id: int, principal: Principal) -> DuplicateBatch:
    db.session.scalar(select(DuplicateBatch.id).where(DuplicateBatch.id == batch_id).with_for_update())
    return get(batch_id, principal)


def preview(batch: DuplicateBatch, principal: Principal) -> Preview:
    """What the batch would do now."""
    sizes = db.session.execute(
        select(DuplicateCase.size, func.count())
        .where(DuplicateCase.id.in_(_open_cases(batch, principal)))
        .group_by(DuplicateCase.size)
    ).all()
    number = {row.size: row[1] for row in sizes}
    verdicts = [sample.verdict for sample in batch.samples]
    total = sum(number.values())
    customers = sum(size * count for size, count in number.items())
    return Preview(
        total, customers, customers - total, number.get(2, 0), max(number, default=0),
        sum(one is not None for one in verdicts), verdicts.count(Verdict.SAME), verdicts.count(Verdict.DIFFERENT),
    )  # fmt: skip


def moving(batch: DuplicateBatch, principal: Principal) -> list[tuple[Any, int]]:
    """Of each kind of rows, how many belong to those whom the batch would absorb now."""
    member = DuplicateMember
    chosen = member.case_id.in_(_open_cases(batch, principal))
    return merging.moving(select(member.case_id, member.customer_id).where(chosen))


def _open_cases(batch: DuplicateBatch, principal: Principal) -> Select[Any]:
    """The ids of the cases that were there when the batch was drawn and still wait."""
    return queue.narrowed(principal, filters_of(batch)).where(DuplicateCase.id <= batch.last_case_id)


def start(batch_id: int, run_id: int, *, principal: Principal) -> None:
    """Hand a batch whose sample passed to its job. Raises Conflict where weights or thresholds changed since."""
    batch = _held(batch_id, principal)
    if batch.run_id == run_id:
        return
    if batch.state != BatchState.PASSED:
        raise Conflict(_("Only a batch whose whole sample was found right can be merged, and only once."))
    if batch.sure != matching.thresholds().sure or batch.model != freshness.model():
        raise Conflict(_("The weights or thresholds have changed since the sample was drawn. Please draw a new one."))
    batch.state, batch.run_id = BatchState.STARTED, run_id
    audit.record(
        "duplicate.batch", entity="duplicate_batch", entity_id=batch.id,
        facts={"cases": batch.cases, "sample": len(batch.samples), "minimum": batch.minimum, "job": run_id},
    )  # fmt: skip


def remaining(batch: DuplicateBatch, principal: Principal, *, size: int = 200) -> list[int]:
    """Some cases that a started batch has still to merge, the first by id; those it refused are not among them."""
    refused = select(DuplicateRefusal.case_id).where(DuplicateRefusal.batch_id == batch.id)
    statement = (
        _open_cases(batch, principal).where(DuplicateCase.id.not_in(refused)).order_by(DuplicateCase.id).limit(size)
    )
    return list(db.session.scalars(statement))


def merge_case(batch_id: int, case_id: int, *, principal: Principal) -> int:
    """Merge one case of a started batch; returns how many customers were absorbed.

    The customers are compared anew first. Whatever is refused (a question that a person must answer, a case that is not
    sure any more) is for `refuse`.
    """
    before = {customer.id for customer in cases.get(case_id, principal).customers}
    for customer_id in sorted(before):
        rechecking.check(customer_id)
    batch, shown = db.session.get_one(DuplicateBatch, batch_id), cases.get(case_id, principal)
    case, ids = shown.case, {customer.id for customer in shown.customers}
    if not shown.is_open or case.lane != Lane.SURE or case.probability < batch.minimum or ids != before:
        raise Conflict(_("The customers were changed meanwhile and are not surely the same person any more."))
    survivor_id = merging.suggest_survivor(ids).id
    name = f"batch-{batch_id}-{case_id}"
    look = Look(act=name, is_batch=True)
    absorbed = sorted(ids - {survivor_id})
    merged.merge(survivor_id, absorbed, principal=principal, look=look, idempotency_key=name)
    db.session.get_one(DuplicateBatch, batch_id).merged += 1
    return len(absorbed)


def refuse(batch_id: int, case_id: int, reason: str) -> None:
    """Note that a case was not merged and stays with people."""
    db.session.add(DuplicateRefusal(batch_id=batch_id, case_id=case_id, reason=reason[:500]))
    db.session.get_one(DuplicateBatch, batch_id).refused += 1


def refusals(batch_id: int) -> list[DuplicateRefusal]:
    """What a batch did not merge, and why."""
    statement = select(DuplicateRefusal).where(DuplicateRefusal.batch_id == batch_id)
    return list(db.session.scalars(statement.order_by(DuplicateRefusal.case_id)))


def finish(batch_id: int) -> DuplicateBatch:
    """Count what a batch did and close it."""
    batch = db.session.get_one(DuplicateBatch, batch_id)
    batch.state, batch.finished_at = BatchState.FINISHED, now()
    return batch
