"""E-mail over SMTP: one recipient a transaction, a verified connection that is used again, the fence before the dot.

smtplib speaks the protocol; what its `sendmail` hides, the final dot and every reply, is in our hands here. Where the
server offers it (RFC 2920), sender, recipient and DATA go together and the replies are read in their order; the mail
itself waits for the last of them, and the dot goes alone.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import TypeAlias

from ...gateway_settings import Security, Smtp
from ..outcomes import Aborted, Accepted, Fault, Fence, Later, Outcome, Unknown, Verdict
from . import Mail, replies
from .composing import Ready, prepare
from .replies import Stage

IDLE_SECONDS = 20.0
"""A connection that rested longer is opened anew; servers hang up after half a minute or more."""
MAILS_A_CONNECTION = 100
"""Servers that count refuse more."""

_Reply: TypeAlias = tuple[int, bytes]
_Conversation: TypeAlias = tuple[str, str, str]
"""MAIL, RCPT and DATA of one mail."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for a connection, for a reply, and for the last one, when the mail is handed over."""

    connect: float = 10.0
    reply: float = 30.0
    last: float = 60.0


class _Broken(Exception):
    """The connection broke, or the server answered something that is no SMTP."""


class SmtpTransport:
    """An EmailGateway over one connection, opened when it is needed. Not for several threads."""

    def __init__(self, server: Smtp, patience: Patience | None = None) -> None:
        self._server = server
        self._patience = patience or Patience()
        self._smtp: smtplib.SMTP | None = None
        self._used_at = 0.0
        self._sent = 0
        self._ahead: list[str] = []
        """Commands that were written already, and whose replies are still to be read."""

    def __enter__(self) -> SmtpTransport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, mail: Mail, fence: Fence) -> Outcome:
        """Hand one e-mail over. Whatever the fence raises comes through, with nothing sent."""
        ready = prepare(mail)
        if not isinstance(ready, Ready):
            return ready
        try:
            conversation = (f"MAIL FROM:<{ready.sender}>", f"RCPT TO:<{ready.recipient}>", "DATA")
            return self._begin(conversation) or self._transact(conversation, _stuffed(ready.content), fence)
        except BaseException:
            self._drop()  # without the dot: what was not finished is not accepted (RFC 5321, 4.1.1.4)
            raise

    def close(self) -> None:
        """Say good-bye and hang up."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._drop()

    # -- the connection

    def _begin(self, conversation: _Conversation) -> Fault | None:
        """MAIL FROM on a living connection; one that died while it rested is opened anew, once."""
        rested = time.monotonic() - self._used_at
        if self._smtp is not None and (rested > IDLE_SECONDS or self._sent >= MAILS_A_CONNECTION):
            self.close()
        is_used = self._smtp is not None
        fault = (None if is_used else self._connect()) or self._mail(conversation)
        if fault is not None and is_used and self._smtp is None:
            fault = self._connect() or self._mail(conversation)
        return fault

    def _mail(self, conversation: _Conversation) -> Fault | None:
        try:
            if self._live().has_extn("pipelining"):
                self._write("".join(f"{line}\r\n" for line in conversation).encode("ascii"))
                self._ahead += conversation
            code, text = self._command(conversation[0])
        except _Broken as error:
            self._drop()
            return Fault(str(error))
        if code == 250:
            return None
        self._drop()
        return _fault(Stage.MAIL, code, text)

    def _connect(self) -> Fault | None:
        """Connect, encrypt, log in: what goes wrong here is nobody's mail's fault."""
        self._sent = 0
        try:
            self._smtp = smtp = self._connected()
            self._set_up(smtp)
        except smtplib.SMTPResponseException as error:
            self._drop()
            return _fault(Stage.CONNECT, error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self._drop()
            return Fault(f"{type(error).__name__}: {error}")
        return None

    def _connected(self) -> smtplib.SMTP:
        server, patience = self._server, self._patience.connect
        if server.security is Security.TLS:
            context = self._context()
            return smtplib.SMTP_SSL(server.host, server.port, _own_name(), timeout=patience, context=context)
        return smtplib.SMTP(server.host, server.port, _own_name(), timeout=patience)

    def _set_up(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        if server.security is Security.STARTTLS:
            smtp.starttls(context=self._context())  # refused or not offered: an error, never in the clear
        smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
        if smtp.sock is not None:
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the dot must not wait for an ack
        self._wait_for(self._patience.reply)

    def _wait_for(self, seconds: float) -> None:
        if self._smtp is not None and self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)

    def _context(self) -> ssl.SSLContext:
        """Certificate and host name are checked; a private authority is trusted besides the system's."""
        context = ssl.create_default_context()
        if self._server.ca_file:
            context.load_verify_locations(self._server.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None
        self._ahead.clear()

    # -- one mail

    def _transact(self, conversation: _Conversation, content: bytes, fence: Fence) -> Outcome:
        """From RCPT to the reply after the dot; MAIL FROM was accepted."""
        _mail, rcpt, data = conversation
        stage = Stage.RCPT
        try:
            code, text = self._command(rcpt)
            if code in (250, 251, 252):
                stage = Stage.DATA
                code, text = self._command(data)
                if code == 354:
                    self._write(content)
                    return self._finish(fence)
        except _Broken as error:
            self._drop()
            return Later(str(error), Verdict.CLOSING)
        return self._refused(stage, code, text)

    def _finish(self, fence: Fence) -> Outcome:
        """The fence, the dot, the answer: everything is written but the dot."""
        smtp = self._live()
        if not fence():
            self._drop()
            return Aborted()
        try:
            self._wait_for(self._patience.last)
            smtp.send(b".\r\n")
            code, text = smtp.getreply()
            self._wait_for(self._patience.reply)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self._drop()
            return Unknown(f"No answer after the mail was handed over ({type(error).__name__}).")
        self._used_at, self._sent = time.monotonic(), self._sent + 1
        if code == 250:
            return Accepted(_text(text))
        if code // 100 not in (4, 5):
            self._drop()
            return Unknown(f"The answer after the mail was handed over cannot be read: {code} {_text(text)}")
        return self._refused(Stage.DOT, code, text)

    def _refused(self, stage: Stage, code: int, text: bytes) -> Outcome:
        if code // 100 not in (4, 5):
            self._drop()
            return Later(f"The server's answer cannot be read: {code} {_text(text)}", Verdict.CLOSING)
        outcome = replies.outcome(stage, code, _text(text))
        if outcome.verdict in (Verdict.CLOSING, Verdict.SYSTEM):
            self._drop()
            return outcome
        try:
            is_begun = (
                bool(self._ahead) and self._command(self._ahead[0])[0] == 354
            )  # a mail to nobody wants a dot, too
            if is_begun or self._command("RSET")[0] != 250:
                self._drop()
        except _Broken:
            self._drop()
        return outcome

    def _live(self) -> smtplib.SMTP:
        if self._smtp is None:
            raise _Broken("There is no connection.")
        return self._smtp

    def _command(self, line: str) -> _Reply:
        """The reply to a command, which is written unless it went ahead."""
        smtp = self._live()
        try:
            if line in self._ahead:
                self._ahead.remove(line)
            else:
                smtp.putcmd(line)
            reply = smtp.getreply()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise _Broken(f"The connection broke at {line.split(':')[0]} ({type(error).__name__}).") from error
        self._used_at = time.monotonic()
        return reply

    def _write(self, content: bytes) -> None:
        try:
            self._live().send(content)
        except (OSError, smtplib.SMTPException) as error:
            raise _Broken(f"The connection broke in the mail ({type(error).__name__}).") from error


@cache
def _own_name() -> str:
    """What we call ourselves, asked once: where names do not resolve, asking takes seconds."""
    name = socket.getfqdn()
    return name if "." in name else "[127.0.0.1]"


def _fault(stage: Stage, code: int, reply: bytes | str) -> Fault:
    text = _text(reply)
    return Fault(f"{code} {text}".strip(), replies.classify(stage, code, text), code)


def _stuffed(content: bytes) -> bytes:
    """Ready for DATA but for the final dot: every line ends in CRLF, leading dots doubled (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines)


def _text(reply: bytes | str) -> str:
    return (reply if isinstance(reply, str) else reply.decode("utf-8", "replace")).strip()
