"""The address of the picture that tells whether a newsletter was opened: `/o/<message>.<mac>.gif`, signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from flask import current_app

from .config import Config, Secrets

_TOKEN = re.compile(r"([1-9][0-9]{0,17})\.([a-z2-7]{16})")
_PURPOSE = b"newsletter was opened "


def picture(message_id: int) -> str:
    """The picture's address; empty where the installation does not know at which one customers reach it."""
    config: Config = current_app.config["GECKO"]
    url = config.gateways.public_url
    return f"{url}/o/{message_id}.{_mac(message_id)}.gif" if url else ""


def read(token: str) -> int | None:
    """The message that a token names; None unless we made it."""
    found = _TOKEN.fullmatch(token)
    if found is None or not hmac.compare_digest(found[2], _mac(int(found[1]))):
        return None
    return int(found[1])


def _mac(message_id: int) -> str:
    """80 bits in 16 letters."""
    secrets: Secrets = current_app.config["GECKO_SECRETS"]
    digest = hmac.new(bytes.fromhex(secrets.index_key), _PURPOSE + str(message_id).encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()
