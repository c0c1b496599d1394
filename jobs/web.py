"""The web server: waitress over the app, in this process."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from typing import Any

import waitress
from flask import Flask

THREADS = 8


def listen(host: str, port: int) -> socket.socket:
    """Open the port before anything is started, so that one that is taken is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    return listener


def address(listener: socket.socket) -> str:
    """What to type into a browser."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}/"


def settle() -> None:
    """Take the loaded program out of the garbage collector's rounds, which would stop a request to look through it."""
    gc.collect()
    gc.freeze()


def serve(app: Flask, listener: socket.socket, *, trusted_proxy: str | None = None) -> None:
    """Answer requests until asked to stop; those under way are finished first.

    trusted_proxy: the address of a reverse proxy whose X-Forwarded-For and -Proto are believed.
    """
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    options: dict[str, Any] = {"sockets": [listener], "threads": THREADS, "ident": None}
    if trusted_proxy:
        options |= {
            "trusted_proxy": trusted_proxy,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
            "clear_untrusted_proxy_headers": True,
        }
    settle()
    waitress.serve(app, **options)
