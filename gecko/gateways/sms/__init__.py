"""SMS: what is sent, and what sends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..outcomes import Fence, Outcome


@dataclass(frozen=True, slots=True)
class Sms:
    """One text to one number.

    sender: 3 to 11 letters, digits and spaces, or a number. recipient: E.164. reference: ours, which status reports
    bear. expires_at: aware; a text that is not on the phone by then is dropped by the network.
    """

    sender: str
    recipient: str
    text: str
    reference: str
    expires_at: datetime | None = None


class SmsProvider(Protocol):
    """Sends one text at a time; never raises but what the fence raises."""

    def send(self, sms: Sms, fence: Fence) -> Outcome:
        """Hand the text over; the fence is asked immediately before the point of no return."""

    def close(self) -> None:
        """Let go of connections."""
