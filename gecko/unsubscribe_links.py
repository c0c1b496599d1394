"""Links by which a customer says no to newsletters, or yes again: `/u/<customer>.<mac>` (see signed_links)."""

from __future__ import annotations

from . import signed_links
from .channels import Channel

_PURPOSE = b"newsletters of customer "


def are_possible() -> bool:
    """Whether the installation knows the address at which customers reach it."""
    return bool(signed_links.public_url())


def page(customer_id: int) -> str:
    """The address of the page where the customer answers for every channel; empty where links are not possible."""
    return f"{signed_links.public_url()}/u/{token(customer_id)}" if are_possible() else ""


def one_click(customer_id: int, channel: Channel) -> str:
    """The address that takes a no by POST alone (RFC 8058); empty where links are not possible."""
    return f"{page(customer_id)}/{channel}" if are_possible() else ""


def read(token: str) -> int | None:
    """The customer that a token names; None unless we made it."""
    return signed_links.read(_PURPOSE, token)


def token(customer_id: int) -> str:
    """What stands for the customer in a link."""
    return signed_links.token(_PURPOSE, customer_id)
