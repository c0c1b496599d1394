"""Signatures and keys follow the customers: whatever wrote them, in the transaction that wrote them.

A trigger marks every customer whose compared values change, whoever changes them. Before `transaction()` commits, the
customers it marked are normalised, as far as they changed, and their signatures and keys written. No operation calls
this, so none can forget it. What was changed with other tools is marked as such, and mended by the next scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from ...db import written_through
from . import helping, keys, learned, store
from .normalising import FIELDS, Profile, normalise_row
from .patching import patched
from .placeholders import NOTHING_LEARNED, Learned
from .signature import VERSION, pack
from .store import Changes, Entry

AT_ONCE = 2_000
Owners = list[tuple[int, int]]
"""Customers, each with its group."""
_READ = f"""
    SELECT m.customer_id, c.group_id, c.id IS NOT NULL AND c.deleted_at IS NULL, s.group_id, s.signature, m.changed,
           (SELECT signatures FROM match_state), (SELECT placeholders FROM match_state),
           {", ".join(f"c.{name}" for name in FIELDS)}
      FROM {{marked}} AS m {{rows}}
"""
_OLD_SIGNATURE, _FIRST_FIELD = 4, 8
_CHANGED = (
    "(SELECT customer_id, changed FROM match_mark WHERE is_stale AND is_outside = false"
    f" ORDER BY customer_id LIMIT {AT_ONCE})"
)
_ROWS_SQLITE = """
    LEFT JOIN customer c ON c.id = m.customer_id
    LEFT JOIN match_signature s ON s.customer_id = m.customer_id
"""
_ROWS_POSTGRES = """
    LEFT JOIN LATERAL (SELECT * FROM customer WHERE id = m.customer_id LIMIT 1) c ON true
    LEFT JOIN LATERAL (SELECT * FROM match_signature WHERE customer_id = m.customer_id LIMIT 1) s ON true
"""
"""The limit is for the planner: each is looked up. Left to guess how many customers are marked, which nobody counts
while it changes with every transaction, it reads the whole base."""
_OWN_SQLITE = _READ.format(marked=_CHANGED, rows=_ROWS_SQLITE)
_OWN_POSTGRES = _READ.format(marked=_CHANGED, rows=_ROWS_POSTGRES)
_GIVEN_SQLITE = _READ.format(marked="(SELECT value AS customer_id, -1 AS changed FROM json_each(?))", rows=_ROWS_SQLITE)
_GIVEN_POSTGRES = _READ.format(
    marked="(SELECT unnest(%s::bigint[]) AS customer_id, -1 AS changed)", rows=_ROWS_POSTGRES
)
_LIVING = f"""
    SELECT id, group_id, (SELECT placeholders FROM match_state), {", ".join(FIELDS)}
      FROM customer WHERE {{}} AND deleted_at IS NULL
"""
_LOCK = "SELECT id FROM customer WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"


@event.listens_for(Session, "before_commit")
def keep_what_changed(session: Session) -> None:
    """Keep the customers that the transaction changed; runs before each commit."""
    if written_through(session) is not None and not session.in_nested_transaction():
        catch_up(session)


def catch_up(session: Session) -> None:
    """Keep what the transaction has changed so far; for those who measure how long their transactions take."""
    session.flush()
    connection = written_through(session) or session.connection()
    own = _OWN_SQLITE if store.is_sqlite(connection) else _OWN_POSTGRES
    while _write(connection, store.fetch(connection, own)) == AT_ONCE:
        pass


def keep(session: Session, customer_ids: Iterable[int]) -> None:
    """Write the signatures and keys of these customers as their rows stand now, without waiting for the commit."""
    session.flush()
    connection = session.connection()
    wanted = sorted(set(customer_ids))
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        if not store.is_sqlite(connection):  # nobody may change a row between its reading and its signature's writing
            connection.exec_driver_sql(_LOCK, (some,))
        _write(connection, _rows(connection, some), anew=True)


def as_of_now(connection: Connection, customer_ids: Iterable[int]) -> list[Entry]:
    """The entries of these customers as their rows stand, whatever is stored; the deleted have none."""
    owners, rows, values = as_they_stand(connection, customer_ids)
    return entries(owners, helping.made(rows, values))


def as_they_stand(connection: Connection, customer_ids: Iterable[int]) -> tuple[Owners, helping.Rows, Learned]:
    """The same before the signatures are made: customer and group of each, what is compared, and what is unknown."""
    statement = _LIVING.format(store.among(connection, "id"))
    rows = store.fetch(connection, statement, (store.listed(connection, customer_ids),))
    values = learned.values(connection, rows[0][2] or 0) if rows else NOTHING_LEARNED
    return [(row[0], row[1]) for row in rows], [row[3:] for row in rows], values


def entries(owners: Owners, signatures: Iterable[bytes]) -> list[Entry]:
    """Customers with their groups, and the signature of each."""
    return [(customer_id, group_id, made) for (customer_id, group_id), made in zip(owners, signatures, strict=True)]


def profile(connection: Connection, customer_id: int) -> Profile:
    """What is compared of a customer, before it is packed."""
    row = _rows(connection, [customer_id])[0]
    return normalise_row(row[_FIRST_FIELD:], learned.values(connection, row[_FIRST_FIELD - 1] or 0))


def _rows(connection: Connection, customer_ids: Iterable[int]) -> Sequence[Any]:
    statement = _GIVEN_SQLITE if store.is_sqlite(connection) else _GIVEN_POSTGRES
    return store.fetch(connection, statement, (store.listed(connection, customer_ids),))


def _write(connection: Connection, rows: Sequence[Any], *, anew: bool = False) -> int:
    """Write what differs for the rows of a `_READ`. anew: all keys, also those that should be there already."""
    if rows:
        values = learned.values(connection, rows[0][_FIRST_FIELD - 1] or 0)
        changes = Changes()
        for row in rows:
            _note(row, values, changes, anew=anew)
        store.write(connection, changes)
    return len(rows)


def _signature(row: Any, values: Learned) -> bytes:
    """What the signature should be: of one that is in order up to what changed, most stays as it is."""
    before, changed, version = row[_OLD_SIGNATURE : _FIRST_FIELD - 1]
    fields = row[_FIRST_FIELD:]
    found = patched(bytes(before), changed, fields, values) if before is not None and version == VERSION else None
    return pack(normalise_row(fields, values)) if found is None else found


def _note(row: Any, values: Learned, changes: Changes, *, anew: bool) -> None:
    customer_id, group_id, is_living, old_group, old = row[: _OLD_SIGNATURE + 1]
    changes.settled.append(customer_id)
    before = bytes(old) if old is not None else None
    after = _signature(row, values) if is_living else None
    if after is None:
        if before is not None:
            changes.left.append(customer_id)
    elif after != before or group_id != old_group:
        changes.entries.append((customer_id, group_id, after))
    if before is not None and after is not None and not anew:
        gone, come = keys.differences(before, after) if after != before else (set(), set())
    else:
        had, has = ({key for _kind, key in keys.of(one)} if one is not None else set() for one in (before, after))
        gone, come = had - has, has
    changes.gone += [(key, customer_id) for key in gone]
    changes.come += [(key, customer_id) for key in come]
