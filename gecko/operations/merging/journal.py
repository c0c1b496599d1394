"""The journal of a merge: steps as stored, and values in a form that JSON keeps exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum as PythonEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Table, any_, bindparam, func, select
from sqlalchemy.sql.elements import ColumnElement

from ...db import UtcDateTime, db
from ...models.merges import Merge, MergeStep, StepAction


def encode(value: Any) -> Any:
    """A column's value as JSON keeps it."""
    if isinstance(value, PythonEnum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value


def decode(table: Table, column: str, stored: Any) -> Any:
    """The value that `encode` was given."""
    kind = table.c[column].type
    if stored is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(stored)
    if isinstance(kind, Date):
        return date.fromisoformat(stored)
    if kind.python_type is bytes:
        return bytes.fromhex(stored)
    if issubclass(kind.python_type, PythonEnum):
        return kind.python_type(stored)
    return stored


def encoded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A whole row."""
    return {column: encode(value) for column, value in row.items()}


def decoded(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row that `encoded` was given."""
    return {column: decode(table, column, value) for column, value in row.items()}


def note(
    merge: Merge,
    action: StepAction,
    table: str,
    customer_id: int,
    keys: list[Any],
    *,
    column: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write a step down."""
    db.session.add(
        MergeStep(
            merge_id=merge.id,
            action=action,
            table_name=table,
            column_name=column,
            customer_id=customer_id,
            keys=keys,
            before=None if before is None else encoded(before),
            after=None if after is None else encoded(after),
        )
    )


def one_of(column: ColumnElement[Any], ids: Iterable[int]) -> ColumnElement[bool]:
    """That an id is one of many, as one parameter however many there are."""
    wanted = sorted(ids)
    if db.engine.dialect.name == "sqlite":
        listed = func.json_each(str(wanted)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(bindparam(None, wanted, type_=ARRAY(BigInteger)))
