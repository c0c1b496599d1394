"""Many plausible customers, fast: triggers and indexes are dropped, rows poured in, and everything built again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Connection

from gecko import triggers
from gecko.db import db
from gecko.models.customers import Customer

GROUPS = 60
FIRST = (
    "Jens Anne Peter Mette Lars Kirsten Michael Hanne Henrik Helle Søren Susanne Thomas Lene Christian "
    "Maria Martin Camilla Niels Charlotte Jørgen Ida Hans Emma Ole Sofie Rasmus Freja Mikkel Åse Bent "
    "Birgit Erik Karen Kurt Else Poul Inger Knud Gitte Anders Pia Jesper Tina Morten Line Kasper Louise "
    "Øjvind Ægir Emil Clara Victor Alberte Noah "
)
LAST = (
    "Jensen Nielsen Hansen Pedersen Andersen Christensen Larsen Sørensen Rasmussen Jørgensen Petersen "
    "Madsen Kristensen Olsen Thomsen Christiansen Poulsen Johansen Møller Mortensen Knudsen Jakobsen Holm "
    "Lund Schmidt Eriksen Larsen Ørn Åberg Dam Dahl Bach Friis Krogh Winther Lauridsen Bech Brandt Skov "
    "Juhl Vestergaard Kjær Bang Østergaard Toft "
)
TOWNS = (
    ("1300", "København K"), ("2100", "København Ø"), ("8000", "Aarhus C"), ("5000", "Odense C"), ("9000", "Aalborg"),
    ("6700", "Esbjerg"), ("8900", "Randers C"), ("6000", "Kolding"), ("8700", "Horsens"), ("7100", "Vejle"),
    ("4000", "Roskilde"), ("3400", "Hillerød"), ("4700", "Næstved"), ("6400", "Sønderborg"), ("4180", "Sorø"),
)  # fmt: skip
COLUMNS = ("group_id", "number", "name", "postal_code", "city", "mobile", "email", "created_at")
_FIRST, _LAST = FIRST.split(), LAST.split()
_START = datetime(2018, 1, 1, tzinfo=UTC)


def rows(count: int, first_group: int) -> Iterator[tuple[object, ...]]:
    """The same customers every time."""
    draw = random.Random(20261122)  # noqa: S311 (test data)
    for n in range(1, count + 1):
        first, last = draw.choice(_FIRST), draw.choice(_LAST)
        middle = f" {draw.choice(_LAST)}" if n % 4 == 0 else ""
        postal_code, city = draw.choice(TOWNS)
        email = f"{first}.{last}{n}@example.dk".lower() if n % 5 else None
        born = _START + timedelta(minutes=draw.randrange(4_000_000))
        group = first_group + min(draw.randrange(GROUPS), draw.randrange(GROUPS))
        yield (group, str(100_000 + n), f"{first}{middle} {last}", postal_code, city,
               f"+45{draw.randrange(20_000_000, 62_000_000)}", email, born)  # fmt: skip


def fill(count: int) -> None:
    """Pour `count` customers into an empty, upgraded database."""
    sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect().execution_options(gecko_writing=True) as connection, connection.begin():
        first_group = _groups(connection)
        rebuild = _drop_indexes(connection, sqlite=sqlite)
        (_pour_sqlite if sqlite else _pour_postgres)(connection, count, first_group)
        for statement in rebuild:
            connection.exec_driver_sql(statement)
        triggers.install(connection)
        triggers.rebuild_search(connection, "customer")
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if sqlite else "VACUUM ANALYZE customer")
    db.engine.dispose()


def _groups(connection: Connection) -> int:
    first = 1 + (connection.scalar(text("SELECT max(id) FROM customer_group")) or 0)
    for number in range(GROUPS):
        connection.execute(
            text("INSERT INTO customer_group (id, name, is_active, is_primary) VALUES (:id, :name, true, false)"),
            {"id": first + number, "name": f"Afdeling {number + 1}"},
        )
    return first


def _drop_indexes(connection: Connection, *, sqlite: bool) -> list[str]:
    """Drop what slows the pouring; returns the statements that make it again."""
    if sqlite:
        for name in connection.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'customer'")
        ).all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'customer' AND sql IS NOT NULL"
    else:
        connection.exec_driver_sql("DROP TRIGGER gecko_audit ON customer")
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        query = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'customer'"
            " AND indexname NOT LIKE 'pk_%' AND indexdef NOT LIKE '%UNIQUE%'"
        )
    found = connection.execute(text(query)).all()
    for name, _sql in found:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    return [sql for _name, sql in found]


def _pour_sqlite(connection: Connection, count: int, first_group: int) -> None:
    places = ", ".join("?" * len(COLUMNS))
    statement = f"INSERT INTO {Customer.__tablename__} ({', '.join(COLUMNS)}) VALUES ({places})"
    raw = connection.connection.driver_connection
    raw.executemany(  # type: ignore[union-attr]
        statement,
        ((*row[:-1], row[-1].strftime("%Y-%m-%d %H:%M:%S.000000")) for row in rows(count, first_group)),  # type: ignore[attr-defined]
    )


def _pour_postgres(connection: Connection, count: int, first_group: int) -> None:
    raw = connection.connection.driver_connection
    with raw.cursor().copy(f"COPY customer ({', '.join(COLUMNS)}) FROM STDIN") as copy:  # type: ignore[union-attr]
        for row in rows(count, first_group):
            copy.write_row(row)
