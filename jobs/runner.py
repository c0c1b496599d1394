"""Run one job from claim to end: on whose account, in whose language, under a lease that a thread prolongs."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from flask import Flask, current_app
from flask_babel import force_locale
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty
from sqlalchemy.exc import DBAPIError

from gecko import actor
from gecko.db import db, run_write, transaction
from gecko.errors import GeckoError
from gecko.language import _, explain
from gecko.models.jobs import JobState
from gecko.operations import job_runs

from . import registry
from .work import Cancelled, Interrupted, TookTooLong, Work

log = logging.getLogger(__name__)
HEARTBEAT = 15.0
GRACE = 30
"""Seconds after its time-out in which a job may still stop by itself, at its next progress."""


def execute(run_id: int) -> JobState | None:
    """Claim the run and do it here and now; returns how it ended, None where there was nothing to claim.

    What a job raises as GeckoError is its result: the run failed, and why is on its row. Anything else is a defect:
    the run failed, too, and the error goes on to the caller.
    """
    who = job_runs.requester(run_id)
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    acting = actor.Actor(user_id=who.user_id, name=who.name, source="job", request_id=f"job-{run_id}")
    with force_locale(who.language), actor.acting_as(acting):
        claimed = run_write(lambda: job_runs.claim(run_id, owner))
        if claimed is None:
            return None
        log.info("job %s (%s) started, attempt %s", run_id, claimed.kind, claimed.attempt)
        try:
            state = _run(claimed, owner)
        except job_runs.LeaseLost:
            log.warning("job %s is no longer ours; what it had not committed is dropped", run_id)
            return None
        log.info("job %s ended: %s", run_id, state)
        return state


def _run(claimed: job_runs.Claimed, owner: str) -> JobState:
    run_id = claimed.id
    try:
        result = _call(claimed, owner)
    except Cancelled:
        run_write(lambda: job_runs.cancelled(run_id, owner))
        return JobState.CANCELLED
    except (Interrupted, KeyboardInterrupt, SystemExit) as stop:
        run_write(lambda: job_runs.release(run_id, owner))
        if not isinstance(stop, Interrupted):
            raise
        return JobState.QUEUED
    except (TookTooLong, JobTimeoutException):
        minutes = round(registry.get(claimed.kind).timeout.total_seconds() / 60)
        return _failed(run_id, owner, _("The job was stopped because it took longer than %(n)s minutes.", n=minutes))
    except GeckoError as error:
        return _failed(run_id, owner, explain(error.message, error.params))
    except job_runs.LeaseLost:
        raise
    except Exception as error:
        log.exception("job %s (%s) broke", run_id, claimed.kind)
        what = f"{type(error).__name__}: {error}"
        _failed(run_id, owner, _("The program met an error it does not know: %(error)s", error=what[:500]))
        raise
    run_write(lambda: job_runs.finish(run_id, owner, result))
    return JobState.DONE


def _call(claimed: job_runs.Claimed, owner: str) -> dict[str, Any]:
    kind = registry.get(claimed.kind)
    work = Work(claimed, owner, timeout=kind.timeout)
    limit = int(kind.timeout.total_seconds()) + GRACE
    in_main = threading.current_thread() is threading.main_thread()
    alarm: AbstractContextManager[Any] = nullcontext()
    if in_main:
        alarm = UnixSignalDeathPenalty(limit, JobTimeoutException)  # type: ignore[no-untyped-call]
    with _prolonged(claimed.id, owner), alarm:
        return kind.run(work) or {}


def _failed(run_id: int, owner: str, why: Any) -> JobState:
    text = str(why)
    run_write(lambda: job_runs.fail(run_id, owner, text))
    return JobState.FAILED


@contextmanager
def _prolonged(run_id: int, owner: str) -> Iterator[None]:
    over = threading.Event()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    thread = threading.Thread(target=_beat, args=(app, run_id, owner, over), daemon=True, name=f"lease-{run_id}")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=20)


def _beat(app: Flask, run_id: int, owner: str, over: threading.Event) -> None:
    while not over.wait(HEARTBEAT):
        with app.app_context():
            try:
                with transaction():
                    job_runs.heartbeat(run_id, owner)
            except job_runs.LeaseLost:
                return
            except DBAPIError as error:
                log.warning("the lease of job %s could not be prolonged: %s", run_id, error.orig)
            finally:
                db.session.remove()
