"""Looking for duplicates as jobs, and merging many: what is stored and how far it got are committed together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from time import sleep
from typing import Any

from gecko.chunks import PAUSE
from gecko.clock import now
from gecko.db import db, run_write, transaction
from gecko.errors import GeckoError, NotAllowed
from gecko.language import _, explain
from gecko.operations import job_runs, matching, sessions
from gecko.operations.duplicates import batches, freshness, placeholders, recording, upkeep
from gecko.operations.duplicates.freshness import Scope
from gecko.operations.duplicates.recording import Recorded
from gecko.operations.matching import filling
from gecko.permissions import Permission, Principal

from .registry import job
from .work import Work

SCAN, CHANGED = "duplicates.scan", "duplicates.changed"
VALUES, BATCH = "duplicates.values", "duplicates.batch"
PAIRS_AT_ONCE, KEPT_AT_ONCE = 500, 500
_LONG = timedelta(hours=6)
_STEPS = ("fill", "compare", "sweep", "cases")
_WORDS = {
    "fill": _("Preparing customers"),
    "compare": _("Comparing customers"),
    "sweep": _("Taking out what is no longer alike"),
    "cases": _("Putting cases together"),
}


@job(SCAN, label=_("Search for duplicates"), timeout=_LONG)
def scan(work: Work) -> dict[str, Any]:
    """Compare everybody in the scope. Parameters: group (id) or across; neither is the whole base."""
    return _scan(work, Scope.read(work.parameters))


@job(CHANGED, label=_("Search for duplicates of changed customers"), timeout=_LONG)
def scan_changed(work: Work) -> dict[str, Any]:
    """Compare those who changed since the last time; everybody, where that is quicker or has never been done."""
    if work.checkpoint or freshness.needs_whole_scan():
        return _scan(work, Scope())
    done = Recorded()
    for batch in matching.scan_changed(progress=lambda count, total: work.progress(count, total)):
        done.add(run_write(lambda batch=batch: _store_changed(batch)))  # type: ignore[misc]
        _breathe()
    return done.facts()


@job(VALUES, label=_("Comparison after a change of the placeholder values"), timeout=_LONG)
def renew_values(work: Work) -> dict[str, Any]:
    """Make the signatures of a value's bearers anew, then compare everybody. Parameters: placeholder."""
    if not work.checkpoint:
        row = placeholders.get(int(work.parameters["placeholder"]))
        for ids in placeholders.bearers(row.kind, row.value):
            for start in range(0, len(ids), KEPT_AT_ONCE):
                part = ids[start : start + KEPT_AT_ONCE]
                run_write(lambda part=part: matching.keep(db.session(), part))  # type: ignore[misc]
                work.raise_if_cancelled()
                _breathe()
    return _scan(work, Scope())


def _store_changed(batch: Any) -> Recorded:
    done = recording.record(batch, checked=batch.checked)
    matching.clear(batch.marks)
    return done


class _State:
    """How far a scan is: what it has counted, which step it is at, and where in it."""

    def __init__(self, checkpoint: dict[str, Any] | None) -> None:
        kept = checkpoint or {}
        self.begun = datetime.fromisoformat(kept["begun"]) if kept else now()
        self.step = str(kept.get("step", _STEPS[0]))
        self.after: int | None = kept.get("after")
        self.where: dict[str, Any] | None = kept.get("where")
        self.counts: dict[str, int] = dict(kept.get("counts", {}))

    def add(self, done: Recorded) -> None:
        """Count what a transaction stored."""
        for name, count in done.facts().items():
            self.counts[name] = self.counts.get(name, 0) + count

    def at(self, step: str, after: int | None, where: dict[str, Any] | None = None) -> dict[str, Any]:
        """The checkpoint of this place."""
        self.step, self.after = step, after
        place = {"step": step, "after": after, "where": where}
        return {"begun": self.begun.isoformat(), **place, "counts": self.counts}


def _scan(work: Work, scope: Scope) -> dict[str, Any]:
    state = _State(work.checkpoint)
    if state.step == "fill":
        _fill(work, state)
    if state.step == "compare":
        _compare(work, scope, state)
    if state.step == "sweep":
        _sweep(work, scope, state)
    _cases(work, state)
    return {**state.counts, **freshness.dropped_since(state.begun)}


def _fill(work: Work, state: _State) -> None:
    """Make signatures first where there are none, so that the very first search finds everybody."""

    def tell(done: int, total: int, where: dict[str, Any]) -> None:
        work.progress(done, total, _WORDS["fill"], checkpoint=state.at("fill", None, where))

    if filling.is_needed():
        filling.run(progress=tell, resume=state.where)
    work.progress(0, None, _WORDS["compare"], checkpoint=state.at("compare", None))


def _compare(work: Work, scope: Scope, state: _State) -> None:
    def tell(done: int, total: int) -> None:
        work.progress(done, total, _WORDS["compare"])

    found = matching.scan(groups=scope.groups, across=scope.across, progress=tell, resume=state.after)
    for part in _parts(found):
        run_write(lambda part=part: _store(work, state, part))  # type: ignore[misc]
        _breathe()
    work.progress(0, None, _WORDS["sweep"], checkpoint=state.at("sweep", 0))


def _parts(found: Iterator[Sequence[matching.Found]]) -> Iterator[list[matching.Found]]:
    """Batches in parts that fit a short transaction, never parting the pairs of one lower customer."""
    for batch in found:
        part: list[matching.Found] = []
        for _a_id, pairs in groupby(batch, key=lambda pair: pair.a_id):
            part += pairs
            if len(part) >= PAIRS_AT_ONCE:
                yield part
                part = []
        if part:
            yield part


def _store(work: Work, state: _State, part: list[matching.Found]) -> None:
    before = dict(state.counts)
    state.add(recording.record(part, settle=False))
    try:
        work.progress(work.done, checkpoint=state.at("compare", part[-1].a_id))
    except BaseException:
        state.counts = before
        raise


def _sweep(work: Work, scope: Scope, state: _State) -> None:
    after: int | None = state.after or 0
    while after is not None:
        with transaction():
            done, after = recording.sweep(state.begun, after=after, groups=scope.groups, across=scope.across)
            state.add(done)
            step = ("sweep", after) if after is not None else ("cases", 0)
            work.progress(state.counts["gone"], None, _WORDS["sweep"], checkpoint=state.at(*step))
        _breathe()


def _cases(work: Work, state: _State) -> None:
    after: int | None = state.after or 0
    total = upkeep.highest()
    seen: set[int] = set()
    while after is not None:
        with transaction():
            after = upkeep.rebuild(after, seen)
            if after is not None:
                work.progress(after, total, _WORDS["cases"], checkpoint=state.at("cases", after))
        _breathe()


def _breathe() -> None:
    """Let people's edits in between: SQLite has one writer at a time."""
    if db.engine.dialect.name == "sqlite":
        sleep(PAUSE)


@job(BATCH, label=_("Merging of sure duplicates"), timeout=_LONG, permission=Permission.DUPLICATE_BATCH)
def merge_batch(work: Work) -> dict[str, Any]:
    """Merge the cases of a batch whose sample was found right. Parameters: batch."""
    batch_id = int(work.parameters["batch"])
    who = _allowed(work.user_id)
    batch = batches.get(batch_id, who)
    done, total = batch.merged + batch.refused, batch.cases
    while ids := batches.remaining(batch, who):
        for case_id in ids:
            _merge_one(batch_id, case_id, who)
            done += 1
            work.progress(done, max(total, done))
            _breathe()
        batch = batches.get(batch_id, who)
    with transaction():
        finished = batches.finish(batch_id)
        return {"merged": finished.merged, "refused": finished.refused}


def _merge_one(batch_id: int, case_id: int, who: Principal) -> None:
    """Merge a case, or note why not: in either case it is done with."""
    try:
        run_write(lambda: batches.merge_case(batch_id, case_id, principal=who))
    except GeckoError as error:
        reason = explain(error.message, error.params)
        run_write(lambda: batches.refuse(batch_id, case_id, reason))


def _allowed(user_id: int | None) -> Principal:
    """The one who asked for the batch, as they stand now, not when they asked."""
    who = sessions.principal(user_id) if user_id is not None else None
    if who is None or not who.has(Permission.DUPLICATE_BATCH, Permission.DUPLICATE_MERGE):
        raise NotAllowed
    return who


def enqueue_scan(scope: Scope, *, user_id: int | None) -> int:
    """Ask for a scan; returns the job, or the one under way with the same scope."""
    return job_runs.create(kind=SCAN, key=scope.key, parameters=scope.parameters(), user_id=user_id)


def enqueue_changed(*, user_id: int | None = None) -> int:
    """Ask for the comparison of what changed (after an import); returns the job, or the one under way."""
    return job_runs.create(kind=CHANGED, key="changed", parameters={}, user_id=user_id)


def enqueue_values(placeholder_id: int, *, user_id: int | None) -> int:
    """Ask for the comparison that a change of the list of placeholder values calls for; returns the job."""
    key, parameters = str(placeholder_id), {"placeholder": placeholder_id}
    return job_runs.create(kind=VALUES, key=key, parameters=parameters, user_id=user_id)


def enqueue_batch(batch_id: int, *, principal: Principal) -> int:
    """Ask for the merging of a batch whose sample was found right; returns the job. Twice is once."""
    run_id = job_runs.create(kind=BATCH, key=str(batch_id), parameters={"batch": batch_id}, user_id=principal.user_id)
    batches.start(batch_id, run_id, principal=principal)
    return run_id
