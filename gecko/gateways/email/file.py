"""Trials without a mail server: e-mails are written into a file, and a page shows what "was sent"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from ...clock import now
from .. import journal
from ..outcomes import Aborted, Accepted, Fence, Outcome, Unknown
from . import Mail
from .composing import Ready, prepare

NAME = "email.jsonl"


class FileOutlet:
    """An EmailGateway that writes every e-mail, as it would travel, into a folder's `email.jsonl`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def send(self, mail: Mail, fence: Fence) -> Outcome:
        """Append the e-mail to the file; Unknown where the disk refuses half-way."""
        ready = prepare(mail)
        if not isinstance(ready, Ready):
            return ready
        if not fence():
            return Aborted()
        values = {"at": now().isoformat(), "return_path": ready.sender, "recipient": ready.recipient}
        try:
            offset = journal.append(self._path, values | {"message": ready.content.decode("ascii")})
        except OSError as error:
            return Unknown(str(error))
        return Accepted("Written into the file.", reference=f"file-{offset}")

    def close(self) -> None:
        """Nothing is kept open."""


@dataclass(frozen=True, slots=True)
class SentMail:
    """An e-mail as the file has it. offset: pass the last one's as `before` to read on; attachments: their names."""

    offset: int
    at: datetime
    recipient: str
    message_id: str
    subject: str
    text: str
    html: str
    attachments: tuple[str, ...]


def sent(folder: Path, *, limit: int = 50, before: int | None = None) -> list[SentMail]:
    """What "was sent", the latest first."""
    return [_read(entry) for entry in journal.newest(folder / NAME, limit=limit, before=before)]


def _read(entry: journal.Entry) -> SentMail:
    message = message_from_string(entry.values["message"], _class=EmailMessage, policy=default)
    return SentMail(
        offset=entry.offset,
        at=datetime.fromisoformat(entry.values["at"]),
        recipient=entry.values["recipient"],
        message_id=str(message["Message-ID"]).strip("<>"),
        subject=str(message["Subject"]),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(part.get_filename() or "" for part in message.iter_attachments()),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
