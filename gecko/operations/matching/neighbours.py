"""Who shares keys with a customer, and what is kept of them: the look-up behind every check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.engine import Connection

from . import store
from .store import Entry

Asked = Sequence[tuple[int, int]]
"""Keys, each with the number of customers who may share it."""
Holders = Mapping[int, Sequence[int]]
"""By key who holds it: one more than may share it where there are more."""


class Neighbours(NamedTuple):
    """holders: for each list of keys, in its order. entries: of those who hold a key that few enough share, by id."""

    holders: Sequence[Holders]
    entries: dict[int, Entry]


def of(connection: Connection, asked: Sequence[Asked]) -> Neighbours:
    """Look the keys up, each to its cap."""
    return (_of_sqlite if store.is_sqlite(connection) else _of_postgres)(connection, asked)


_PART = "SELECT key, customer_id FROM (SELECT key, customer_id FROM match_key WHERE key = ? LIMIT ?)"


def _of_sqlite(connection: Connection, asked: Sequence[Asked]) -> Neighbours:
    holders = [_holders(connection, keys) for keys in asked]
    wanted = {
        customer_id
        for keys, held in zip(asked, holders, strict=True)
        for key, cap in keys
        if len(held.get(key, ())) <= cap
        for customer_id in held.get(key, ())
    }
    return Neighbours(holders, store.entries(connection, wanted) if wanted else {})


def _holders(connection: Connection, keys: Asked) -> Holders:
    found: dict[int, list[int]] = {}
    if keys:
        statement = " UNION ALL ".join([_PART] * len(keys))
        given = [one for key, cap in keys for one in (key, cap + 1)]
        for key, customer_id in store.fetch(connection, statement, given):
            found.setdefault(key, []).append(customer_id)
    return found


_POSTGRES = """
    WITH held AS MATERIALIZED (
        SELECT a.at, a.key, a.cap, m.customer_ids
          FROM unnest(%s::int[], %s::bigint[], %s::int[]) AS a (at, key, cap)
         CROSS JOIN LATERAL (
            SELECT array_agg(customer_id) AS customer_ids
              FROM (SELECT customer_id FROM match_key WHERE key = a.key LIMIT a.cap + 1) AS few) AS m
         WHERE m.customer_ids IS NOT NULL)
    SELECT at, key, customer_ids, NULL::bytea FROM held
    UNION ALL
    SELECT NULL, group_id, ARRAY[customer_id], signature FROM match_signature
     WHERE customer_id = ANY (ARRAY(SELECT unnest(customer_ids) FROM held WHERE cardinality(customer_ids) <= cap))
"""
"""Keys and entries in one round trip: a row for each key that somebody holds, and one for each entry."""


def _of_postgres(connection: Connection, asked: Sequence[Asked]) -> Neighbours:
    rows = [(at, key, cap) for at, keys in enumerate(asked) for key, cap in keys]
    given = [*map(store.array, store.columns(rows, 3))]
    holders: list[dict[int, list[int]]] = [{} for _keys in asked]
    entries: dict[int, Entry] = {}
    for at, number, customer_ids, signature in store.fetch(connection, _POSTGRES, given):
        if at is None:
            entries[customer_ids[0]] = customer_ids[0], number, bytes(signature)
        else:
            holders[at][number] = customer_ids
    return Neighbours(holders, entries)
