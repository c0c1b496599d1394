"""A trigger's messages are written into the outbox, some hundred customers in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import select

from ...channels import MessageChannel
from ...clock import now
from ...db import db
from ...models.marketing_triggers import MarketingTrigger
from ...models.messages import MessageKind
from .. import message_templates
from ..messaging import enqueuing, quiet
from ..messaging.enqueuing import Draft
from ..texts import composing, loading
from ..texts.facts import Facts
from ..texts.reviewing import Source
from . import judging

BATCH = 50
LIFE = timedelta(days=2)
"""How long such a message may wait to be sent: a birthday is soon over."""
Texts = dict[MessageChannel, dict[str, Source]]


def approved() -> list[int]:
    """The triggers that write, oldest first: of two on one day, the standby of the younger makes it wait."""
    living = MarketingTrigger.is_approved & MarketingTrigger.deleted_at.is_(None)
    return list(db.session.scalars(select(MarketingTrigger.id).where(living).order_by(MarketingTrigger.id)))


def texts_of(trigger: MarketingTrigger) -> Texts:
    """What it says, by channel and language."""
    given = {MessageChannel.EMAIL: trigger.email_template, MessageChannel.SMS: trigger.sms_template}
    return {
        channel: {
            language: message_templates.source(one)
            for language, one in message_templates.in_languages(template).items()
        }
        for channel, template in given.items()
        if template is not None
    }


def write(trigger_id: int, coming: Sequence[tuple[int, str]]) -> int:
    """Write to those of these who may be written to now; returns how many messages are new.

    Customers are held before they are judged, so that whoever says no meanwhile has said it before or after. A trigger
    that is not approved any more writes nothing.
    """
    trigger = db.session.scalar(
        select(MarketingTrigger)
        .where(MarketingTrigger.id == trigger_id, MarketingTrigger.deleted_at.is_(None))
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    if trigger is None or not trigger.is_approved:
        return 0
    people = enqueuing.hold([customer_id for customer_id, _occurrence in coming])
    held = {people[one].id: occurrence for one, occurrence in coming if one in people}
    judged = [one for one in judging.judge(trigger, list(held.items())) if one.channels]
    texts = texts_of(trigger)
    parts = loading.needed(*(source for by_language in texts.values() for source in by_language.values()))
    facts = loading.for_customers([one.customer_id for one in judged], parts, at=now())
    return len(enqueuing.enqueue_all(_drafts(trigger, texts, judged, facts)))


def _drafts(
    trigger: MarketingTrigger, texts: Texts, judged: Sequence[judging.Judged], facts: dict[int, Facts]
) -> Iterator[Draft]:
    not_before = quiet.next_allowed(now())
    for one in judged:
        person = facts[one.customer_id].customer
        language = person.language if person else "da"
        for channel in one.channels:
            said = composing.compose(texts[channel][language], facts[one.customer_id], channel, language)
            if not said.is_sendable:
                continue
            yield Draft(
                channel=channel,
                kind=MessageKind.CAMPAIGN,
                dedupe_key=judging.key(trigger.id, one.customer_id, one.occurrence, channel),
                subject=said.subject,
                body=said.body,
                html=said.html,
                customer_id=one.customer_id,
                language=language,
                is_marketing=True,
                not_before=not_before,
                expires_at=not_before + LIFE,
                trigger_id=trigger.id,
            )
