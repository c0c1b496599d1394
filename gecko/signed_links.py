"""Links that name a row of ours, and that nobody else can make: `<id>.<mac>`, each kind with a purpose of its own.

Signed with a key that is never renewed, as such a link has to work for as long as somebody keeps the message. It names
nobody to those who only see the address. Short, since it goes by SMS, too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from flask import current_app

from .config import Config, Secrets

_TOKEN = re.compile(r"([1-9][0-9]{0,17})\.([a-z2-7]{16})")


def public_url() -> str:
    """The address at which customers reach the installation; empty where it does not know."""
    config: Config = current_app.config["GECKO"]
    return config.gateways.public_url


def token(purpose: bytes, row_id: int) -> str:
    """What stands for the row in a link of this purpose."""
    return f"{row_id}.{_mac(purpose, row_id)}"


def read(purpose: bytes, token: str) -> int | None:
    """The row that a token names; None unless we made it for this purpose."""
    found = _TOKEN.fullmatch(token)
    if found is None or not hmac.compare_digest(found[2], _mac(purpose, int(found[1]))):
        return None
    return int(found[1])


def _mac(purpose: bytes, row_id: int) -> str:
    """80 bits in 16 letters."""
    secrets: Secrets = current_app.config["GECKO_SECRETS"]
    digest = hmac.new(bytes.fromhex(secrets.index_key), purpose + str(row_id).encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()
