"""What a report is asked to hold: plain, frozen, and storable with the job that writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import ColumnElement
from sqlalchemy.orm.attributes import InstrumentedAttribute

from gecko.clock import today
from gecko.errors import Invalid
from gecko.language import LANGUAGES, _
from gecko.operations.ageing import BOUNDS, Ageing, Basis

UNSTATED = 0
"""The payment type of payments of which nobody said how they were paid."""
_DAYS = ("starts_on", "ends_on", "as_of")


class Field(StrEnum):
    """What a report can be narrowed or shaped by; each report names those that it reads."""

    PERIOD = "period"
    AS_OF = "as_of"
    BASIS = "basis"
    BUCKETS = "buckets"
    BUCKET = "bucket"
    DEBTOR = "debtor"
    DEBTORS = "debtors"  # numbers from and to
    DEBTOR_GROUP = "debtor_group"
    CUSTOMER = "customer"
    CUSTOMER_GROUP = "customer_group"
    KIND = "kind"
    PAYMENT_TYPE = "payment_type"
    EVERYBODY = "everybody"
    STEP = "step"


class Step(StrEnum):
    """How long one line of a summary is."""

    MONTH = "month"
    QUARTER = "quarter"


STEPS: dict[str, Any] = {str(Step.MONTH): _("Month"), str(Step.QUARTER): _("Quarter")}


@dataclass(frozen=True, slots=True)
class Filters:
    """Period, debtor, customer and group; what is None does not narrow. `kind` is one of the report's kinds.

    as_of: the day at whose end a ledger is looked at, today where None. basis, buckets: how ages are counted and cut
    (days); bucket: the number of one bucket. payment_type_id: one, or UNSTATED. everybody: also those of whom nothing
    is open.
    """

    starts_on: date | None = None
    ends_on: date | None = None
    debtor_id: int | None = None
    customer_id: int | None = None
    group_id: int | None = None
    kind: str | None = None
    locale: str = "da"
    as_of: date | None = None
    basis: str | None = None
    buckets: tuple[int, ...] | None = None
    bucket: int | None = None
    debtor_from: str | None = None
    debtor_to: str | None = None
    payment_type_id: int | None = None
    everybody: bool | None = None
    step: str | None = None

    def __post_init__(self) -> None:
        if self.starts_on and self.ends_on and self.starts_on > self.ends_on:
            raise Invalid(_("The period ends before it begins."), field="ends_on")
        if self.locale not in LANGUAGES:
            raise Invalid(_("The language must be da or en."), field="locale")
        if self.basis not in (None, *Basis) or self.step not in (None, *Step):
            raise Invalid(_("The choice no longer exists."))
        if not 0 <= (self.bucket or 0) < len(self.ageing.buckets):
            raise Invalid(_("There is no such bucket."), field="bucket")

    @property
    def day(self) -> date:
        """The day at whose end the ledger is looked at."""
        return self.as_of or today()

    @property
    def ageing(self) -> Ageing:
        """How ages are counted and cut; raises Invalid where the buckets are none."""
        return Ageing(self.day, Basis(self.basis or Basis.DUE), self.buckets or BOUNDS)

    def stored(self) -> dict[str, Any]:
        """As plain values for a job's parameters and the log; what does not narrow is left out."""
        values = {key: value for key, value in asdict(self).items() if value is not None}
        return {key: _plain(value) for key, value in values.items()}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """From what `stored` gave; further keys are ignored."""
        known = {field.name: stored[field.name] for field in fields(cls) if stored.get(field.name) is not None}
        for key in _DAYS:
            if isinstance(known.get(key), str):
                known[key] = date.fromisoformat(known[key])
        if "buckets" in known:
            known["buckets"] = tuple(known["buckets"])
        return cls(**known)

    def period(self, day: InstrumentedAttribute[date] | ColumnElement[date]) -> list[ColumnElement[bool]]:
        """The conditions that put `day` inside the period, both ends included."""
        conditions: list[ColumnElement[bool]] = []
        if self.starts_on:
            conditions.append(day >= self.starts_on)
        if self.ends_on:
            conditions.append(day <= self.ends_on)
        return conditions


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value
