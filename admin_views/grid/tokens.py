"""Places in a list as opaque tokens: the sort key and id of a row."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date, datetime
from typing import Any


def write(key: Any, row_id: Any) -> str:
    """The token of a row."""
    if isinstance(key, datetime):
        key = {"at": key.isoformat()}
    elif isinstance(key, date):
        key = {"on": key.isoformat()}
    packed = json.dumps([key, row_id], ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read(token: str | None) -> tuple[Any, Any] | None:
    """The (sort key, id) of a token, or None where it is none of ours."""
    if not token or len(token) > 2000:
        return None
    try:
        key, row_id = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if isinstance(key, dict):
            key = datetime.fromisoformat(key["at"]) if "at" in key else date.fromisoformat(key["on"])
    except (ValueError, KeyError, TypeError, binascii.Error, UnicodeError, RecursionError):
        return None
    if not isinstance(row_id, int) or abs(row_id) >= 2**63 or not isinstance(key, str | int | date | None):
        return None
    return key, row_id
