"""E-mail: what is sent, and what sends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..outcomes import Fence, Outcome


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with an e-mail."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail to one recipient.

    return_path: where bounces go (see return_paths). message_id: without angle brackets, fixed: the same for every
    attempt. at: aware. language: da, en. unsubscribe: the address that takes somebody off the list in one click, on
    marketing only (RFC 8058).
    """

    sender: str
    recipient: str
    subject: str
    text: str
    message_id: str
    at: datetime
    return_path: str
    sender_name: str = ""
    recipient_name: str = ""
    reply_to: str = ""
    html: str = ""
    language: str = ""
    unsubscribe: str = ""
    attachments: tuple[Attachment, ...] = ()


class EmailGateway(Protocol):
    """Sends one e-mail at a time; never raises but what the fence raises."""

    def send(self, mail: Mail, fence: Fence) -> Outcome:
        """Hand the e-mail over; the fence is asked immediately before the point of no return."""

    def close(self) -> None:
        """Let go of connections."""
