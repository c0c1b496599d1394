"""The address of the picture that tells whether a newsletter was opened: `/o/<message>.<mac>.gif`, signed."""

from __future__ import annotations

from . import signed_links

_PURPOSE = b"newsletter was opened "


def picture(message_id: int) -> str:
    """The picture's address; empty where the installation does not know at which one customers reach it."""
    url = signed_links.public_url()
    return f"{url}/o/{signed_links.token(_PURPOSE, message_id)}.gif" if url else ""


def read(token: str) -> int | None:
    """The message that a token names; None unless we made it."""
    return signed_links.read(_PURPOSE, token)
