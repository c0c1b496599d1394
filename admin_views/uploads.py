"""Uploaded files that wait to be read, and beside each whose it is and what was chosen so far."""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage

from gecko.errors import Invalid, NotFound
from jobs.imports import uploads

KEEP_SECONDS = 7 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}\Z")


@dataclass
class Upload:
    """One uploaded file. reading: stated encoding, delimiter, sheet, spaces. mapping: as TOML would give it."""

    token: str
    user_id: int
    name: str
    kind: str
    reading: dict[str, Any] = field(default_factory=dict)
    mapping: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return uploads() / f"{self.token}.data"

    def save(self) -> None:
        """Keep what was chosen."""
        target = uploads() / f"{self.token}.json"
        draft = target.with_suffix(".tmp")
        draft.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")
        draft.chmod(0o600)
        draft.replace(target)


def receive(storage: FileStorage | None, kind: str, user_id: int) -> Upload:
    """Store an uploaded file and forget those that waited for a week; raises Invalid without a file."""
    if storage is None or not storage.filename:
        raise Invalid("Choose a file.", field="file")
    _sweep()
    upload = Upload(secrets.token_urlsafe(16), user_id, Path(storage.filename).name[:200], str(kind))
    storage.save(upload.path)
    upload.path.chmod(0o600)
    upload.save()
    return upload


def find(token: str, user_id: int) -> Upload:
    """A user's own upload; raises NotFound for anybody else's."""
    if not _TOKEN.match(token):
        raise NotFound
    try:
        stored = json.loads((uploads() / f"{token}.json").read_text(encoding="utf-8"))
    except OSError:
        raise NotFound from None
    upload = Upload(**stored)
    if upload.user_id != user_id or not upload.path.exists():
        raise NotFound
    return upload


def _sweep() -> None:
    before = time.time() - KEEP_SECONDS
    for path in uploads().iterdir():
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
