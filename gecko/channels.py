"""How messages reach people."""

from __future__ import annotations

from enum import StrEnum


class MessageChannel(StrEnum):
    """How a message reaches somebody; letters are printed, not sent."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"
