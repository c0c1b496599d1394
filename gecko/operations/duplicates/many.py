"""Many numbers as ONE parameter: the statement's text never changes, and no limit on parameters is met."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Text, any_, bindparam, cast, func, select

from ...db import db
from ..matching import store


def among(column: Any, numbers: Iterable[int]) -> ColumnElement[bool]:
    """That an integer column holds one of `numbers`."""
    return _held(column, db.engine.dialect.name, None, value=listed(numbers))


def named(column: Any, name: str, dialect: str) -> ColumnElement[bool]:
    """The same for a statement that is built once: the numbers come as the parameter `name`, made by `listed`.

    PostgreSQL plans it once as well: it is not shown how many there are, which it would think worth a plan for each.
    """
    if dialect == "sqlite":
        return _held(column, dialect, name)
    one = func.unnest(cast(bindparam(name, type_=Text), ARRAY(BigInteger)))
    return column == any_(func.array(select(one).scalar_subquery()))  # type: ignore[no-any-return]


def listed(numbers: Iterable[int]) -> Any:
    """Numbers as the database takes them in one parameter."""
    wanted = sorted(set(numbers))
    return json.dumps(wanted) if db.engine.dialect.name == "sqlite" else store.array(wanted)


def _held(column: Any, dialect: str, name: str | None, **value: Any) -> ColumnElement[bool]:
    if dialect == "sqlite":
        one = func.json_each(bindparam(name, type_=Text, **value)).table_valued("value")
        return column.in_(select(one.c.value))  # type: ignore[no-any-return]
    return column == any_(cast(bindparam(name, type_=Text, **value), ARRAY(BigInteger)))  # type: ignore[no-any-return]
