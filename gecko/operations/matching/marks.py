"""Marks: whose compared values changed since they were last compared, each with the stamp of its last change."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from .store import among, columns, fetch, is_sqlite, listed


def page(connection: Connection, after: int, limit: int) -> list[tuple[int, int]]:
    """The marks behind this customer as (customer, stamp), by customer."""
    mark = "?" if is_sqlite(connection) else "%s"
    statement = (
        f"SELECT customer_id, stamp FROM match_mark WHERE customer_id > {mark} ORDER BY customer_id LIMIT {mark}"
    )
    return [(row[0], row[1]) for row in fetch(connection, statement, (after, limit))]


def stamps(connection: Connection, customer_ids: Iterable[int]) -> dict[int, int]:
    """The stamps of the last changes of these customers, as far as they are marked."""
    statement = f"SELECT customer_id, stamp FROM match_mark WHERE {among(connection, 'customer_id')}"
    return dict(fetch(connection, statement, (listed(connection, customer_ids),)))


def stale(connection: Connection, limit: int) -> list[int]:
    """Customers whose signatures do not show their last change."""
    statement = f"SELECT customer_id FROM match_mark WHERE is_stale ORDER BY customer_id LIMIT {limit}"
    return [row[0] for row in fetch(connection, statement)]


def stale_among(connection: Connection, customer_ids: Iterable[int]) -> set[int]:
    """Those of these customers whose signatures are known not to show their last change."""
    statement = f"SELECT customer_id FROM match_mark WHERE is_stale AND {among(connection, 'customer_id')}"
    return {row[0] for row in fetch(connection, statement, (listed(connection, customer_ids),))}


def mark_stale(connection: Connection, customer_ids: Iterable[int]) -> None:
    """Mark customers as other tools' changes mark them."""
    draw = "random()" if is_sqlite(connection) else "(random() * 9e15)::bigint"
    given = "json_each(?) AS g" if is_sqlite(connection) else "unnest(%s::bigint[]) AS g (value)"
    statement = (
        f"INSERT INTO match_mark (customer_id, stamp, is_stale, is_outside, changed)"
        f" SELECT g.value, {draw}, true, true, -1"
        f" FROM {given} WHERE true ON CONFLICT (customer_id)"
        " DO UPDATE SET stamp = excluded.stamp, is_stale = true, is_outside = true, changed = -1"
    )
    connection.exec_driver_sql(statement, (listed(connection, customer_ids),))


def clear(connection: Connection, seen: Iterable[tuple[int, int]]) -> None:
    """Remove marks that still bear the stamp they were seen with."""
    rows = list(seen)
    if not rows:
        return
    if is_sqlite(connection):
        connection.exec_driver_sql("DELETE FROM match_mark WHERE customer_id = ? AND stamp = ?", rows)
    else:
        statement = (
            "DELETE FROM match_mark m USING unnest(%s::bigint[], %s::bigint[]) AS s (customer_id, stamp)"
            " WHERE m.customer_id = s.customer_id AND m.stamp = s.stamp"
        )
        connection.exec_driver_sql(statement, tuple(columns(rows, 2)))
