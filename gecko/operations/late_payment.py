"""What an invoice says will come on top when it is paid late.

A fee for a reminder and compensation can only be asked where the law's limits are kept (renteloven §§ 9 a and 9 b), and
debtors are to know beforehand; so the words go into the snapshot of each invoice as it is issued.
"""

from __future__ import annotations

from typing import Any

from . import settings

LONGEST = 1_000


def key(language: str) -> str:
    """The setting that holds the words."""
    return f"invoice.late_text_{language}"


def text(language: str) -> str:
    """The words in the buyer's language, as chosen now; empty where somebody chose to say nothing."""
    return str(settings.stored().get(key(language), settings.DEFAULTS[key(language)]))


def snapshot(language: str) -> dict[str, Any]:
    """What an invoice keeps of it beside its payment term."""
    words = text(language)
    return {"late_text": words} if words else {}
