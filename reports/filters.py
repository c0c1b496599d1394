"""What an export is asked to hold: plain, frozen, and storable with the job that runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Self

from sqlalchemy import ColumnElement
from sqlalchemy.orm.attributes import InstrumentedAttribute

from gecko.errors import Invalid
from gecko.language import LANGUAGES, _


@dataclass(frozen=True, slots=True)
class Filters:
    """Period, debtor, customer and group; what is None does not narrow. `kind` is one of the report's kinds."""

    starts_on: date | None = None
    ends_on: date | None = None
    debtor_id: int | None = None
    customer_id: int | None = None
    group_id: int | None = None
    kind: str | None = None
    locale: str = "da"

    def __post_init__(self) -> None:
        if self.starts_on and self.ends_on and self.starts_on > self.ends_on:
            raise Invalid(_("The period ends before it begins."), field="ends_on")
        if self.locale not in LANGUAGES:
            raise Invalid(_("The language must be da or en."), field="locale")

    def stored(self) -> dict[str, Any]:
        """As plain values for a job's parameters and the log; what does not narrow is left out."""
        values = {key: value for key, value in asdict(self).items() if value is not None}
        return {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """From what `stored` gave; further keys are ignored."""
        known = {field.name: stored[field.name] for field in fields(cls) if stored.get(field.name) is not None}
        for key in ("starts_on", "ends_on"):
            if isinstance(known.get(key), str):
                known[key] = date.fromisoformat(known[key])
        return cls(**known)

    def period(self, day: InstrumentedAttribute[date] | ColumnElement[date]) -> list[ColumnElement[bool]]:
        """The conditions that put `day` inside the period, both ends included."""
        conditions: list[ColumnElement[bool]] = []
        if self.starts_on:
            conditions.append(day >= self.starts_on)
        if self.ends_on:
            conditions.append(day <= self.ends_on)
        return conditions
