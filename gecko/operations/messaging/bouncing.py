"""Mails that come back to a return path: a bounce fails its message and may mark the address, all else proves it went.

A return path is known to whoever got the mail, and to the servers on its way: they can make a bounce of that one
message, of their own address, and of no other.
"""

from __future__ import annotations

from enum import StrEnum

from ...gateways.email import bounces
from ...gateways.email.bounces import Kind, Report
from ...gateways.email.return_paths import ReturnPaths
from ...models.messages import Message, MessageChannel
from . import recording, settling


class Taken(StrEnum):
    """What a mail came to."""

    FAILED = "the message failed"
    SETTLED = "the message counts as sent"
    NOTHING_NEW = "nothing new"
    NO_MESSAGE = "the message is not there any more"
    UNSIGNED = "to no return path of ours: nothing is believed, nothing is changed"


def take(raw: bytes, paths: ReturnPaths, *, envelope_to: str = "") -> Taken:
    """Read a mail and do what follows from it. envelope_to: the address it was delivered to, where that is known."""
    return follow(bounces.read(raw, paths, envelope_to=envelope_to))


def follow(report: Report) -> Taken:
    """Bring the message that a report is about to the state it tells of."""
    if report.message_id is None:
        return Taken.UNSIGNED
    message = settling.hold((Message.id == report.message_id) & (Message.channel == MessageChannel.EMAIL))
    if message is None:
        return Taken.NO_MESSAGE
    said = " ".join(part for part in (report.status, report.text) if part)
    if report.kind is Kind.BOUNCE:
        is_news = settling.failed(message, said=said, blame=recording.blame_of(report.verdict))
        return Taken.FAILED if is_news else Taken.NOTHING_NEW
    if report.kind is Kind.OTHER:  # a read receipt, a complaint, a letter: nobody can say
        return Taken.NOTHING_NEW
    return Taken.SETTLED if settling.got_through(message, said=said) else Taken.NOTHING_NEW
