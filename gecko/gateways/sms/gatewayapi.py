"""SMS through GatewayAPI (gatewayapi.com, Mobile Messaging API): one POST a text, the fence before its body.

The headers go first and say how long the body is; a server that never gets it has nothing to send. Whatever breaks
from the first byte of the body on is `Unknown`: there is no key that makes a second try safe, but the signed status
report bears our reference, and settles it (see webhooks).
"""

from __future__ import annotations

import http.client
import json
import re
import select
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from ...gateway_settings import GatewayApi
from ..outcomes import Aborted, Accepted, Fault, Fence, Later, Outcome, Rejected, Unknown, Verdict
from . import Sms

PATH = "/mobile/single"
IDLE_SECONDS = 15.0
"""A connection that rested longer is opened anew."""
LONGEST_REPLY = 64 * 1024
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for a connection, and for the answer."""

    connect: float = 10.0
    answer: float = 30.0


class GatewayApiProvider:
    """An SmsProvider over one connection that is used again. Not for several threads."""

    def __init__(self, account: GatewayApi, patience: Patience | None = None) -> None:
        self._account = account
        self._patience = patience or Patience()
        self._connection: http.client.HTTPConnection | None = None
        self._used_at = 0.0

    def send(self, sms: Sms, fence: Fence) -> Outcome:
        """Hand one text over. Whatever the fence raises comes through, with nothing sent."""
        if not _NUMBER.fullmatch(sms.recipient):
            return Rejected("The number cannot be called.", Verdict.REFUSED)
        body = json.dumps(_request(sms), ensure_ascii=False).encode("utf-8", "replace")
        try:
            connection = self._announced(len(body))
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            return Fault(f"{type(error).__name__}: {error}")
        try:
            if not fence():
                self._drop()
                return Aborted()
        except BaseException:
            self._drop()
            raise
        return self._handed(connection, body)

    def close(self) -> None:
        """Hang up."""
        self._drop()

    def _announced(self, length: int) -> http.client.HTTPConnection:
        """A connection that has taken the headers, and waits for the body."""
        connection = self._living()
        connection.putrequest("POST", PATH, skip_accept_encoding=True)
        connection.putheader("Authorization", f"Token {self._account.token}")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Accept", "application/json")
        connection.putheader("Content-Length", str(length))
        connection.endheaders()
        return connection

    def _handed(self, connection: http.client.HTTPConnection, body: bytes) -> Outcome:
        try:
            connection.send(body)
            response = connection.getresponse()
            text = response.read(LONGEST_REPLY).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            return Unknown(f"No answer after the text was handed over ({type(error).__name__}).")
        self._used_at = time.monotonic()
        if response.will_close or not response.isclosed():
            self._drop()
        return _outcome(response.status, text, response.getheader("Retry-After"))

    def _living(self) -> http.client.HTTPConnection:
        """The connection, opened anew where it rested too long or the other side hung up meanwhile."""
        if self._connection is not None:
            rested = time.monotonic() - self._used_at
            sock = self._connection.sock
            if sock is None or rested > IDLE_SECONDS or _has_news(sock):
                self._drop()
        if self._connection is None:
            self._connection = self._made()
            self._connection.connect()
            self._connection.sock.settimeout(self._patience.answer)
        return self._connection

    def _made(self) -> http.client.HTTPConnection:
        account, patience = self._account, self._patience.connect
        if account.encrypted:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(account.host, account.port, timeout=patience, context=context)
        return http.client.HTTPConnection(account.host, account.port, timeout=patience)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _has_news(sock: socket.socket) -> bool:
    """Whether something came unasked: nearly always the end of the connection."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _request(sms: Sms) -> dict[str, Any]:
    values: dict[str, Any] = {
        "sender": sms.sender,
        "message": sms.text,
        "recipient": int(sms.recipient.removeprefix("+")),
        "reference": sms.reference,
    }
    if sms.expires_at is not None:
        values["expiration"] = sms.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return values


def _outcome(status: int, text: str, retry_after: str | None) -> Outcome:
    said = f"{status} {text}"[:500].strip()
    if status // 100 == 2:
        reference = _member(text, "msg_id")
        return Accepted(said, str(reference)) if reference else Unknown(f"The answer bears no number: {said}")
    if status in (400, 413, 422):
        return Rejected(said, Verdict.ADDRESS if _blames(text, "recipient") else Verdict.REFUSED, status)
    if status in (408, 425, 429):
        return Later(said, Verdict.RETRY, status, after=_seconds(retry_after))
    if status // 100 in (3, 4):  # token, credit, wrong address of the service: nobody's text's fault
        return Fault(said, Verdict.SYSTEM, status, _seconds(retry_after))
    return Unknown(said)


def _member(text: str, name: str) -> Any:
    try:
        values = json.loads(text)
    except ValueError:
        return None
    return values.get(name) if isinstance(values, dict) else None


def _blames(text: str, name: str) -> bool:
    """Whether the refusal names one field of ours: `{"detail": [{"loc": ["body", "recipient"], …}]}`."""
    detail = _member(text, "detail")
    places = [one.get("loc") for one in detail if isinstance(one, dict)] if isinstance(detail, list) else []
    return any(isinstance(place, list) and name in place for place in places)


def _seconds(header: str | None) -> timedelta | None:
    return timedelta(seconds=int(header)) if header and header.isascii() and header.isdigit() else None
