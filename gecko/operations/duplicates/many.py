"""Many numbers as ONE parameter: the statement's text never changes, and no limit on parameters is met."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Text, any_, bindparam, func, select

from ...db import db


def among(column: Any, numbers: Iterable[int]) -> ColumnElement[bool]:
    """That an integer column holds one of `numbers`."""
    wanted = sorted(set(numbers))
    if db.engine.dialect.name == "sqlite":
        listed = func.json_each(bindparam(None, json.dumps(wanted), type_=Text)).table_valued("value")
        return column.in_(select(listed.c.value))  # type: ignore[no-any-return]
    return column == any_(bindparam(None, wanted, type_=ARRAY(BigInteger)))  # type: ignore[no-any-return]
