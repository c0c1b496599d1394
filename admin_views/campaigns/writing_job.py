"""The job that writes a campaign's messages: on behalf of who started it, within what they may see, resumable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from gecko import chunks
from gecko.db import db, run_write
from gecko.language import _
from gecko.operations.campaigns import drafting, steering, writing
from gecko.permissions import Permission
from jobs import queue
from jobs.registry import job
from jobs.work import Work

from ..on_behalf import asker
from . import reach


@job(steering.WRITE, label=_("Writing a newsletter to its customers"))
def write(work: Work) -> dict[str, Any]:
    """Write everybody's messages; goes on after the last customer of a broken-off attempt."""
    campaign_id = int(work.parameters["id"])
    with asker(work, Permission.MESSAGE_BULK):
        written = _write(work, campaign_id)
    queue.wake_senders()
    return written


def _write(work: Work, campaign_id: int) -> dict[str, Any]:
    mailing, total = writing.read(campaign_id), _total(campaign_id)
    done, above, written = work.done, _kept(work, "above"), _kept(work, "written")
    told: dict[int, tuple[int, int]] = {}  # by a batch's last customer: how many customers, how many new messages

    def put(ids: list[int]) -> None:
        told[ids[-1]] = (len(ids), writing.write(mailing, ids))

    def so_far() -> tuple[int, int]:
        return done + sum(number for number, _new in told.values()), written + sum(new for _n, new in told.values())

    def after(_count: int) -> None:
        customers, messages = so_far()
        work.progress(customers, total, checkpoint={"above": max(told), "written": messages})

    try:
        chunks.write_in_chunks(_batches(campaign_id, above), put, after=after)
        run_write(lambda: writing.finish(campaign_id))
    except writing.Over:
        return {"messages": so_far()[1]}
    return dict(zip(("customers", "messages"), so_far(), strict=True))


def _kept(work: Work, name: str) -> int:
    return int((work.checkpoint or {}).get(name, 0))


def _total(campaign_id: int) -> int:
    return db.session.scalar(reach.ids(drafting.get(campaign_id)).with_only_columns(func.count())) or 0


def _batches(campaign_id: int, above: int) -> Iterator[list[int]]:
    """The customers by id, so that nobody who comes or goes meanwhile makes another be passed over."""
    while True:
        wanted = reach.ids(drafting.get(campaign_id)).subquery()
        statement = select(wanted.c.id).where(wanted.c.id > above).order_by(wanted.c.id).limit(writing.BATCH)
        ids = list(db.session.scalars(statement))
        if ids:
            yield ids
        if len(ids) < writing.BATCH:
            return
        above = ids[-1]
