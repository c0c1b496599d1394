"""A PostgreSQL database for one benchmark: on the server that DATABASE_URL names, or on a server of its own."""

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

import click
import psycopg

_NAME = f"gecko_bench_{os.getpid()}"


@contextmanager
def database(given: str = "") -> Iterator[str]:
    """The URL of an empty database that is gone afterwards."""
    if given:
        with _on(_plain(given)) as url:
            yield url
    else:
        with _server() as maintenance, _on(maintenance) as url:
            yield url


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://").replace("postgres://", "postgresql://")


@contextmanager
def _on(maintenance: str) -> Iterator[str]:
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{_NAME}"'.encode())
    base, question, options = maintenance.partition("?")
    try:
        yield f"{base.rsplit('/', 1)[0]}/{_NAME}{question}{options}".replace("postgresql://", "postgresql+psycopg://")
    finally:
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{_NAME}" WITH (FORCE)'.encode())


@contextmanager
def _server() -> Iterator[str]:
    """A server on a unix socket in a temporary folder; PostgreSQL refuses to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="gecko-bench-pg-"))
    prefix: list[str] = []
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = str(folder / "data")
    subprocess.run(  # noqa: S603 (the server's own programs)
        [*prefix, _binary("initdb"), "-D", data, "-U", "gecko", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        check=True, stdout=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    server = subprocess.Popen(  # noqa: S603 (the server's own programs)
        [*prefix, _binary("postgres"), "-D", data, "-k", str(folder), "-c", "listen_addresses=",
         "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    try:
        url = f"postgresql://gecko@/postgres?host={folder}"
        _wait(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def _binary(name: str) -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(newest[-1]) if newest else shutil.which(name)
    if found is None:
        raise click.ClickException(f"{name} is not installed; give DATABASE_URL of a PostgreSQL server instead")
    return found


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
