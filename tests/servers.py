"""Real servers for the tests, on unix sockets in a temporary folder: PostgreSQL and Redis."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _postgres_binary(name: str) -> str:
    found = shutil.which(name)
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if newest:
        return str(newest[-1])
    if found:
        return found
    raise RuntimeError(f"{name} is not installed; `make test` installs it from the distribution's packages")


def _unprivileged() -> list[str]:
    """PostgreSQL refuses to run as root: hand it to the account its package made."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own; yields the URL of its maintenance database.

    It keeps nothing through a power cut, and compiles no statements: no test reads enough rows to win that back.
    """
    folder = Path(tempfile.mkdtemp(prefix="gecko-pg-"))
    prefix = _unprivileged()
    if prefix:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    data = folder / "data"
    run = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": folder}
    subprocess.run(
        [*prefix, _postgres_binary("initdb"), "-D", str(data), "-U", "gecko", "-A", "trust", "-E", "UTF8",
         "--locale=C.UTF-8", "--no-sync"],
        **run,
    )  # fmt: skip
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [*prefix, _postgres_binary("postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses=",
         "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_wal_size=64MB",
         "-c", "max_connections=60", "-c", "jit=off", "-c", "shared_buffers=128MB"],
        stdout=subprocess.DEVNULL,
        stderr=log,
        cwd=folder,
    )  # fmt: skip
    try:
        url = f"postgresql+psycopg://gecko@/postgres?host={folder}"
        _wait_for_postgres(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_postgres(url: str, server: subprocess.Popen[bytes]) -> None:
    import psycopg

    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(url.replace("+psycopg", "")).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@contextmanager
def redis() -> Iterator[str]:
    """A Redis server of our own; yields its unix socket URL."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        raise RuntimeError("redis-server is not installed; `make test` installs it from the distribution's packages")
    folder = Path(tempfile.mkdtemp(prefix="gecko-redis-"))
    socket = folder / "redis.sock"
    server = subprocess.Popen(
        [binary, "--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        while not socket.exists():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("redis-server did not start")
            time.sleep(0.02)
        yield f"unix://{socket}"
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)
