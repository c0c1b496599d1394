"""A campaign is started, paused, let go on, and stopped. Each is one row: the claim and the fence look at its state.

Whoever writes messages holds the campaign's row meanwhile (`writing.write`), so that none is written after a stop.
"""

from __future__ import annotations

from sqlalchemy import select, update

from ...clock import now
from ...db import db
from ...errors import Conflict, Invalid, NotFound
from ...language import _
from ...models.campaigns import Campaign, CampaignState
from ...models.jobs import JobRun, JobState
from ...models.messages import Message, MessageReason, MessageState
from ...permissions import Principal
from .. import job_runs
from ..messaging import events, single
from ..texts import loading
from ..texts.reviewing import Source, review
from . import ending

WRITE, WITHDRAW = "campaigns.write", "campaigns.withdraw"
"""The kinds of jobs behind a campaign."""
ALIVE = (CampaignState.RUNNING, CampaignState.PAUSED)
AT_ONCE = 500


def start(campaign_id: int, *, row_version: int, principal: Principal) -> int:
    """Approve a draft and let it run; returns the job that writes its messages.

    row_version: of the draft as it was looked at. Raises Conflict where it was changed or started since, Invalid where
    there is nothing to say.
    """
    row = _held(campaign_id)
    if row.state != CampaignState.DRAFT or row.row_version != row_version:
        raise Conflict(_("The newsletter was changed or started meanwhile. Look at it once more."))
    require_sendable(row)
    row.job_run_id = job_runs.create(kind=WRITE, key=str(row.id), parameters={"id": row.id}, user_id=principal.user_id)
    row.state, row.started_at, row.approved_by_id = CampaignState.RUNNING, now(), principal.user_id
    db.session.flush()
    return row.job_run_id


def require_sendable(row: Campaign) -> None:
    """Refuse a campaign that says nothing, or over a channel that is closed, or what must not go by SMS."""
    if not row.texts:
        raise Invalid(_("Nothing is written yet: write an e-mail or an SMS first."))
    fields = loading.sensitive_fields()
    for text in row.texts:
        if not single.is_open(text.channel):
            raise Invalid(_("SMS is switched off here: take its text out, or switch it on."))
        unfit = review(Source(text.subject or "", text.body), text.channel, fields).unfit
        if unfit:
            raise Invalid(
                _("“%(typed)s” must not go by SMS: %(reason)s."), typed=unfit[0].typed, reason=unfit[0].reason
            )


def pause(campaign_id: int, note: str | None = None) -> None:
    """Hold what has not left; what is just being handed over still does. Again is nothing."""
    row = _held(campaign_id)
    if row.state == CampaignState.PAUSED:
        return
    if row.state != CampaignState.RUNNING:
        raise Conflict(_("Only a newsletter that is running can be paused."))
    row.state, row.pause_note = CampaignState.PAUSED, (note or "")[: events.LONGEST_DETAIL] or None
    db.session.flush()


def pause_for(message_id: int, why: str) -> None:
    """Pause the campaign of a message that the other side does not want from us; nothing for any other message."""
    campaign_id = db.session.scalar(select(Message.campaign_id).where(Message.id == message_id))
    if campaign_id is not None and _held(campaign_id).state == CampaignState.RUNNING:
        pause(campaign_id, why)


def go_on(campaign_id: int) -> int | None:
    """Let a paused campaign run again; returns the job to wake where its writing was broken off."""
    row = _held(campaign_id)
    if row.state == CampaignState.RUNNING:
        return None
    if row.state != CampaignState.PAUSED:
        raise Conflict(_("Only a newsletter that pauses can go on."))
    row.state, row.pause_note = CampaignState.RUNNING, None
    db.session.flush()
    return write_again(campaign_id)


def write_again(campaign_id: int) -> int | None:
    """Queue the writing again where it failed or was cancelled; returns the job to wake."""
    row = _held(campaign_id)
    run = db.session.get(JobRun, row.job_run_id) if row.job_run_id is not None else None
    if row.state not in ALIVE or row.is_written or run is None:
        return None
    if run.state not in (JobState.FAILED, JobState.CANCELLED):
        return None
    job_runs.retry(run.id)
    return run.id


def stop(campaign_id: int, *, principal: Principal) -> int | None:
    """End a campaign for good; returns the job that takes back what waits, None where it is stopped already."""
    row = _held(campaign_id)
    if row.state == CampaignState.STOPPED:
        return None
    if row.state not in ALIVE:
        raise Conflict(_("Only a newsletter that is running or pauses can be stopped."))
    run = db.session.get(JobRun, row.job_run_id) if row.job_run_id is not None else None
    if run is not None and run.state in job_runs.LIVE:
        job_runs.request_cancel(run.id)
    row.state, row.pause_note, row.finished_at = CampaignState.STOPPED, None, now()
    row.job_run_id = job_runs.create(
        kind=WITHDRAW, key=str(row.id), parameters={"id": row.id}, user_id=principal.user_id
    )
    db.session.flush()
    return row.job_run_id


def withdraw_some(campaign_id: int) -> int:
    """Call off some hundred messages of a stopped campaign that wait; returns how many, 0 when all are."""
    waiting = (
        select(Message.id)
        .where(
            Message.campaign_id == campaign_id,
            Message.channel.in_(ending.SENT_FROM_HERE),
            Message.state == MessageState.QUEUED,
        )
        .limit(AT_ONCE)
    )
    ended = list(
        db.session.scalars(
            update(Message)
            .where(Message.id.in_(waiting), Message.state == MessageState.QUEUED)
            .values(state=MessageState.CANCELLED, phase=None, reason=MessageReason.WITHDRAWN)
            .returning(Message.id)
            .execution_options(synchronize_session=False)
        )
    )
    events.append(ended, MessageState.CANCELLED, reason=MessageReason.WITHDRAWN)
    return len(ended)


def _held(campaign_id: int) -> Campaign:
    row = db.session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if row is None or row.deleted_at is not None:
        raise NotFound
    return row
