"""The reference rates of interest: one for each half-year, as Danmarks Nationalbank publishes its lending rate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from ...db import db
from ...errors import Invalid, NotFound
from ...language import _
from ...models.dunning import ReferenceRate
from . import interest

_LOWEST, _HIGHEST = -800, 5_000


def known() -> dict[date, int]:
    """Every rate by the first day of its half-year, in hundredths of a per cent."""
    found = db.session.execute(select(ReferenceRate.starts_on, ReferenceRate.rate_bp))
    return {row.starts_on: row.rate_bp for row in found}


def create(values: Mapping[str, Any]) -> ReferenceRate:
    """Enter the rate of a half-year."""
    row = ReferenceRate(**_checked(values, None))
    db.session.add(row)
    db.session.flush()
    return row


def update(rate_id: int, values: Mapping[str, Any]) -> ReferenceRate:
    """Correct a rate. What was charged stays as it was."""
    row = _get(rate_id)
    for name, value in _checked({"starts_on": row.starts_on, "rate_bp": row.rate_bp, **values}, rate_id).items():
        setattr(row, name, value)
    db.session.flush()
    return row


def delete(rate_id: int) -> None:
    """Remove a rate that was entered by mistake."""
    db.session.delete(_get(rate_id))
    db.session.flush()


def _get(rate_id: int) -> ReferenceRate:
    row = db.session.get(ReferenceRate, rate_id)
    if row is None:
        raise NotFound
    return row


def _checked(values: Mapping[str, Any], rate_id: int | None) -> dict[str, Any]:
    day, rate = values.get("starts_on"), values.get("rate_bp")
    if day is None or day != interest.half_year(day):
        raise Invalid(_("A rate holds from 1 January or 1 July."), field="starts_on")
    if rate is None or not _LOWEST <= rate <= _HIGHEST:
        raise Invalid(_("The rate must lie between -8 and 50 per cent."), field="rate_bp")
    other = db.session.scalar(select(ReferenceRate.id).where(ReferenceRate.starts_on == day))
    if other is not None and other != rate_id:
        raise Invalid(_("The rate of this half-year is entered already."), field="starts_on")
    return {"starts_on": day, "rate_bp": rate}
