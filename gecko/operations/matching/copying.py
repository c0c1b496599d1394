"""Many keys into PostgreSQL at once: by COPY, in the binary form of PostgreSQL's own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import psycopg
from sqlalchemy.engine import Connection

_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, nothing more in the head
_END = b"\xff\xff"
_ROW = np.dtype([("fields", ">i2"), ("size", ">i4"), ("key", ">i8"), ("other_size", ">i4"), ("customer_id", ">i8")])
_COPY = "COPY match_key (key, customer_id) FROM STDIN (FORMAT BINARY)"


def copy_keys(connection: Connection, keys: npt.NDArray[np.int64], customer_ids: npt.NDArray[np.int64]) -> bool:
    """Insert keys that nobody inserted yet; False, and nothing is done, where one of them is there already.

    Or where anything else is in the way: whoever then inserts them in another way is told what.
    """
    rows = np.empty(len(keys), dtype=_ROW)
    rows["fields"], rows["size"], rows["other_size"] = 2, 8, 8
    rows["key"], rows["customer_id"] = keys, customer_ids
    attempt = connection.begin_nested()
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 (for the type checker)
    try:
        with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(_HEAD + rows.tobytes() + _END)
    except psycopg.Error:
        attempt.rollback()
        return False
    attempt.commit()
    return True
