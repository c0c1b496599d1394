"""What became of one message, the same for e-mail and SMS, and what that says about its address.

A gateway asks the fence immediately before the point of no return: SMTP's final dot, the body of an HTTP request.
Whatever breaks before it is a `Fault` or `Later`, and safe to try again; what breaks after it without an answer is
`Unknown`, and never tried again by itself (RFC 1047: the gap can be made short, not closed).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

Fence: TypeAlias = Callable[[], bool]
"""Asked once, at the last moment; on no, nothing may leave. What it raises ends the attempt before anything left."""


class Verdict(StrEnum):
    """What an answer says about the address, the message and us."""

    ADDRESS = "address"  # the address fails for good: mark it
    SOFT = "soft"  # the address fails for now: mark it only when this goes on
    POLICY = "policy"  # they do not want this from us: never the address's fault, stop the campaign
    REFUSED = "refused"  # this message was refused; that says nothing about the address
    RETRY = "retry"  # try this message again later
    SYSTEM = "system"  # our own set-up or their whole system: rest the channel, touch no message and no address
    CLOSING = "closing"  # they hang up: close the connection, and back off
    UNKNOWN = "unknown"  # there is no telling whether it was accepted


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side took it over. reference: what it calls the message, empty where it says nothing."""

    reply: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Known not accepted, for good. code: of the reply, 0 where we refused ourselves; enhanced: x.y.z or empty."""

    text: str
    verdict: Verdict
    code: int = 0
    enhanced: str = ""

    @property
    def permanent(self) -> bool:
        """Whether the address is to blame, once and for all."""
        return self.verdict is Verdict.ADDRESS


@dataclass(frozen=True, slots=True)
class Later:
    """Known not accepted, for now. after: how long the other side asked to wait, if it did."""

    text: str
    verdict: Verdict = Verdict.RETRY
    code: int = 0
    enhanced: str = ""
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Handed over, and no answer that tells whether it was accepted."""

    text: str


@dataclass(frozen=True, slots=True)
class Aborted:
    """The fence said no: nothing left the house."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Nothing left the house, through no fault of message or address: no connection, refused log-in, wrong set-up."""

    text: str
    verdict: Verdict = Verdict.SYSTEM
    code: int = 0
    after: timedelta | None = None


Outcome: TypeAlias = Accepted | Rejected | Later | Unknown | Aborted | Fault
