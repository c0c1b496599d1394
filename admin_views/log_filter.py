"""What a log page is asked for, read from its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request

from gecko.errors import Invalid
from gecko.operations import audit_log, customer_values
from gecko.operations.audit_words import ENTITIES

from .guard import message_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter, what was typed for it, and what could not be read."""

    filter: audit_log.Filter
    typed: dict[str, str]
    errors: tuple[str, ...]
    authors: list[tuple[int, str]]
    entities: list[tuple[str, Any]]

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered for."""
        return bool(self.typed)

    def parameters(self, **more: Any) -> dict[str, Any]:
        """What an address needs to ask for the same."""
        return {**self.typed, **more}


def read_filter(customer_id: int | None = None) -> Wanted:
    """Read who (`who`), what (`what`), and when (`from`, `to`)."""
    typed = {key: value for key in ("who", "what", "from", "to") if (value := request.args.get(key, "").strip())}
    errors: list[str] = []
    days = {key: _day(typed.get(key), errors) for key in ("from", "to")}
    who = typed.get("who", "")
    chosen = audit_log.Filter(
        customer_id=customer_id,
        user_id=int(who) if who.isascii() and who.isdigit() and len(who) < 19 else None,
        outside=who == "outside",
        entity=typed.get("what"),
        first_day=days["from"],
        last_day=days["to"],
    )
    entities = sorted(ENTITIES.items(), key=lambda pair: str(pair[1]))
    return Wanted(chosen, typed, tuple(errors), audit_log.authors(), entities)


def _day(typed: str | None, errors: list[str]) -> date | None:
    if not typed:
        return None
    try:
        return customer_values.read_day(typed)
    except Invalid as error:
        errors.append(message_of(error))
        return None
