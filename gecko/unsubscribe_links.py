"""Links by which a customer says no to newsletters, or yes again: `/u/<customer>.<mac>`, which nobody else can make.

Signed with a key that is never renewed, as such a link has to work for as long as somebody keeps the message. It names
nobody to those who only see the address. Short, since it goes by SMS, too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from flask import current_app

from .channels import Channel
from .config import Config, Secrets

_TOKEN = re.compile(r"([1-9][0-9]{0,17})\.([a-z2-7]{16})")
_PURPOSE = b"newsletters of customer "


def are_possible() -> bool:
    """Whether the installation knows the address at which customers reach it."""
    return bool(_public_url())


def page(customer_id: int) -> str:
    """The address of the page where the customer answers for every channel; empty where links are not possible."""
    return f"{_public_url()}/u/{token(customer_id)}" if are_possible() else ""


def one_click(customer_id: int, channel: Channel) -> str:
    """The address that takes a no by POST alone (RFC 8058); empty where links are not possible."""
    return f"{page(customer_id)}/{channel}" if are_possible() else ""


def read(token: str) -> int | None:
    """The customer that a token names; None unless we made it."""
    found = _TOKEN.fullmatch(token)
    if found is None or not hmac.compare_digest(found[2], _mac(int(found[1]))):
        return None
    return int(found[1])


def token(customer_id: int) -> str:
    """What stands for the customer in a link."""
    return f"{customer_id}.{_mac(customer_id)}"


def _public_url() -> str:
    config: Config = current_app.config["GECKO"]
    return config.gateways.public_url


def _mac(customer_id: int) -> str:
    """80 bits in 16 letters."""
    secrets: Secrets = current_app.config["GECKO_SECRETS"]
    digest = hmac.new(bytes.fromhex(secrets.index_key), _PURPOSE + str(customer_id).encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()
