"""Many rows into PostgreSQL at once: by COPY, in the binary form of PostgreSQL's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from sqlalchemy.engine import Connection

from .signature import SIZE

_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, nothing more in the head
_END = b"\xff\xff"
_NUMBER = 8
_KEY = np.dtype(
    [("fields", ">i2"), ("size", ">i4"), ("key", ">i8"), ("other_size", ">i4"), ("customer_id", ">i8")],
)
_ENTRY = np.dtype(
    [
        ("fields", ">i2"), ("size", ">i4"), ("customer_id", ">i8"), ("other_size", ">i4"), ("group_id", ">i8"),
        ("signature_size", ">i4"), ("signature", f"V{SIZE}"),
    ]
)  # fmt: skip
_COPY = "COPY {} FROM STDIN (FORMAT BINARY)"
_COPY_KEYS = _COPY.format("match_key (key, customer_id)")
_COPY_ENTRIES = _COPY.format("match_signature (customer_id, group_id, signature)")


def copy_keys(connection: Connection, keys: npt.NDArray[np.int64], customer_ids: npt.NDArray[np.int64]) -> bool:
    """Insert keys that nobody inserted yet; False, and nothing is done, where one of them is there already.

    Or where anything else is in the way: whoever then inserts them in another way is told what.
    """
    rows = np.empty(len(keys), dtype=_KEY)
    rows["fields"], rows["size"], rows["other_size"] = 2, _NUMBER, _NUMBER
    rows["key"], rows["customer_id"] = keys, customer_ids
    return _is_copied(connection, _COPY_KEYS, rows)


def copy_entries(connection: Connection, entries: Sequence[tuple[int, int, bytes]]) -> bool:
    """The same for customers, each with group and signature; there must be one."""
    rows = np.empty(len(entries), dtype=_ENTRY)
    rows["fields"], rows["size"], rows["other_size"], rows["signature_size"] = 3, _NUMBER, _NUMBER, SIZE
    customer_ids, group_ids, signatures = zip(*entries, strict=True)
    rows["customer_id"], rows["group_id"] = customer_ids, group_ids
    rows["signature"] = np.frombuffer(b"".join(signatures), dtype=f"V{SIZE}")
    return _is_copied(connection, _COPY_ENTRIES, rows)


def _is_copied(connection: Connection, statement: str, rows: npt.NDArray[Any]) -> bool:
    attempt = connection.begin_nested()
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 (for the type checker)
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(_HEAD + rows.tobytes() + _END)
    except psycopg.Error:
        attempt.rollback()
        return False
    attempt.commit()
    return True
