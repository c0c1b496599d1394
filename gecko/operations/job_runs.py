"""Long work as rows: created with the change that wants it, claimed under a lease, and brought to an end.

The row is the truth; a queue only wakes somebody to claim it. A claim is a compare-and-set, and whatever the holder
writes afterwards names the holder, so that one who lost the lease can change nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from .. import audit
from ..clock import now
from ..db import db
from ..errors import Conflict, NotFound
from ..language import _
from ..models.jobs import JobRun, JobState
from ..models.people import StaffUser

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
LIVE = (JobState.QUEUED, JobState.RUNNING)


class LeaseLost(Exception):
    """Another worker took the run over, or it was ended: the holder must stop and write nothing more."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A run as its holder got it."""

    id: int
    kind: str
    parameters: dict[str, Any]
    checkpoint: dict[str, Any] | None
    user_id: int | None
    attempt: int
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Requester:
    """On whose account a run works, and in which language it speaks to them."""

    user_id: int | None
    name: str
    language: str


def create(*, kind: str, key: str, parameters: dict[str, Any], user_id: int | None) -> int:
    """Ask for a run; returns its id, or that of the live one with the same kind and key (a doubled click)."""
    values = {"kind": kind, "key": key, "parameters": parameters, "created_by_id": user_id, "state": JobState.QUEUED}
    dialect = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(JobRun).values(values).on_conflict_do_nothing().returning(JobRun.id)
    live = select(JobRun.id).where(JobRun.kind == kind, JobRun.key == key, JobRun.state.in_(LIVE))
    while True:  # the live one may end between the two statements: then there is room again
        found = db.session.scalar(statement) or db.session.scalar(live)
        if found is not None:
            return int(found)


def requester(run_id: int) -> Requester:
    """Who asked for a run; the system for periodic ones."""
    row = db.session.execute(
        select(JobRun.id, StaffUser.id, StaffUser.name, StaffUser.language)
        .outerjoin(StaffUser, StaffUser.id == JobRun.created_by_id)
        .where(JobRun.id == run_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    _run, user_id, name, language = row
    return Requester(user_id=user_id, name=name or "system", language=language or "da")


def _claimable() -> ColumnElement[bool]:
    expired = and_(JobRun.state == JobState.RUNNING, JobRun.lease_until < now())
    return or_(JobRun.state == JobState.QUEUED, expired)


def claim(run_id: int, owner: str) -> Claimed | None:
    """Take a queued run, or one whose holder went silent; None where somebody else has it or it has ended.

    A run whose holders died MAX_ATTEMPTS times is ended as failed: it would kill the next worker, too.
    """
    taken = db.session.execute(
        update(JobRun)
        .where(JobRun.id == run_id, _claimable())
        .values(
            state=JobState.RUNNING,
            lease_owner=owner,
            lease_until=now() + LEASE,
            attempt=JobRun.attempt + 1,
            started_at=now(),
        )
        .returning(
            JobRun.kind, JobRun.parameters, JobRun.checkpoint, JobRun.created_by_id, JobRun.attempt,
            JobRun.done, JobRun.total, JobRun.is_cancel_wanted,
        )
    ).one_or_none()  # fmt: skip
    if taken is None:
        return None
    if taken.is_cancel_wanted:
        _end(run_id, owner, JobState.CANCELLED)
        return None
    if taken.attempt > MAX_ATTEMPTS:
        why = _("The job was broken off %(count)s times without getting to its end.", count=MAX_ATTEMPTS)
        _end(run_id, owner, JobState.FAILED, error=str(why))
        return None
    return Claimed(
        id=run_id,
        kind=taken.kind,
        parameters=taken.parameters,
        checkpoint=taken.checkpoint,
        user_id=taken.created_by_id,
        attempt=taken.attempt,
        done=taken.done,
        total=taken.total,
    )


def heartbeat(run_id: int, owner: str) -> None:
    """Prolong the lease; raises LeaseLost where the run is no longer the owner's."""
    _write(run_id, owner, {})


def progress(run_id: int, owner: str, values: dict[str, Any]) -> bool:
    """Write how far the run is (done, total, message, checkpoint); returns whether somebody wants it cancelled."""
    return _write(run_id, owner, values)


def _write(run_id: int, owner: str, values: dict[str, Any]) -> bool:
    cancel = db.session.scalar(
        update(JobRun)
        .where(JobRun.id == run_id, JobRun.lease_owner == owner, JobRun.state == JobState.RUNNING)
        .values(lease_until=now() + LEASE, **values)
        .returning(JobRun.is_cancel_wanted)
        .execution_options(synchronize_session=False)
    )
    if cancel is None:
        raise LeaseLost
    return bool(cancel)


def finish(run_id: int, owner: str, result: dict[str, Any]) -> None:
    """End a run that did its work."""
    _end(run_id, owner, JobState.DONE, result=result)


def fail(run_id: int, owner: str, error: str) -> None:
    """End a run that could not do its work; `error` is for people."""
    _end(run_id, owner, JobState.FAILED, error=error[:2000])


def cancelled(run_id: int, owner: str) -> None:
    """End a run that stopped because somebody asked it to."""
    _end(run_id, owner, JobState.CANCELLED)


def release(run_id: int, owner: str) -> None:
    """Give a run back unfinished (the worker is shutting down); the attempt does not count."""
    _end(run_id, owner, JobState.QUEUED, attempt=JobRun.attempt - 1, finished_at=None)


def _end(run_id: int, owner: str, state: JobState, **values: Any) -> None:
    ended = db.session.scalar(
        update(JobRun)
        .where(JobRun.id == run_id, JobRun.lease_owner == owner, JobRun.state == JobState.RUNNING)
        .values({"finished_at": now(), **values, "state": state, "lease_owner": None, "lease_until": None})
        .returning(JobRun.id)
        .execution_options(synchronize_session=False)
    )
    if ended is None:
        raise LeaseLost


def request_cancel(run_id: int) -> JobState:
    """Ask a run to stop: at once where it only waits, at its next progress where it works; returns its state now."""
    run = _locked(run_id)
    if run.state == JobState.QUEUED:
        run.state, run.finished_at = JobState.CANCELLED, now()
    elif run.state == JobState.RUNNING:
        run.is_cancel_wanted = True
    else:
        raise Conflict(_("The job has already ended."))
    audit.record("job.cancelled", entity="job_run", entity_id=run_id, facts={"kind": run.kind})
    return run.state


def retry(run_id: int) -> None:
    """Queue a failed or cancelled run again; it goes on from its checkpoint."""
    run = _locked(run_id)
    if run.state not in {JobState.FAILED, JobState.CANCELLED}:
        raise Conflict(_("Only a job that failed or was cancelled can be tried again."))
    twin = select(JobRun.id).where(JobRun.kind == run.kind, JobRun.key == run.key, JobRun.state.in_(LIVE))
    if db.session.scalar(twin) is not None:
        raise Conflict(_("The same work is already under way in a newer job."))
    run.state, run.attempt, run.is_cancel_wanted = JobState.QUEUED, 0, False
    run.error = run.finished_at = None
    audit.record("job.retried", entity="job_run", entity_id=run_id, facts={"kind": run.kind})


def _locked(run_id: int) -> JobRun:
    statement = select(JobRun).where(JobRun.id == run_id).with_for_update().execution_options(populate_existing=True)
    run = db.session.scalar(statement)
    if run is None:
        raise NotFound
    return run


def claimable(limit: int = 1000) -> list[int]:
    """Runs that wait for a worker, oldest first: queued, or running under a lease that ran out."""
    return list(db.session.scalars(select(JobRun.id).where(_claimable()).order_by(JobRun.id).limit(limit)))
