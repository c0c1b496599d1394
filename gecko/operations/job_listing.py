"""Which jobs a user sees and may steer: their own, and everybody's with the right to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from ..db import db
from ..errors import NotAllowed, NotFound
from ..models.jobs import JobRun, JobState
from ..permissions import Permission, Principal


@dataclass(frozen=True, slots=True)
class Page:
    """Some jobs, newest first; `older` is where the next page starts, None at the end."""

    runs: list[JobRun]
    older: int | None


def _visible(principal: Principal) -> Select[JobRun]:
    statement = select(JobRun).options(joinedload(JobRun.created_by))
    if principal.has(Permission.JOB_VIEW):
        return statement
    return statement.where(JobRun.created_by_id == principal.user_id)


def page(
    principal: Principal,
    *,
    states: Collection[JobState] = (),
    mine: bool = False,
    before: int | None = None,
    size: int = 50,
) -> Page:
    """One page of the jobs that `principal` may see."""
    statement = _visible(principal).order_by(JobRun.id.desc()).limit(size + 1)
    if states:
        statement = statement.where(JobRun.state.in_(states))
    if mine:
        statement = statement.where(JobRun.created_by_id == principal.user_id)
    if before is not None:
        statement = statement.where(JobRun.id < before)
    runs = list(db.session.scalars(statement))
    return Page(runs[:size], runs[size - 1].id if len(runs) > size else None)


def own(principal: Principal, *, kinds: Iterable[str], size: int = 50) -> list[JobRun]:
    """The newest jobs of these kinds that `principal` asked for."""
    statement = select(JobRun).where(JobRun.created_by_id == principal.user_id, JobRun.kind.in_(list(kinds)))
    return list(db.session.scalars(statement.order_by(JobRun.id.desc()).limit(size)))


def of_kinds(principal: Principal, kinds: Iterable[str], *, size: int = 10) -> list[JobRun]:
    """The newest jobs of these kinds that `principal` may see, whoever asked for them."""
    statement = _visible(principal).where(JobRun.kind.in_(list(kinds)))
    return list(db.session.scalars(statement.order_by(JobRun.id.desc()).limit(size)))


def by_key(kind: str, key: str) -> int | None:
    """The newest job of that kind and key, whatever became of it."""
    return db.session.scalar(
        select(JobRun.id).where(JobRun.kind == kind, JobRun.key == key).order_by(JobRun.id.desc()).limit(1)
    )


def get(principal: Principal, run_id: int) -> JobRun:
    """One job that `principal` may see; NotFound where they may not."""
    run = db.session.scalar(_visible(principal).where(JobRun.id == run_id))
    if run is None:
        raise NotFound
    return run


def may_steer(principal: Principal, run: JobRun) -> bool:
    """Whether `principal` may cancel and retry the job."""
    return run.created_by_id == principal.user_id or principal.has(Permission.JOB_MANAGE)


def steered(principal: Principal, run_id: int) -> int:
    """The id of a job that `principal` may cancel and retry; NotAllowed where they may only look."""
    run = get(principal, run_id)
    if not may_steer(principal, run):
        raise NotAllowed
    return run.id


def file_of(principal: Principal, run_id: int, *, needs: Permission | None) -> str:
    """The name of the result file: only for the one who asked for it, while they hold the right the job needs."""
    run = get(principal, run_id)
    if run.created_by_id != principal.user_id or (needs is not None and not principal.has(needs)):
        raise NotAllowed
    name = (run.result or {}).get("file")
    if not name:
        raise NotFound
    return str(name)
