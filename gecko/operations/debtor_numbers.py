"""Debtors from one number to another: shorter numbers first, so that 9 stands before 10."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, tuple_

from ..models.debtors import Debtor


def order() -> tuple[ColumnElement[Any], ...]:
    """What debtors are sorted by."""
    return func.length(Debtor.number), Debtor.number.expression


def place() -> Any:
    """Where a debtor stands among all: to compare with."""
    return tuple_(*order())


def between(low: str = "", high: str = "") -> list[ColumnElement[bool]]:
    """The conditions on Debtor for both ends, each included; an empty end is open."""
    found: list[ColumnElement[bool]] = []
    if low:
        found.append(place() >= tuple_(len(low), low))
    if high:
        found.append(place() <= tuple_(len(high), high))
    return found


def after(number: str) -> ColumnElement[bool]:
    """The condition for what comes after a number."""
    condition: ColumnElement[bool] = place() > tuple_(len(number), number)
    return condition
