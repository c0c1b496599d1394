"""The sender: a worker at the queue of messages, or a look into the table every second while no queue answers."""

from __future__ import annotations

import logging
import threading
import time

from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError

from gecko.db import db

from .. import queue, worker
from ..work import stopping
from . import draining

log = logging.getLogger(__name__)
SWEEP_EVERY = 30.0
TURN = 5.0
"""Seconds that a look takes at most: so long a sender without a queue server may take to notice that it is to stop."""

SETTLING = 2.0
"""Seconds before a sender that was started takes its first message. Where something ends senders again and again, each
that dies with messages in hand leaves decisions to people, so one that dies at once should have none."""


def turn() -> None:
    """What the queue calls, in a fresh process: one turn, and another bell where something is left."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context():
        if draining.drain_all() and draining.due() and not stopping.is_set():
            queue.wake_senders()


class Looking:
    """What a sender does by itself: sweeps now and then, and sends what is due."""

    def __init__(self) -> None:
        self._swept_at = 0.0

    def __call__(self, stop: threading.Event) -> None:
        """One look; a database that does not answer now is asked again at the next."""
        try:
            if time.monotonic() - self._swept_at >= SWEEP_EVERY:
                draining.sweep()
                self._swept_at = time.monotonic()
            while not stop.is_set() and draining.drain_all(turn=TURN):
                pass
        except DBAPIError as error:
            log.warning("the database does not answer: %s", error.orig)
        finally:
            db.session.remove()


def run(*, poll: bool = False) -> None:
    """Send until asked to stop; `poll` never looks for a queue server. Begins after a moment, see SETTLING."""
    time.sleep(SETTLING)
    worker.run(worker.Line(queue.MESSAGES, Looking()), poll=poll)
