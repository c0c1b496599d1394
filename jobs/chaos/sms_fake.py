"""GatewayAPI as it looks from outside, on 127.0.0.1: takes texts, notes them, misbehaves when told to, and reports.

What it noted is the truth about what was sent: a text counts once its whole body is there and the way to answer takes
it. `python -m jobs.chaos.sms_fake --port 8099 --ledger texts.jsonl` runs it as a process of its own, to be killed.
"""

from __future__ import annotations

import json
import signal
import socket
import ssl
import struct
import threading
import uuid
from contextlib import ExitStack
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import click

from .sms_reports import Reporter
from .truth import Ledger, Taken

TOKEN = "a-token-of-the-fake"  # noqa: S105 (opens nothing but this fake)


class Mode(StrEnum):
    """How a text is answered."""

    OK = "ok"
    ERROR_BEFORE = "500 before"  # not taken, and 500
    ERROR_AFTER = "500 after"  # taken, and 500
    HANG = "hang"  # taken, and no answer
    RESET_BEFORE = "reset before"  # the connection is reset once the headers are there
    RESET_AFTER = "reset after"  # taken, and the connection is reset
    TOO_MANY = "429"
    BAD_NUMBER = "422 recipient"
    BAD_TEXT = "422 message"
    FORBIDDEN = "403"
    NONSENSE = "nonsense"  # taken, and answered with a page


_TAKING = {Mode.OK, Mode.ERROR_AFTER, Mode.HANG, Mode.RESET_AFTER, Mode.NONSENSE}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 60
    disable_nagle_algorithm = True  # headers and body are two writes

    def do_POST(self) -> None:
        """POST /mobile/single, as the real one takes it."""
        fake = self.server.fake
        length = int(self.headers.get("Content-Length") or 0)
        if fake.mode is Mode.RESET_BEFORE:
            self._reset()
            return
        body = self.rfile.read(length)
        if len(body) < length:  # hung up before the end: nothing was sent
            fake.broken += 1
            self.close_connection = True
            return
        if self.path != "/mobile/single":
            self._answer(404, {"detail": "Not Found"})
            return
        if self.headers.get("Authorization") != f"Token {TOKEN}":
            self._answer(403, {"description": "Forbidden", "detail": []})
            return
        self._take(json.loads(body))

    def _take(self, values: dict[str, Any]) -> None:
        fake = self.server.fake
        mode = fake.modes.get(str(values["recipient"]), fake.mode)
        msg_id = uuid.uuid4().hex.upper()[:26]
        if mode in _TAKING:
            fake.ledger.note(Taken(str(values["recipient"]), values["reference"], values["sender"], values["message"]))
            fake.msg_ids[values["reference"]] = msg_id
            fake.requests.append(values)
            if fake.reporter is not None:
                fake.reporter.arrived(values["reference"], msg_id, recipient=values["recipient"])
        self._reply(mode, {"msg_id": msg_id, "recipient": values["recipient"], "reference": values["reference"]})

    def _reply(self, mode: Mode, taken: dict[str, Any]) -> None:
        match mode:
            case Mode.OK:
                self._answer(202, taken)
            case Mode.ERROR_BEFORE | Mode.ERROR_AFTER:
                self._answer(500, {"detail": "Internal Server Error"})
            case Mode.HANG:
                self.server.fake.stopping.wait()
            case Mode.RESET_AFTER | Mode.RESET_BEFORE:
                self._reset()
            case Mode.TOO_MANY:
                self._answer(429, {"detail": "Too Many Requests"}, {"Retry-After": "17"})
            case Mode.BAD_NUMBER | Mode.BAD_TEXT:
                name = "recipient" if mode is Mode.BAD_NUMBER else "message"
                self._answer(422, {"detail": [{"loc": ["body", name], "msg": "invalid", "type": "value_error"}]})
            case Mode.FORBIDDEN:
                self._answer(403, {"description": "Forbidden", "detail": []})
            case Mode.NONSENSE:
                self._answer(200, "<html>Maintenance</html>")

    def _answer(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def _reset(self) -> None:
        """RST instead of FIN: what a crashed machine looks like."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Silent."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: SmsFake, port: int) -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no news."""


class SmsFake:
    """The gateway in a thread of its own: `with SmsFake() as fake:` listens at `fake.port`.

    mode: how every text is answered; modes: by recipient's digits. msg_ids: its numbers by our references; requests:
    the bodies that were taken; broken: how many were announced and never came. reporter: told of every text taken.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        ledger: Path | None = None,
        mode: Mode = Mode.OK,
        reporter: Reporter | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.ledger = Ledger(ledger)
        self.reporter = reporter
        self.mode = mode
        self.modes: dict[str, Mode] = {}
        self.msg_ids: dict[str, str] = {}
        self.requests: list[dict[str, Any]] = []
        self.broken = 0
        self.stopping = threading.Event()
        self._server = _Server(self, port)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sms", daemon=True)

    def __enter__(self) -> SmsFake:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@click.command()
@click.option("--port", default=0, help="The port to listen on; 0 picks a free one.")
@click.option("--ledger", type=click.Path(path_type=Path), help="The file to note every text in.")
@click.option("--mode", type=click.Choice([str(mode) for mode in Mode]), default=str(Mode.OK))
@click.option("--webhook", help="Where to post status reports; none are posted without it.")
@click.option("--secret", default="", help="What reports are signed with.")
def main(port: int, ledger: Path | None, mode: str, webhook: str | None, secret: str) -> None:
    """Run until a signal comes; tells its port in one line."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as open_things:
        reporter = open_things.enter_context(Reporter(webhook, secret)) if webhook else None
        fake = open_things.enter_context(SmsFake(port=port, ledger=ledger, mode=Mode(mode), reporter=reporter))
        try:
            click.echo(fake.port)
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
