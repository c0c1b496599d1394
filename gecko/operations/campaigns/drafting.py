"""Drafts of campaigns: whom they are for, and what they say. What was started is never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy import update as sql_update

from ... import actor
from ...clock import now
from ...db import db
from ...errors import Conflict, Invalid, NotFound
from ...language import LANGUAGES, _
from ...models.campaigns import Campaign, CampaignState, CampaignText
from ...models.messages import MessageChannel
from .. import customer_values
from ..texts import storing
from ..texts.reviewing import Source

CHANNELS = (MessageChannel.EMAIL, MessageChannel.SMS)
FIELDS = ("name", "is_marketing", "service_reason", "send_at")
MOST_PICKED = 1000
LONGEST_QUERY = 2000
LONGEST_REASON = 500


def get(campaign_id: int) -> Campaign:
    """One campaign; raises NotFound."""
    row = db.session.get(Campaign, campaign_id)
    if row is None or row.deleted_at is not None:
        raise NotFound
    return row


def create(
    values: Mapping[str, Any], *, query: str | None = None, picked: Sequence[int] = (), key: str | None = None
) -> Campaign:
    """Begin a draft, for those whom a list of customers shows (query, as in its address) or for customers picked.

    One `key`, one draft.
    """
    known = None if key is None else db.session.scalar(select(Campaign).where(Campaign.idempotency_key == key))
    if known is not None:
        return known
    if query is not None and len(query) > LONGEST_QUERY:
        raise Invalid(_("The search is too long to be kept."))
    if len(picked) > MOST_PICKED:
        raise Invalid(_("Pick at most %(most)s customers, or use the list's filters."), most=MOST_PICKED)
    if query is None and not picked:
        raise Invalid(_("Choose whom the newsletter is for."), field="group_id")
    row = Campaign(
        **_checked(values),
        audience_query=query,
        audience_ids=None if query is not None else sorted(set(picked)),
        created_by_id=actor.current().user_id,
        idempotency_key=key,
    )
    db.session.add(row)
    db.session.flush()
    return row


def update(campaign_id: int, values: Mapping[str, Any]) -> Campaign:
    """Change a draft."""
    row = _draft(campaign_id)
    merged = {name: getattr(row, name) for name in FIELDS} | dict(values)
    for name, value in _checked(merged).items():
        setattr(row, name, value)
    db.session.flush()
    return row


def delete(campaign_id: int) -> None:
    """Hide a draft."""
    _draft(campaign_id).deleted_at = now()
    db.session.flush()


def restore(campaign_id: int) -> Campaign:
    """Bring a hidden draft back."""
    row = db.session.get(Campaign, campaign_id)
    if row is None:
        raise NotFound
    row.deleted_at = None
    db.session.flush()
    return row


def text(campaign_id: int, channel: MessageChannel, language: str) -> Source | None:
    """What the campaign says over a channel in a language; None where nothing is written."""
    row = _text(campaign_id, channel, language)
    return None if row is None else Source(row.subject or "", row.body)


def mark(source: Source | None) -> str:
    """Names what stands there: a form carries the one it was filled in over."""
    said = (source.subject, source.body) if source else ()
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def write(campaign_id: int, channel: MessageChannel, language: str, source: Source, *, seen: str) -> None:
    """Write a text of a draft; one without a word is taken out. Raises Conflict unless `seen` still holds."""
    if channel not in CHANNELS or language not in LANGUAGES:
        raise NotFound
    draft = _draft(campaign_id)
    row = _text(campaign_id, channel, language)
    before = None if row is None else Source(row.subject or "", row.body)
    is_empty = not source.subject.strip() and not source.body.strip()
    wanted = None if is_empty else storing.checked(source, channel)
    if wanted == before:
        return
    if mark(before) != seen:
        raise Conflict
    _put(draft, row, channel, language, wanted)
    db.session.flush()
    _touch(campaign_id)


def _touch(campaign_id: int) -> None:
    """Whoever is about to approve what the campaign said before has to look again."""
    db.session.execute(
        sql_update(Campaign)
        .where(Campaign.id == campaign_id)
        .values(row_version=Campaign.row_version + 1)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def _put(
    draft: Campaign, row: CampaignText | None, channel: MessageChannel, language: str, wanted: Source | None
) -> None:
    if wanted is None:
        if row is not None:
            db.session.delete(row)
        return
    if row is None:
        row = CampaignText(campaign_id=draft.id, channel=channel, language=language)
        db.session.add(row)
    row.subject = wanted.subject if channel == MessageChannel.EMAIL else None
    row.body = wanted.body


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    is_marketing = bool(values.get("is_marketing", True))
    reason = " ".join(str(values.get("service_reason") or "").split())
    if not is_marketing and not reason:
        raise Invalid(
            _("Say why customers get it who never agreed to newsletters: it must concern what they have with you."),
            field="service_reason",
        )
    if len(reason) > LONGEST_REASON:
        raise Invalid(_("The text is too long."), field="service_reason")
    return {
        "name": str(customer_values.clean_one("name", values.get("name"))),
        "is_marketing": is_marketing,
        "service_reason": None if is_marketing else reason,
        "send_at": values.get("send_at"),
    }


def _draft(campaign_id: int) -> Campaign:
    row = db.session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if row is None or row.deleted_at is not None:
        raise NotFound
    if row.state != CampaignState.DRAFT:
        raise Conflict(_("The newsletter was started; what it says and whom it is for are fixed."))
    return row


def _text(campaign_id: int, channel: MessageChannel, language: str) -> CampaignText | None:
    return db.session.scalars(
        select(CampaignText).where(
            CampaignText.campaign_id == campaign_id,
            CampaignText.channel == channel,
            CampaignText.language == language,
        )
    ).one_or_none()
