"""The connections to the database: one that died while it waited is replaced, and none is asked without need."""

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import InternalError

from gecko import db as database
from gecko.db import db, transaction


@pytest.fixture
def pool(app):
    if db.engine.dialect.name == "sqlite":
        pytest.skip("a file does not hang up")
    db.session.remove()
    db.engine.dispose()


def asked() -> int:
    """Use a connection once; returns the server process behind it."""
    process = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.remove()
    return process


def hang_up(process: int) -> None:
    engine = create_engine(db.engine.url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})


def test_a_connection_that_died_while_it_waited_is_replaced(app, pool, monkeypatch):
    monkeypatch.setattr(database, "TRUSTED_FOR", 0.0)
    first = asked()
    hang_up(first)
    assert asked() != first


def test_a_connection_used_just_now_is_not_asked(app, pool, monkeypatch):
    pings = []
    monkeypatch.setattr(db.engine.dialect, "do_ping", lambda connection: pings.append(connection))
    monkeypatch.setattr(database, "TRUSTED_FOR", 60.0)
    assert asked() == asked()
    assert pings == []
    monkeypatch.setattr(database, "TRUSTED_FOR", 0.0)
    asked()
    assert len(pings) == 1


def test_reading_begins_no_transaction_and_writes_nothing(app, pool):
    database.only_read()
    db.session.execute(text("SELECT 1"))
    connection = db.session.connection().connection.driver_connection
    assert connection.info.transaction_status is TransactionStatus.IDLE
    with pytest.raises(InternalError, match="read-only"):
        db.session.execute(text("UPDATE match_state SET model = 5"))
    db.session.rollback()
    with transaction() as session:
        session.execute(text("UPDATE match_state SET model = 5"))
        again = session.connection().connection.driver_connection
        assert again is connection
        assert again.info.transaction_status is TransactionStatus.INTRANS
        session.execute(text("SELECT 1"))


def test_a_reader_who_asks_for_one_snapshot_gets_it(app, pool):
    database.only_read()
    connection = db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    db.session.execute(text("SELECT 1"))
    assert connection.connection.driver_connection.info.transaction_status is TransactionStatus.INTRANS
