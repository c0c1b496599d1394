"""GatewayAPI's status reports: signed, repeated for a day until they are answered, in any order.

What a report says is merged by rank, so that the state after a set of reports is the same in whatever order, however
often and however late they come.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from ..outcomes import Verdict

EVENT_TYPE = "message.status.sms"
LONGEST_BODY = 64 * 1024
LONGEST_NAME = 200


class Status(StrEnum):
    """What the network says became of a text."""

    UNKNOWN = "UNKNOWN"
    ACCEPTED = "ACCEPTED"
    ENROUTE = "ENROUTE"
    DELETED = "DELETED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    UNDELIVERABLE = "UNDELIVERABLE"
    DELIVERED = "DELIVERED"

    @property
    def is_final(self) -> bool:
        """Whether nothing more can happen, but that a lost report of a delivery comes after all."""
        return _RANKS[self] >= _RANKS[Status.DELETED]

    @property
    def is_failure(self) -> bool:
        """Whether the text did not arrive, for good."""
        return self.is_final and self is not Status.DELIVERED


_RANKS = {status: rank for rank, status in enumerate(Status)}
"""On its way, then failed, then arrived: nobody reports a delivery that did not happen."""

_DEAD_NUMBER = ("unknown subscriber", "unassigned", "unallocated", "invalid number", "invalid recipient",
                "number does not exist", "invalid destination")  # fmt: skip


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """One report. event_id: the same in every repetition; reference: ours; at: aware; error: in the network's words."""

    event_id: str
    reference: str
    provider_ref: str
    status: Status
    at: datetime
    error: str = ""

    @property
    def verdict(self) -> Verdict | None:
        """What a failure says about the number; None where nothing failed."""
        if not self.status.is_failure:
            return None
        if self.status in (Status.REJECTED, Status.DELETED):
            return Verdict.POLICY if self.status is Status.REJECTED else Verdict.REFUSED
        words = self.error.lower()
        is_dead = self.status is Status.UNDELIVERABLE and any(word in words for word in _DEAD_NUMBER)
        return Verdict.ADDRESS if is_dead else Verdict.SOFT


def is_genuine(secret: str, body: bytes, signature: str) -> bool:
    """Whether the header `Signature: v1=<hex>` is the HMAC-SHA256 of the body; never where no secret is set."""
    if not secret or not signature.isascii():
        return False
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v1={expected}", signature.strip())


def parse(body: bytes) -> StatusEvent | None:
    """The report in a body whose signature was checked; None for other events, and for what is not understood.

    A status this version does not know reads as UNKNOWN, which changes nothing.
    """
    if len(body) > LONGEST_BODY:
        return None
    try:
        envelope = json.loads(body)
        if not isinstance(envelope, dict) or envelope.get("event_type") != EVENT_TYPE:
            return None
        event = envelope["event"]
        return StatusEvent(
            event_id=_text(envelope["event_id"]),
            reference=_text(event["reference"]) if event["reference"] else "",
            provider_ref=_text(event["msg_id"]),
            status=_status(event["status"]),
            at=_instant(event.get("status_at") or envelope["timestamp"]),
            error=_error(event.get("error")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def advance(current: Status | None, event: StatusEvent) -> Status:
    """The state after one more report; commutative and idempotent, so that order and repetition do not matter."""
    return event.status if current is None else max(current, event.status, key=_RANKS.__getitem__)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME or not value.isprintable():
        raise ValueError("an identifier is a short text")
    return value


def _status(value: Any) -> Status:
    try:
        return Status(value)
    except ValueError:
        return Status.UNKNOWN


def _instant(value: Any) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("an instant says its offset from UTC")
    return instant.astimezone(UTC)


def _error(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    words = " ".join(str(value[name]) for name in ("hex_code", "details") if value.get(name))
    return "".join(sign if sign.isprintable() else " " for sign in words)[:500]
