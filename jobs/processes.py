"""Child processes that never outlive their parent: fork, tie to the parent, wait, end."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable

log = logging.getLogger(__name__)
_PR_SET_PDEATHSIG = 1


def tie_to_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent` ends (Linux); ends at once where that has happened already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def spawn(body: Callable[[], object]) -> int:
    """Run `body` in a forked child tied to this process; returns its process id.

    The child leaves the terminal's process group, so that Ctrl-C reaches the parent alone, which then ends its
    children in order.
    """
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        tie_to_parent(parent)
        os.setpgrp()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        body()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        log.exception("process %s broke", os.getpid())
    finally:
        os._exit(code)


def end(pid: int, *, patience: float) -> None:
    """Ask a child to stop; kill it where it has not after `patience` seconds."""
    _signal(pid, signal.SIGTERM)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if reaped(pid):
            return
        time.sleep(0.02)
    log.warning("process %s does not stop; it is killed", pid)
    _signal(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def reaped(pid: int) -> bool:
    """Whether a child has ended."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        log.debug("process %s is gone", pid)
