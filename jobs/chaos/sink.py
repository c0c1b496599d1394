"""A real mail server (aiosmtpd) on 127.0.0.1 that takes everything, notes it, and answers badly when it is told to.

What it noted is the truth about what was sent: a mail counts from its final dot on. `python -m jobs.chaos.sink --port
2525 --ledger mails.jsonl` runs it as a process of its own, to be killed.
"""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import click
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from .truth import Ledger, Taken

HANG, CLOSE, TAKE_AND_CLOSE, TAKE_AND_HANG = "hang", "close", "take and close", "take and hang"
"""Answers that are none: say nothing more, hang up; at the final dot also after the mail was taken."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a sink lets clients in: a user and password if any, STARTTLS or TLS from the start with a certificate."""

    user: str = ""
    password: str = ""
    starttls: ssl.SSLContext | None = None
    tls: ssl.SSLContext | None = None


@dataclass
class Answers:
    """What to answer instead of yes: by recipient for `rcpt`, `data` and `dot`, by sender for `mail`."""

    mail: dict[str, str] = field(default_factory=dict)
    rcpt: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    dot: dict[str, str] = field(default_factory=dict)


class _Server(SMTP):
    """aiosmtpd's server, with a word before it asks for the mail."""

    async def smtp_DATA(self, arg: str) -> None:
        recipients = self.envelope.rcpt_tos if self.envelope else []
        answer = self.event_handler.answers.data.get(recipients[0]) if recipients else None
        if answer is None:
            await super().smtp_DATA(arg)
            return
        reply = await _say(self, answer)
        await self.push(reply)


async def _say(server: SMTP, answer: str) -> str:
    """The reply, or none ever."""
    if answer in (CLOSE, TAKE_AND_CLOSE) and isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    if answer in (HANG, TAKE_AND_HANG, CLOSE, TAKE_AND_CLOSE):
        await asyncio.Event().wait()  # until the connection or the server ends
    return answer


class _Handler:
    def __init__(self, answers: Answers, ledger: Ledger, *, must_log_in: bool) -> None:
        self.answers = answers
        self._must_log_in = must_log_in
        self._ledger = ledger

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """aiosmtpd reads commands one after the other however they come in, and forgets to say so (RFC 2920)."""
        session.host_name = hostname  # as its own answer would have done
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._must_log_in and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await _say(server, self.answers.mail.get(address, "250 OK"))

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await _say(server, self.answers.rcpt.get(address, "250 OK"))
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.dot.get(envelope.rcpt_tos[0], "250 OK")
        if answer.startswith(("250", "take")):
            for recipient in envelope.rcpt_tos:
                self._ledger.note(_taken(envelope, recipient))
        return await _say(server, answer)


_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^@>]*)@", re.IGNORECASE | re.MULTILINE)


def _taken(envelope: Envelope, recipient: str) -> Taken:
    content = envelope.original_content or b""
    found = _MESSAGE_ID.search(content)
    reference = found[1].decode("ascii", "replace") if found else ""
    return Taken(recipient, reference, envelope.mail_from or "", content.decode("utf-8", "surrogateescape"))


class Sink:
    """The server in a thread of its own: `with Sink() as sink:` listens at `sink.port`."""

    def __init__(self, *, port: int = 0, ledger: Path | None = None, access: Access | None = None) -> None:
        self.answers = Answers()
        self.ledger = Ledger(ledger)
        self.connections = 0
        self._access = access or Access()
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a reply waits for no acknowledgement
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sink", daemon=True)

    def __enter__(self) -> Sink:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, sock=self._listener, ssl=self._access.tls)
        )
        self._loop.call_soon(self._ready.set)
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _protocol(self) -> SMTP:
        self.connections += 1
        access = self._access
        return _Server(
            _Handler(self.answers, self.ledger, must_log_in=bool(access.user)),
            hostname="sink.example",
            data_size_limit=None,
            tls_context=access.starttls,
            auth_require_tls=access.starttls is not None,
            authenticator=self._authenticate if access.user else None,
            loop=self._loop,
        )

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        wanted = (self._access.user.encode(), self._access.password.encode())
        return AuthResult(success=(given.login, given.password) == wanted, handled=False)


@click.command()
@click.option("--port", default=0, help="The port to listen on; 0 picks a free one.")
@click.option("--ledger", type=click.Path(path_type=Path), help="The file to note every mail in.")
def main(port: int, ledger: Path | None) -> None:
    """Run until a signal comes; tells its port in one line."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Sink(port=port, ledger=ledger) as sink:
        try:
            click.echo(sink.port)
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
