"""Reports that come back: which message they speak of, and what they say about its address.

Only a return path that we signed tells which message is meant (see return_paths); whatever else a report claims, its
recipient above all, anybody can write. A mail to any other address is not even looked into.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum

from flufl.bounce import all_failures

from ..outcomes import Verdict
from . import replies, words
from .replies import Stage
from .return_paths import ReturnPaths

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)  # it tells of every format it tries, and fails at

LONGEST = 1024 * 1024
"""More of a report is not read: what matters stands before the copy of the mail."""


class Kind(StrEnum):
    """What came back."""

    BOUNCE = "bounce"  # given up
    DELAYED = "delayed"  # still being tried
    DELIVERED = "delivered"  # arrived, or handed on to where nobody reports
    AUTO_REPLY = "auto_reply"  # somebody is away: it arrived
    OTHER = "other"
    UNSIGNED = "unsigned"  # concerns no message: whatever it claims, nothing follows from it


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail to a return path says.

    message_id: the message it concerns, None where it is unsigned. verdict: of a bounce. status: x.y.z or
    empty; recipient, text: in the report's own words.
    """

    kind: Kind
    message_id: int | None
    verdict: Verdict | None = None
    status: str = ""
    recipient: str = ""
    text: str = ""


def read(raw: bytes, paths: ReturnPaths, *, envelope_to: str = "") -> Report:
    """Read a mail that came to a return path. envelope_to: the address it was delivered to, where that is known."""
    try:
        return _read(raw, paths, envelope_to)
    except RecursionError:  # parts in parts in parts: no server writes that
        return Report(Kind.UNSIGNED, None)


def _read(raw: bytes, paths: ReturnPaths, envelope_to: str) -> Report:
    message = message_from_string(raw[:LONGEST].decode("latin-1"))  # of bytes, headers would not all be texts
    message_id = _message_id(message, paths, envelope_to)
    if message_id is None:
        return Report(Kind.UNSIGNED, None)
    report = _status_report(message, message_id)
    if report is not None:
        return report
    if message.get_content_type() == "multipart/report":  # read receipts, complaints
        return Report(Kind.OTHER, message_id)
    if not _is_from_daemon(message) and _is_auto_reply(message):
        return Report(Kind.AUTO_REPLY, message_id, text=_header(message, "Subject"))
    return _odd_report(message, message_id)


# -- which message


def _message_id(message: Message, paths: ReturnPaths, envelope_to: str) -> int | None:
    given = [envelope_to] if envelope_to else []
    for name in ("Delivered-To", "X-Original-To", "Envelope-To", "To"):
        given += [address for _name, address in getaddresses([_header(message, name)])]
    return next((found for address in given if (found := paths.read(address)) is not None), None)


def _header(message: Message, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


# -- RFC 3464


_ENDS = {
    "failed": Kind.BOUNCE, "failure": Kind.BOUNCE, "error": Kind.BOUNCE, "delayed": Kind.DELAYED,
    "delivered": Kind.DELIVERED, "relayed": Kind.DELIVERED, "expanded": Kind.DELIVERED,
}  # fmt: skip
_WEIGHT = (Kind.BOUNCE, Kind.DELAYED, Kind.DELIVERED)
_STATUS = re.compile(r"\s*([245])\.(\d{1,3}\.\d{1,3})\b")
_CODE = re.compile(r"\b([45]\d\d)[ -]")


def _status_report(message: Message, message_id: int) -> Report | None:
    """The report of the recipient that fared worst; a message of ours has one, but an alias may spread it."""
    found = [report for block in _blocks(message) if (report := _recipient(block, message_id)) is not None]
    return min(found, key=lambda report: _WEIGHT.index(report.kind)) if found else None


def _blocks(message: Message) -> Iterator[Message]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            yield from part.get_payload()  # type: ignore[misc]  # a list, where it is multipart


def _recipient(block: Message, message_id: int) -> Report | None:
    status = _STATUS.match(_header(block, "Status"))
    action = _header(block, "Action").split(" ")[0].strip(";(").lower()
    kind = _ENDS.get(action)
    if kind is None and status is not None:
        kind = {"2": Kind.DELIVERED, "4": Kind.DELAYED, "5": Kind.BOUNCE}[status[1]]
    if kind is None:
        return None
    said = _header(block, "Diagnostic-Code").partition(";")[2].strip()[: words.LONGEST]
    recipient = _header(block, "Final-Recipient") or _header(block, "Original-Recipient")
    return Report(
        kind,
        message_id,
        verdict=_verdict(status, said) if kind is Kind.BOUNCE else None,
        status=f"{status[1]}.{status[2]}" if status else "",
        recipient=recipient.partition(";")[2].strip(),
        text=said,
    )


_MILDEST_FIRST = (Verdict.POLICY, Verdict.REFUSED, Verdict.SOFT, Verdict.ADDRESS)


def _verdict(status: re.Match[str] | None, said: str) -> Verdict:
    """What a failure means: by the server's own code where it has one, and by the status unless that is vague."""
    verdicts = []
    own = replies.enhanced_code(said)
    if status is not None and not (own and replies.is_vague(status[2])):
        verdicts.append(_given_up(status[1], f"5.{status[2]} {said}"))
    if own or not verdicts:
        code = _CODE.search(said)
        verdicts.append(_given_up((code[1] if code else own or "5")[0], _as_final(said, own)))
    return min(verdicts, key=_MILDEST_FIRST.index)


def _as_final(said: str, own: str) -> str:
    return said.replace(own, f"5{own[1:]}", 1) if own.startswith("4") else said


def _given_up(status_class: str, text: str) -> Verdict:
    """A refusal for good; where it was for now and somebody gave up trying, no address fails at once."""
    verdict = replies.classify(Stage.REPORT, 550, text)
    return verdict if status_class == "5" or verdict is Verdict.POLICY else Verdict.SOFT


# -- whatever else


_DAEMONS = re.compile(r"\b(?:mailer-daemon|postmaster|mail-?daemon|mail delivery (?:sub)?system|mmdf|uucp)\b", re.I)
_AWAY = re.compile(
    r"^(?:automatic reply|auto(?:matisk|-?)? ?(?:svar|reply|response)|out of (?:the )?office|ikke til stede|fraværende"
    r"|ikke på kontoret|ferie|abwesenheit|autosvar|frånvaro)\b",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"^(?:-{2,}.{0,8}(?:below this line|this is a copy|original message|unsent message|returned message).*"
    r"|.{0,20}the (?:header|text) of the original message.*|received: from .*)$",
    re.IGNORECASE | re.MULTILINE,
)


def _is_from_daemon(message: Message) -> bool:
    return bool(message["X-Failed-Recipients"] or _DAEMONS.search(_header(message, "From")))


def _is_auto_reply(message: Message) -> bool:
    says = _header(message, "Auto-Submitted").lower()
    marks = ("X-Autoreply", "X-Autorespond", "X-Autogenerated-Reply", "X-Auto-Reply")
    return (
        says.startswith("auto-replied")
        or _header(message, "Precedence").lower() in ("auto_reply", "auto-reply")
        or any(message[name] for name in marks)
        or bool(_AWAY.match(_header(message, "Subject")))
    )


def _odd_report(message: Message, message_id: int) -> Report:
    """Formats from before the standard, found by GNU Mailman's collection; read by code and words."""
    try:
        for_now, for_good = all_failures(message)
    except (ValueError, LookupError, TypeError, AttributeError, MessageError):  # malformed on purpose, or by accident
        return Report(Kind.OTHER, message_id)
    if not for_now and not for_good:
        return Report(Kind.OTHER, message_id)
    recipient = min(for_good or for_now).decode("ascii", "replace")
    said = _said(message)
    if not for_good:
        return Report(Kind.DELAYED, message_id, recipient=recipient, text=said)
    status = replies.enhanced_code(said)
    verdict = _verdict(None, said)
    if verdict is Verdict.REFUSED and not status:
        verdict = Verdict.SOFT  # somebody gave up, and does not say why
    return Report(Kind.BOUNCE, message_id, verdict, status, recipient, said)


def _said(message: Message) -> str:
    """The first text of a report, without the copy of our mail that follows."""
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
            return " ".join(_COPY.split(text, maxsplit=1)[0].split())[: words.LONGEST]
    return ""
