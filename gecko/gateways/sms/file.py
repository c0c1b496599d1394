"""Trials without a gateway: texts are written into a file, and a page shows what "was sent"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ...clock import now
from .. import journal
from ..outcomes import Aborted, Accepted, Fence, Outcome, Unknown
from . import Sms

NAME = "sms.jsonl"


class FileProvider:
    """An SmsProvider that writes every text into a folder's `sms.jsonl`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def send(self, sms: Sms, fence: Fence) -> Outcome:
        """Append the text to the file; Unknown where the disk refuses half-way."""
        if not fence():
            return Aborted()
        try:
            offset = journal.append(
                self._path,
                {
                    "at": now().isoformat(),
                    "sender": sms.sender,
                    "recipient": sms.recipient,
                    "text": sms.text,
                    "reference": sms.reference,
                },
            )
        except OSError as error:
            return Unknown(str(error))
        return Accepted("Written into the file.", reference=f"file-{offset}")

    def close(self) -> None:
        """Nothing is kept open."""


@dataclass(frozen=True, slots=True)
class SentSms:
    """A text as the file has it. offset: pass the last one's as `before` to read on."""

    offset: int
    at: datetime
    sender: str
    recipient: str
    text: str
    reference: str


def sent(folder: Path, *, limit: int = 50, before: int | None = None) -> list[SentSms]:
    """What "was sent", the latest first."""
    return [
        SentSms(
            offset=entry.offset,
            at=datetime.fromisoformat(entry.values["at"]),
            **{name: entry.values[name] for name in ("sender", "recipient", "text", "reference")},
        )
        for entry in journal.newest(folder / NAME, limit=limit, before=before)
    ]
