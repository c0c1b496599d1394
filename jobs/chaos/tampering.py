"""Tampering: posted rows changed as somebody with the database in hand would, past every trigger, one at a time.

After each, the check of the seal must say that something is wrong and name the row. Then the row is put back, so that
the next one is found for its own sake. On SQLite some are changed as bytes of the file, without any SQL.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select
from sqlalchemy.engine import Connection

from gecko.db import Base, db, transaction
from gecko.models.debtors import Debtor
from gecko.models.documents import SaleLine
from gecko.models.settlements import SettlementMethod
from gecko.operations import checking, debtors, invoicing, ledger, prepaying, settling
from gecko.operations.checking import seal
from gecko.operations.sealing import seals
from gecko.operations.sealing.digesting import TABLES

INVOICES = 300
EVERYTHING_AFTER = 250
"""After so many changes the whole of `gecko check` is run, not only its part that looks at the seal."""
NUMBERS = ("total_ore", "amount_ore", "unit_price_ore")
DATES = ("document_date", "posted_on", "effective_on")


@dataclass(slots=True)
class Reckoning:
    """How many rows were changed in which way, and which of them nobody noticed."""

    tampered: int = 0
    found: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    wrong_after: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether everything was found, and nothing is wrong once it is put back."""
        return not self.missed and self.found == self.tampered and not self.wrong_after


@contextmanager
def unguarded(*tables: str) -> Iterator[Connection]:
    """A connection of one's own to the database, which no trigger or foreign key holds back; commits at the end."""
    db.session.rollback()
    url = db.engine.url
    is_sqlite = url.get_backend_name() == "sqlite"
    engine = create_engine(url, connect_args={"isolation_level": None} if is_sqlite else {})
    try:
        with engine.connect() as connection:
            if is_sqlite:
                yield from _without_triggers(connection, tables)
            else:
                connection.exec_driver_sql("SET SESSION session_replication_role = replica")
                yield connection
            connection.commit()
    finally:
        engine.dispose()


def _without_triggers(connection: Connection, tables: tuple[str, ...]) -> Iterator[Connection]:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    found = connection.exec_driver_sql("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    guards = [(name, sql) for name, table, sql in found if not tables or table in tables]
    for name, _sql in guards:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield connection
    for _name, sql in guards:
        connection.exec_driver_sql(sql)
    connection.exec_driver_sql("COMMIT")


def trade(invoices: int = INVOICES) -> None:
    """Invoices of two lines, two in three paid and settled, and prepayments beside a fourth of them, all sealed."""
    with transaction():
        for n in range(3):
            debtors.create(
                {"company_name": f"Prøve {n} ApS", "address": "Nørregade 1", "postal_code": "8000", "city": "Aarhus C",
                 "phone": "+4586121212", "email": f"faktura{n}@example.dk"}
            )  # fmt: skip
    ids = list(db.session.scalars(select(Debtor.id).order_by(Debtor.id)))
    for start in range(0, invoices, 50):
        with transaction():
            for n in range(start, min(start + 50, invoices)):
                texts = (f"Behandling nummer {n:06d}", f"Materialer til {n:06d}")
                lines = [invoicing.Line(1_000, 10_000 + n, text=words) for words in texts]
                debtor_id = ids[n % len(ids)]
                issued = invoicing.issue(debtor_id=debtor_id, lines=lines)
                if n % 3:
                    ledger.record_payment(debtor_id, issued.total_ore)
                    settling.write(debtor_id, settling.match(settling.open_of(debtor_id)), SettlementMethod.MANUAL)
                if not n % 4:
                    prepaying.pay_in(debtor_id, 1_000 + n)
    seals.seal_all()


def run(rows: int, *, dice: random.Random, told: Callable[[int], None] = lambda done: None) -> Reckoning:
    """Change `rows` random rows, one after the other, and see that each is found."""
    reckoning = Reckoning()
    ways: list[Callable[[random.Random], Any]] = [_number, _date, _text, _delete, _insert, _swap]
    if db.engine.dialect.name == "sqlite":
        ways.append(_bytes)
    for n in range(1, rows + 1):
        way = ways[n % len(ways)]
        with way(dice) as named:
            is_whole = n % EVERYTHING_AFTER == 0
            said = next(one for one in checking.run() if one.name == "seal") if is_whole else seal.chain()
            reckoning.tampered += 1
            kind = way.__name__.strip("_")
            reckoning.kinds[kind] = reckoning.kinds.get(kind, 0) + 1
            if not said.is_ok and all(any(one in problem for problem in said.problems) for one in named):
                reckoning.found += 1
            else:
                reckoning.missed.append(f"{kind} of {' and '.join(named)}")
        told(n)
    db.session.rollback()
    reckoning.wrong_after = [problem for one in checking.run() for problem in one.problems]
    return reckoning


@contextmanager
def _changed(table: str, ids: list[int], *statements: str) -> Iterator[list[str]]:
    """Rows as they are after these statements; put back afterwards. Yields what a check should name."""
    listed = ", ".join(map(str, ids))
    kept = "gecko_chaos_kept"
    with unguarded(table) as connection:
        connection.exec_driver_sql(f"CREATE TABLE {kept} AS SELECT * FROM {table} WHERE id IN ({listed})")
        for statement in statements:
            connection.exec_driver_sql(statement)
    yield [f"{table} {one} " for one in ids]
    with unguarded(table) as connection:
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE id IN ({listed})")
        columns = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[table].columns)
        connection.exec_driver_sql(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {kept}")
        connection.exec_driver_sql(f"DROP TABLE {kept}")


def _any(dice: random.Random, *having: str) -> tuple[str, str, int]:
    """A table, one of the columns that it has of those wanted, and a row."""
    tables = Base.metadata.tables
    table, column = dice.choice([(table, name) for table in TABLES for name in having if name in tables[table].c])
    ids = list(db.session.scalars(select(tables[table].c.id)))
    return table, column, dice.choice(ids)


def _number(dice: random.Random) -> Any:
    table, column, row_id = _any(dice, *NUMBERS)
    off = "net_ore = net_ore + 1, " if table == "sale_document" else ""
    return _changed(table, [row_id], f"UPDATE {table} SET {off}{column} = {column} + 1 WHERE id = {row_id}")


def _date(dice: random.Random) -> Any:
    table, column, row_id = _any(dice, *DATES)
    return _changed(table, [row_id], f"UPDATE {table} SET {column} = '2001-02-03' WHERE id = {row_id}")


def _text(dice: random.Random) -> Any:
    table, column, row_id = _any(dice, "text", "buyer_name")
    return _changed(table, [row_id], f"UPDATE {table} SET {column} = {column} || '.' WHERE id = {row_id}")


def _delete(dice: random.Random) -> Any:
    table, _column, row_id = _any(dice, "id")
    return _changed(table, [row_id], f"DELETE FROM {table} WHERE id = {row_id}")


def _insert(dice: random.Random) -> Any:
    """A copy of a row below the first one, without what must be unique."""
    table, _column, row_id = _any(dice, "id")
    made = -row_id
    own = {"id": str(made), "number": f"'x{row_id}'", "position": str(made)}
    own |= dict.fromkeys(("idempotency_key", "reverses_id", "sequence_no"), "NULL")
    own |= {"document_id": "NULL"} if table == "debtor_posting" else {}
    own |= {"undoes_id": "NULL"}
    names = [column.name for column in Base.metadata.tables[table].columns]
    given = ", ".join(own.get(name, name) for name in names)
    statement = f"INSERT INTO {table} ({', '.join(names)}) SELECT {given} FROM {table} WHERE id = {row_id}"
    return _changed(table, [made], statement)


def _swap(dice: random.Random) -> Any:
    """Two lines of invoices change their texts."""
    first, second = dice.sample(list(db.session.scalars(select(SaleLine.id))), 2)
    texts = dict(db.session.execute(select(SaleLine.id, SaleLine.text).where(SaleLine.id.in_((first, second)))).all())
    pairs = ((first, texts[second]), (second, texts[first]))
    return _changed(
        "sale_line", [first, second],
        *(f"UPDATE sale_line SET text = '{words}' WHERE id = {row_id}" for row_id, words in pairs),
    )  # fmt: skip


@contextmanager
def _bytes(dice: random.Random) -> Iterator[list[str]]:
    """The first letter of a line's text, changed in the file itself."""
    row_id = dice.choice(list(db.session.scalars(select(SaleLine.id))))
    was = db.session.scalars(select(SaleLine.text).where(SaleLine.id == row_id)).one().encode()
    becomes = b"~" + was[1:]
    _rewrite(was, becomes)
    yield [f"sale_line {row_id} "]
    _rewrite(becomes, was)


def _rewrite(was: bytes, becomes: bytes) -> None:
    """Replace bytes of SQLite's file, while nobody has it open and everything is in it."""
    db.session.rollback()
    db.session.remove()
    db.engine.dispose()
    path = Path(str(db.engine.url.database))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes()
    if was not in content:
        raise RuntimeError("what is to be rewritten is not in the file")
    path.write_bytes(content.replace(was, becomes))
