"""Documents by e-mail to who pays: the PDF goes with it, through the outbox, and the document knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from ..db import db
from ..errors import Invalid
from ..language import _
from ..models.document_messages import DocumentMessage
from ..models.documents import SaleDocument
from ..models.messages import Message, MessageChannel, MessageKind
from .messaging import enqueuing
from .messaging.enqueuing import Attachment, Draft


@dataclass(frozen=True, slots=True)
class Mail:
    """What is written. recipient: an e-mail address, in whatever case it was typed."""

    recipient: str
    subject: str
    body: str
    language: str


def send(document_id: int, mail: Mail, attachment: Attachment, *, nonce: str) -> Message | None:
    """Queue the mail; None where the same form was sent before. Its state says whether it will go."""
    if not nonce:
        raise Invalid(_("The form had no number of its own. Look at it once more and send it again."))
    message = enqueuing.enqueue(
        Draft(
            channel=MessageChannel.EMAIL,
            kind=MessageKind.DOCUMENT,
            dedupe_key=f"document:{document_id}:{nonce}",
            recipient=mail.recipient.strip().lower(),
            subject=" ".join(mail.subject.split()),
            body=mail.body.strip(),
            language=mail.language,
            attachments=(attachment,),
        )
    )
    if message is not None:
        db.session.add(DocumentMessage(message_id=message.id, document_id=document_id))
        db.session.flush()
    return message


def recipient_of(document: SaleDocument) -> str:
    """Where the debtor takes mail now, or took it when the document was issued."""
    return document.debtor.email or str(document.buyer.get("email") or "")


def sent(document_id: int) -> Sequence[Message]:
    """The messages that carried the document, the newest first, without their texts."""
    statement = (
        select(Message)
        .join(DocumentMessage, DocumentMessage.message_id == Message.id)
        .where(DocumentMessage.document_id == document_id)
        .order_by(Message.id.desc())
        .options(defer(Message.html), defer(Message.body), joinedload(Message.created_by))
    )
    return db.session.scalars(statement).all()
