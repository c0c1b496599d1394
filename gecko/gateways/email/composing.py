"""From plain values to the bytes of an e-mail: headers that cannot be forged, pure ASCII, lines that end in CRLF."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from ..outcomes import Fault, Rejected, Verdict
from . import Mail

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,253}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_MEDIA_TYPE = re.compile(r"(?!message/|multipart/)([a-z0-9.+-]+)/([a-z0-9.+-]+)")


class Unsendable(ValueError):
    """The values do not make an e-mail; says which one."""


class _Verbatim(UnstructuredHeader, BaseHeader):
    """A header of short ASCII or of one word: written as it is, for a long link must not become encoded words."""

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds |= {"decoded": value, "parse_tree": None}

    def fold(self, *, policy: Policy[Message]) -> str:
        return f"{self.name}: {self!s}{policy.linesep}"


class _Bare(_Verbatim):
    """The header of one address without a name."""


KEPT = 256
"""So many headers are kept as they were read, and as they are written."""


class _Registry(HeaderRegistry):
    """One class for each header, where the standard library makes a new one for each value; and one reading of what
    most mails have in common: a subject, the kinds of content."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, type[BaseHeader]] = {}
        self._read = lru_cache(KEPT)(super().__call__)

    def __getitem__(self, name: str) -> type[BaseHeader]:
        key = name.lower()
        if key not in self._made:
            self._made[key] = super().__getitem__(name)
        return self._made[key]

    def __call__(self, name: str, value: Any) -> BaseHeader:
        made: BaseHeader = self._read(name, value) if name in _COMMON else super().__call__(name, value)
        return made


_COMMON = frozenset({"Subject", "Content-Type"})


class _Policy(EmailPolicy):
    """Writes what was written before from memory: breaking a header into lines is most of the work of writing it."""

    def fold_binary(self, name: str, value: str) -> bytes:
        return self._write_anew(name, value) if isinstance(value, _Verbatim) else _written(self, name, value)

    def _write_anew(self, name: str, value: str) -> bytes:
        return super().fold_binary(name, value)


@lru_cache(KEPT)
def _written(policy: _Policy, name: str, value: str) -> bytes:
    return policy._write_anew(name, value)


_VERBATIM = (
    "mime-version", "content-transfer-encoding", "date", "message-id",
    "auto-submitted", "x-auto-response-suppress", "content-language", "list-unsubscribe",
    "list-unsubscribe-post",
)  # fmt: skip


def _policy() -> _Policy:
    registry = _Registry()
    for name in _VERBATIM:
        registry.map_to_type(name, _Verbatim)
    return _Policy(linesep="\r\n", header_factory=registry, cte_type="7bit")


POLICY = _policy()


def envelope_address(text: str) -> str:
    """An address as SMTP and headers take it, a domain like `smørrebrød.dk` in ASCII; raises Unsendable."""
    local, at, domain = text.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise Unsendable("The address cannot be written to.")
    return f"{local}@{domain}"


@dataclass(frozen=True, slots=True)
class Ready:
    """What goes over the wire: the addresses of the envelope, and the bytes."""

    sender: str
    recipient: str
    content: bytes


def prepare(mail: Mail) -> Ready | Rejected | Fault:
    """The e-mail ready to go; a value of its own refuses it, a sender's address that is none stops all of them."""
    try:
        sender, _ours = envelope_address(mail.return_path), envelope_address(mail.sender)
    except Unsendable:
        return Fault("The sender's address cannot be written to.")
    try:
        return Ready(sender, envelope_address(mail.recipient), raw(compose(mail)))
    except Unsendable as error:
        return Rejected(str(error), Verdict.REFUSED)


def compose(mail: Mail) -> EmailMessage:
    """The e-mail with all its headers; raises Unsendable where a value would break out of its header."""
    message = EmailMessage(policy=POLICY)
    message["From"] = _mailbox("From", mail.sender_name, mail.sender)
    message["To"] = _mailbox("To", mail.recipient_name, mail.recipient)
    if mail.reply_to:
        message["Reply-To"] = _mailbox("Reply-To", "", mail.reply_to)
    message["Subject"] = _line(mail.subject)
    message["Date"] = format_datetime(mail.at)
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise Unsendable("The Message-ID is malformed.")
    message["Message-ID"] = f"<{mail.message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # Exchange's word for the same
    if mail.unsubscribe:
        _add_unsubscribe(message, mail.unsubscribe)
    _add_content(message, mail)
    if mail.language:  # last: where parts are added, what is there of Content-… goes into the first one
        message["Content-Language"] = _line(mail.language)
    return message


def raw(message: EmailMessage) -> bytes:
    """The bytes that travel: ASCII, CRLF."""
    return message.as_bytes(policy=POLICY)


def _line(text: str) -> str:
    if _CONTROL.search(text):
        raise Unsendable("A header may hold one line only.")
    return _sound(text)


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _mailbox(field: str, name: str, address: str) -> BaseHeader:
    """A header of one address; without a name it needs no parsing, which is a good part of all the work."""
    return _named(field, _line(name), address) if name else _Bare(field, envelope_address(address))


@lru_cache(maxsize=256)
def _named(field: str, name: str, address: str) -> BaseHeader:
    """Kept: all mails come from one sender."""
    made: BaseHeader = POLICY.header_factory(field, Address(name, addr_spec=envelope_address(address)))
    return made


def _add_unsubscribe(message: EmailMessage, url: str) -> None:
    if not re.fullmatch(r"https?://[!-;=?-~]+", url):
        raise Unsendable("The address for unsubscribing is malformed.")
    message["List-Unsubscribe"] = f"<{url}>"
    if url.startswith("https://"):  # RFC 8058: one click only where nobody can listen
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _add_content(message: EmailMessage, mail: Mail) -> None:
    message.set_content(_sound(mail.text))
    if mail.html:
        message.add_alternative(_sound(mail.html), subtype="html")
    for attachment in mail.attachments:
        known = _MEDIA_TYPE.fullmatch(attachment.media_type.lower())
        kind, subtype = known.groups() if known else ("application", "octet-stream")
        message.add_attachment(attachment.content, maintype=kind, subtype=subtype, filename=_line(attachment.filename))
