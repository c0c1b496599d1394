"""Where an installation keeps its things, and the few settings the environment may give.

GECKO_INSTANCE  the instance folder (default: instance/ in the working folder)
DATABASE_URL    SQLite in the instance folder unless given
REDIS_URL       an embedded Valkey on a unix socket in the instance folder unless given
GECKO_SECURE    1 when served over https: cookies are marked Secure and named __Host-
MAIL_URL, SMS_URL and what belongs to them: see gateway_settings
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets as _secrets
from dataclasses import dataclass, field
from pathlib import Path

from . import gateway_settings
from .errors import ConfigError
from .gateway_settings import GatewaySettings

SOCKET_PATH_LIMIT = 107


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys of one installation, hex. `fallbacks` are former session keys that still verify."""

    secret_key: str
    field_key: str
    index_key: str
    audit_key: str
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """What the environment says, resolved."""

    instance: Path
    database_url: str
    redis_url: str
    embedded_queue: bool
    secure: bool
    gateways: GatewaySettings = field(default_factory=GatewaySettings)

    @classmethod
    def from_environment(cls, instance: Path | None = None) -> Config:
        """Read the environment; `instance` overrides GECKO_INSTANCE."""
        folder = (instance or Path(os.environ.get("GECKO_INSTANCE") or "instance")).resolve()
        redis_url = os.environ.get("REDIS_URL", "")
        return cls(
            instance=folder,
            database_url=_database_url(os.environ.get("DATABASE_URL", ""), folder),
            redis_url=redis_url or f"unix://{_socket(folder)}",
            embedded_queue=not redis_url,
            secure=os.environ.get("GECKO_SECURE", "") == "1",
            gateways=gateway_settings.from_environment(os.environ),
        )

    def folder(self, name: str) -> Path:
        """A subfolder of the instance, made private on first use: exports, uploads ..."""
        path = self.instance / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path


def _socket(instance: Path) -> Path:
    """The queue's socket; in a private temporary folder where the instance's path is longer than a socket's may be."""
    path = instance / "queue.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    mark = hashlib.sha256(os.fsencode(instance)).hexdigest()[:16]
    return Path("/tmp") / f"gecko-{os.geteuid()}-{mark}" / "queue.sock"  # noqa: S108 (owner and mode are checked)


def _database_url(given: str, instance: Path) -> str:
    if not given:
        return f"sqlite:///{instance / 'gecko.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + given[len(prefix) :]
    return given


def load_secrets(instance: Path) -> Secrets:
    """Read instance/secret.json, made on first run with mode 0600; refuses a file others can read."""
    path = instance / "secret.json"
    if not path.exists():
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create_secrets(path)
    if path.stat().st_mode & 0o077:
        raise ConfigError("%(path)s can be read by others; set its mode to 0600.", path=str(path))
    stored = json.loads(path.read_text(encoding="utf-8"))
    return Secrets(**{**stored, "fallbacks": tuple(stored.get("fallbacks", ()))})


def _create_secrets(path: Path) -> None:
    fresh = {name: _secrets.token_hex(32) for name in ("secret_key", "field_key", "index_key", "audit_key")}
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(fresh, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails where another process was first: its keys win
    except FileExistsError:
        pass
    finally:
        draft.unlink()
