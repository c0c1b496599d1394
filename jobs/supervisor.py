"""One command that serves: web, worker, sender, beat and the embedded queue server as children of one supervisor.

A child that dies is started again, later and later while it dies young. A stop ends them in order: first who takes
work in, then who does it, then the queue. The kernel ends them all where the supervisor itself is killed.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from flask import Flask

from gecko.config import Config
from gecko.db import db
from gecko.errors import ConfigError

from . import beat, embedded, processes, web, worker
from .messages import sender

log = logging.getLogger(__name__)
YOUNG = 10.0
LONGEST_WAIT = 30.0


@dataclass
class Child:
    """One of the processes, and when it may start again."""

    name: str
    body: Callable[[], object]
    patience: float = 10.0
    pid: int = 0
    started: float = 0.0
    wait: float = 0.0
    start_at: float = 0.0

    def start(self) -> None:
        """Start it."""
        self.started = time.monotonic()
        self.pid = processes.spawn(self.body)
        log.info("%s started as process %s", self.name, self.pid)

    def died(self) -> None:
        """Note its end, and when to start it again."""
        lived = time.monotonic() - self.started
        self.wait = 0.0 if lived > YOUNG else min(max(self.wait * 2, 0.5), LONGEST_WAIT)
        self.start_at = time.monotonic() + self.wait
        log.warning("%s ended after %.1f s; it starts again in %.1f s", self.name, lived, self.wait)
        self.pid = 0


def children(app: Flask, listener: socket.socket, trusted_proxy: str | None) -> list[Child]:
    """Everything that serves, in starting order."""
    config: Config = app.config["GECKO"]
    queue_server = [Child("queue", lambda: embedded.serve(config))] if config.embedded_queue else []
    return [
        *queue_server,
        Child("web", lambda: web.serve(app, listener, trusted_proxy=trusted_proxy)),
        Child("worker", worker.run, patience=worker.PATIENCE + 5),
        Child("sender", sender.run, patience=worker.PATIENCE + 5),
        Child("beat", beat.run),
    ]


def lock(config: Config) -> int:
    """Hold the instance for this process; ConfigError where another supervisor does."""
    descriptor = os.open(config.instance / "serve.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ConfigError("Another `gecko serve` runs on %(path)s.", path=str(config.instance)) from None
    return descriptor


def run(app: Flask, listener: socket.socket, *, trusted_proxy: str | None = None) -> None:
    """Start everything and keep it running until SIGTERM or SIGINT."""
    config: Config = app.config["GECKO"]
    if config.embedded_queue:
        embedded.prepare(config)
    db.session.remove()
    db.engine.dispose()
    watched = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    everyone = children(app, listener, trusted_proxy)
    try:
        for child in everyone:
            child.start()
            if child.name == "queue" and not embedded.is_up(config):
                log.warning("the queue server does not answer yet; jobs run without it")
        _watch(everyone, watched)
    finally:
        for child in sorted(everyone, key=lambda one: one.name == "queue"):
            if child.pid:
                processes.end(child.pid, patience=child.patience)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, watched)


def _watch(everyone: list[Child], watched: set[signal.Signals]) -> None:
    while True:
        caught = signal.sigtimedwait(watched, 1.0)
        if caught and caught.si_signo in {signal.SIGTERM, signal.SIGINT}:
            log.info("stopping")
            return
        for child in everyone:
            with suppress(ChildProcessError):
                if child.pid and processes.reaped(child.pid):
                    child.died()
            if not child.pid and time.monotonic() >= child.start_at:
                child.start()
