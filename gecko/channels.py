"""How messages reach people."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How an address is reached."""

    EMAIL = "email"
    SMS = "sms"


class MessageChannel(StrEnum):
    """How a message reaches somebody; letters are printed, not sent."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"
