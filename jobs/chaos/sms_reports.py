"""Status reports as GatewayAPI posts them: signed, in an order of their own, repeated until they are answered.

Every report is posted at least twice, and now and then with a forged one of the opposite beside it: whoever gets them
has to live with that.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import random
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from urllib.parse import urlsplit

ANSWER_WITHIN = 5.0
REPEAT_AFTER = 0.2
"""Seconds between repetitions; the real ones take minutes."""


@dataclass(frozen=True, slots=True)
class Post:
    """One report on its way. is_genuine: whether it is signed with the right key."""

    body: bytes
    signature: str
    is_genuine: bool = True


class Reporter:
    """Posts reports to a webhook from a thread of its own: `with Reporter(url, secret) as reporter:`.

    answered: genuine reports that got a 2xx; forged_accepted: forged ones that got one, which must stay 0.
    """

    def __init__(self, url: str, secret: str, *, seed: int = 0) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "", parts.port or 80, parts.path
        self._secret = secret
        self._chance = random.Random(seed)  # noqa: S311 (repeatable, and no secret)
        self._waiting: list[Post] = []
        self._changed = threading.Condition()
        self._ends = False
        self.answered = 0
        self.forged_accepted = 0
        self._thread = threading.Thread(target=self._run, name="reports", daemon=True)

    def __enter__(self) -> Reporter:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._ends = True
            self._changed.notify()
        self._thread.join()

    def arrived(self, reference: str, msg_id: str, *, recipient: int) -> None:
        """Tell in three reports that a text was accepted, is on its way, and was delivered."""
        for status in ("ACCEPTED", "ENROUTE", "DELIVERED"):
            self.report(reference, status, msg_id=msg_id, recipient=recipient)

    def report(self, reference: str, status: str, *, msg_id: str, recipient: int) -> None:
        """Have one report posted twice, and perhaps a forged one with them."""
        body = status_report(reference, status, msg_id=msg_id, recipient=recipient, at=datetime.now(UTC))
        posts = [Post(body, signature(self._secret, body))] * 2
        if self._chance.random() < 0.1:
            lie = status_report(reference, "UNDELIVERABLE", msg_id=msg_id, recipient=recipient, at=datetime.now(UTC))
            posts.append(Post(lie, signature("guessed", lie), is_genuine=False))
        with self._changed:
            self._waiting += posts
            self._changed.notify()

    def is_quiet(self) -> bool:
        """Whether every report was answered."""
        with self._changed:
            return not self._waiting

    def _run(self) -> None:
        while (post := self._next()) is not None:
            is_answered = self._is_answered(post)
            with self._changed:
                self.answered += is_answered and post.is_genuine
                self.forged_accepted += is_answered and not post.is_genuine
                if is_answered or not post.is_genuine:
                    self._waiting.remove(post)
                else:
                    self._changed.wait_for(lambda: self._ends, REPEAT_AFTER)

    def _next(self) -> Post | None:
        """Any of what waits: nobody promises an order."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ends)
            return None if self._ends else self._chance.choice(self._waiting)

    def _is_answered(self, post: Post) -> bool:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=ANSWER_WITHIN)
        headers = {"Content-Type": "application/json", "Signature": post.signature}
        try:
            connection.request("POST", self._path, post.body, headers)
            return connection.getresponse().status // 100 == 2
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def status_report(
    reference: str,
    status: str,
    *,
    msg_id: str,
    at: datetime,
    recipient: int = 4520123456,
    event_id: str | None = None,
    error: str | None = None,
) -> bytes:
    """The body of a status report. at: aware."""
    event = {
        "msg_id": msg_id,
        "recipient": recipient,
        "reference": reference,
        "status": status,
        "status_at": at.astimezone(UTC).isoformat(),
        "error": {"hex_code": "0x00", "details": error} if error else None,
    }
    envelope = {
        "event_id": event_id or str(uuid.uuid4()),
        "timestamp": at.astimezone(UTC).isoformat(),
        "event_type": "message.status.sms",
        "event": event,
    }
    return json.dumps(envelope).encode()


def signature(secret: str, body: bytes) -> str:
    """The header `Signature` of a report."""
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
