"""Rows as they are hashed: every column as the database holds it, in one written form."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Date, DateTime

from ...db import Base, db
from ...triggers import IMMUTABLE

TABLES = ("sale_document", "sale_line", "debtor_posting", "settlement", "settlement_line", "prepayment_entry")
FLOOR = -(2**62)
"""Below every id, so that a row slipped in before the first one is seen."""
FINGERPRINT = struct.Struct(">q8s")
Layout = Mapping[str, Sequence[str]]
Covers = Mapping[str, Sequence[int]]


def _odd(value: object) -> object:
    """What no column of the ledger should hold, but a file that was tampered with may."""
    return {"odd": value.hex() if isinstance(value, bytes) else str(value)}


_written = json.JSONEncoder(separators=(",", ":"), default=_odd).encode
_POSTGRES = {
    Date: "to_char({0}, 'YYYY-MM-DD')",
    DateTime: "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    JSON: "{0}::text",
}


@dataclass(frozen=True, slots=True)
class Digests:
    """Rows of the ledger as a seal knows them. hash: SHA-256 in hex; fingerprints by table."""

    hash: str
    fingerprints: dict[str, bytes]


def layout() -> dict[str, list[str]]:
    """The columns that are sealed: all but those that may change (the customer whom a merge files a document under)."""
    return {
        table: [column.name for column in Base.metadata.tables[table].columns if column.name not in IMMUTABLE[table]]
        for table in TABLES
    }


def read(
    table: str, columns: Sequence[str], after: int, upto: int, most: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """(id, digest) of the rows after one id and up to another, in the order of their ids; `most` at the most."""
    known = Base.metadata.tables[table].c
    if not set(columns) <= set(known.keys()):
        raise ValueError(f"{table} has no such columns")
    connection = db.session.connection()
    sqlite = connection.dialect.name == "sqlite"
    names = [f'"{name}"' if sqlite else _postgres(known[name]) for name in columns]
    mark = "?" if sqlite else "%s"
    statement = f"SELECT id, {', '.join(names)} FROM {table} WHERE id > {mark} AND id <= {mark} ORDER BY id"
    if most is not None:
        statement += f" LIMIT {most:d}"
    for row in connection.exec_driver_sql(statement, (after, upto)):
        yield row[0], hashlib.sha256(_written(tuple(row)[1:]).encode()).digest()


def _postgres(column: Any) -> str:
    kind = next((kind for kind in _POSTGRES if isinstance(getattr(column.type, "impl", column.type), kind)), None)
    return _POSTGRES[kind].format(f'"{column.name}"') if kind else f'"{column.name}"'


def chain(previous: str, said: Mapping[str, Any], layout: Layout, covers: Covers) -> Digests:
    """The hash of a seal over the rows as they are now. said: what else the seal says of itself."""
    whole = hashlib.sha256()
    head = {"previous": previous, "layout": layout, "covers": covers, **said}
    whole.update(json.dumps(head, sort_keys=True, separators=(",", ":")).encode())
    prints: dict[str, bytes] = {}
    for table in TABLES:
        after, upto, _count = covers[table]
        of_table = bytearray()
        for row_id, digest in read(table, layout[table], after, upto):
            whole.update(digest)
            of_table += FINGERPRINT.pack(row_id, digest[:8])
        prints[table] = bytes(of_table)
    return Digests(whole.hexdigest(), prints)


def by_id(fingerprints: bytes) -> dict[int, bytes]:
    """The digests' beginnings by row."""
    return dict(FINGERPRINT.iter_unpack(fingerprints))
