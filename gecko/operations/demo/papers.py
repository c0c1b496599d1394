"""Letters of the demo that are made on a higher floor, and the e-mails that carried them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...db import db
from ...models.dunning import Dunning
from ...models.messages import (
    Message,
    MessageAttachment,
    MessageChannel,
    MessageEvent,
    MessagePhase,
    MessageState,
)
from ..messaging.enqueuing import Attachment, Draft
from ..statements import Statement
from ..texts import markup
from .draw import Dice

_REPLY = "250 2.0.0 Ok: queued"
_STEPS = (
    (MessageState.QUEUED, None, None),
    (MessageState.SENDING, MessagePhase.CLAIMED, None),
    (MessageState.SENDING, MessagePhase.HANDED, None),
    (MessageState.SENT, None, _REPLY),
)
"""A second each."""


@dataclass(frozen=True, slots=True)
class Papers:
    """Who makes the PDF of a reminder, and subject, text and file of the e-mail with a statement of account."""

    reminder: Callable[[Dunning], bytes]
    statement: Callable[[Statement], tuple[str, str, Attachment]]


def sent(dice: Dice, draft: Draft, at: datetime, user_id: int) -> Message:
    """An e-mail that went out at `at`, with its steps and files, in the running transaction."""
    message = Message(
        channel=MessageChannel.EMAIL,
        kind=draft.kind,
        language=draft.language,
        recipient=draft.recipient,
        subject=draft.subject,
        body=draft.body,
        html=markup.paragraphs(draft.body),
        dedupe_key=draft.dedupe_key,
        reference=f"{dice.getrandbits(96):024x}",
        state=MessageState.SENT,
        reply=_REPLY,
        not_before=at,
        expires_at=at + timedelta(days=3),
        sent_at=at + timedelta(seconds=len(_STEPS) - 1),
        attempt=1,
        created_at=at,
        created_by_id=user_id,
        events=[
            MessageEvent(
                at=at + timedelta(seconds=second),
                state=state,
                phase=phase,
                detail=detail,
                user_id=None if second else user_id,
            )
            for second, (state, phase, detail) in enumerate(_STEPS)
        ],
        attachments=[
            MessageAttachment(position=place, filename=one.filename, media_type=one.media_type, content=one.content)
            for place, one in enumerate(draft.attachments, start=1)
        ],
    )
    db.session.add(message)
    db.session.flush()
    return message
