"""Sending reminders: by e-mail through the outbox with the letter attached, or on paper."""

from __future__ import annotations

from ...clock import now
from ...db import db
from ...errors import Invalid, NotFound
from ...language import _
from ...models.dunning import Dunning, DunningState
from ...models.messages import Message, MessageChannel, MessageKind
from .. import ledger
from ..messaging import enqueuing
from ..messaging.enqueuing import Attachment, Draft
from . import papers, states

_FILE = {"da": "rykker-{number}.pdf", "en": "reminder-{number}.pdf"}


def file_name(dunning: Dunning) -> str:
    """What the letter is called at the debtor's."""
    return _FILE[dunning.language].format(number=dunning.number)


def mail(dunning_id: int) -> Message | None:
    """Put a reminder into the outbox, to the address its debtor has now; None where it is there or went already.

    After an attempt that failed it goes once more, to what the address is by then.
    """
    dunning = _lock(dunning_id)
    state = states.of([dunning_id])[dunning_id]
    if state == DunningState.SENT or (dunning.message_id is not None and state == DunningState.CREATED):
        return None
    message = enqueuing.enqueue(draft(dunning))
    if message is not None:
        dunning.message_id = message.id
        db.session.flush()
    return message


def draft(dunning: Dunning) -> Draft:
    """The e-mail that takes a reminder's letter to the address its debtor has now; another one after each attempt."""
    return Draft(
        channel=MessageChannel.EMAIL,
        kind=MessageKind.DUNNING,
        dedupe_key=f"dunning:{dunning.id}:{dunning.message_id or 'first'}",
        subject=f"{dunning.wording['heading']} ({dunning.number})",
        body=str(dunning.wording["text"]),
        recipient=dunning.debtor.email,
        language=dunning.language,
        attachments=(Attachment(file_name(dunning), "application/pdf", papers.content(dunning.id)),),
    )


def print_out(dunning_id: int) -> None:
    """Note that a reminder goes on paper, the first time that it is printed to be sent."""
    dunning = _lock(dunning_id)
    if dunning.printed_at is None:
        dunning.printed_at = now()
        db.session.flush()


def _lock(dunning_id: int) -> Dunning:
    dunning = db.session.get(Dunning, dunning_id)
    if dunning is None:
        raise NotFound
    ledger.lock_debtor(dunning.debtor_id)
    db.session.refresh(dunning)
    if dunning.cancelled_at is not None:
        raise Invalid(_("The reminder is cancelled."))
    return dunning
