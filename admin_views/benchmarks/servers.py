"""Real servers for a benchmark: a PostgreSQL of our own, and each contestant as a process."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

PATIENCE = 120


def _binary(name: str) -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(newest[-1]) if newest else shutil.which(name)
    if not found:
        raise click.ClickException(f"{name} is not installed; give DATABASE_URL, or install postgresql")
    return found


@contextmanager
def postgres() -> Iterator[tuple[str, int]]:
    """A PostgreSQL server on a unix socket; yields its URL and process id, and leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="gecko-bench-pg-"))
    prefix: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = str(folder / "data")
    make = [*prefix, _binary("initdb"), "-D", data, "-U", "gecko", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run([*make, "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd=folder)  # noqa: S603
    options = ["listen_addresses=", "shared_buffers=512MB", "max_wal_size=4GB", "synchronous_commit=off"]
    run = [*prefix, _binary("postgres"), "-D", data, "-k", str(folder)]
    server = subprocess.Popen(  # noqa: S603
        [*run, *(part for option in options for part in ("-c", option))],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    try:
        _wait(lambda: (folder / ".s.PGSQL.5432").exists() and _accepts(folder), server)
        yield f"postgresql+psycopg://gecko@/postgres?host={folder}", server.pid
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def _accepts(folder: Path) -> bool:
    import psycopg

    try:
        psycopg.connect(f"postgresql://gecko@/postgres?host={folder}").close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def contestant(name: str, instance: Path, database_url: str) -> Iterator[tuple[int, int]]:
    """One web server on a free port of this machine; yields its port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "GECKO_INSTANCE": str(instance), "DATABASE_URL": database_url, "REDIS_URL": ""}
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "admin_views.benchmarks.contestants", name, str(port)],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        _wait(lambda: _listens(port), process)
        yield port, process.pid
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr:
            process.stderr.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(ready: object, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():  # type: ignore[operator]
        if process.poll() is not None:
            said = process.stderr.read().decode(errors="replace") if process.stderr else ""
            raise click.ClickException(f"a server did not start: {said[-2000:]}")
        if time.monotonic() > deadline:
            raise click.ClickException("a server did not start in time")
        time.sleep(0.05)
