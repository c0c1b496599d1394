"""The back-fill gives what keeping would have given, also while people work, and goes on where it was stopped."""

from __future__ import annotations

import threading
import time
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from gecko.db import db, is_transient, transaction
from gecko.models.customers import Customer
from gecko.models.matching import MatchKey, MatchSignature
from gecko.operations import customers
from gecko.operations.matching import filling, keeping, loading, store
from gecko.operations.matching.signature import SIZE
from jobs.commands.database import database
from tests import factories
from tests.gecko.operations.matching.bases import fill


def everything() -> tuple[list, list]:
    db.session.rollback()
    entries = select(MatchSignature.customer_id, MatchSignature.group_id, MatchSignature.signature)
    keys = select(MatchKey.key, MatchKey.customer_id)
    return (
        db.session.execute(entries.order_by(MatchSignature.customer_id)).all(),
        db.session.execute(keys.order_by(MatchKey.key, MatchKey.customer_id)).all(),
    )


def wipe() -> None:
    with transaction() as session:
        session.execute(text("DELETE FROM match_key"))
        session.execute(text("DELETE FROM match_signature"))
        session.execute(text("UPDATE match_state SET signatures = 0"))


@pytest.fixture
def small_steps(monkeypatch):
    monkeypatch.setattr(filling, "CUSTOMERS_AT_ONCE", 7)
    monkeypatch.setattr(filling, "KEYS_AT_ONCE", 50)
    monkeypatch.setattr(filling, "CUSTOMERS_A_PART", 20)


def test_it_gives_what_keeping_gives(app, small_steps):
    fill(90)
    with transaction():
        customers.delete(5)
    kept = everything()
    assert len(kept[0]) == 89
    wipe()
    assert filling.is_needed()
    assert filling.run() == 89
    assert not filling.is_needed()
    assert everything() == kept


def test_no_key_of_a_customer_is_inserted_twice(app, small_steps):
    fill(60, name="Holm Holm", birth_date=date(1980, 5, 6))  # both names give the same key with the birth date
    base = loading.load(db.session.connection())
    rows = [row for found, ids in filling._key_slices(base) for row in zip(found.tolist(), ids.tolist(), strict=True)]
    assert rows == sorted(set(rows))
    assert rows == [tuple(row) for row in everything()[1]]


def test_people_go_on_working_meanwhile(app, small_steps):
    fill(60)
    wipe()
    changes = iter(range(1, 1_000))

    def somebody_works(_done: int, _total: int, where: dict) -> None:
        n = next(changes)
        with transaction() as session:
            session.get(Customer, 1 + n * 7 % 60).name = f"Changed Person{n}"
            session.get(Customer, 1 + n * 11 % 60).postal_code = str(1000 + n)
            if n % 5 == 0:
                session.get(Customer, 1 + n * 13 % 60).deleted_at = customers.now()
        factories.customer(name=f"New Person{n}")

    filling.run(progress=somebody_works)
    assert next(changes) > 15
    filled = everything()
    wipe()
    filling.run()
    assert everything() == filled


def until_somebody_waits() -> None:
    """Come back once some connection waits for a lock."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _attempt in range(400):
        with db.engine.connect() as connection:
            if connection.scalar(waits):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


class Page:
    """Somebody at work: holds a customer's row before the back-fill comes, and writes while it is there."""

    def __init__(self, app, customer_id):
        self._app, self._customer_id, self._error = app, customer_id, []
        self.holds, self.may_write = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        with self._app.app_context():
            try:
                with transaction() as session:
                    row = session.get(Customer, self._customer_id, with_for_update=True)
                    self.holds.set()
                    assert self.may_write.wait(10)
                    row.name = "Written By The Page"
            except Exception as error:
                self._error.append(error)
            finally:
                db.session.remove()

    def begin(self) -> None:
        self._thread.start()
        assert self.holds.wait(10)

    def errors(self) -> list[Exception]:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self._error


def test_a_page_never_gives_way_to_it(postgres_app, small_steps, monkeypatch):
    """The page has the customer and wants the mark; the back-fill has the marks and wants the customer."""
    fill(20)
    wipe()
    page, keep, read = Page(postgres_app, 3), keeping.keep, keeping.as_they_stand
    tries = []

    def read_and_then_somebody_changes(connection, ids):
        found = read(connection, ids)
        if not page.holds.is_set():
            db.session.rollback()
            with transaction() as session:
                session.get(Customer, 3).name = "Changed Behind The Reading"
            page.begin()
        return found

    def keep_what_the_page_holds(session, ids):
        tries.append(list(ids))
        if len(tries) == 1:
            page.may_write.set()
            until_somebody_waits()
        keep(session, ids)

    monkeypatch.setattr(keeping, "as_they_stand", read_and_then_somebody_changes)
    monkeypatch.setattr(keeping, "keep", keep_what_the_page_holds)
    filling.run()
    assert page.errors() == []
    assert tries[0] == [3]
    assert len(tries) > 1, "it came back"
    filled = everything()
    assert db.session.get(Customer, 3).name == "Written By The Page"
    wipe()
    filling.run()
    assert everything() == filled


def test_it_comes_back_when_somebody_holds_the_marks_for_long(postgres_app, monkeypatch):
    fill(5)
    wipe()
    monkeypatch.setattr(filling, "PATIENCE", 0.0)
    with db.engine.connect() as other, other.begin():
        other.exec_driver_sql("LOCK TABLE match_mark IN ROW EXCLUSIVE MODE")
        with pytest.raises(DBAPIError, match="lock timeout"):
            filling.run()
    monkeypatch.undo()
    assert filling.run() == 5


class Stopped(Exception):
    pass


@pytest.mark.parametrize("steps", [3, 9, 12])
def test_it_goes_on_where_it_was_stopped(sqlite_app, small_steps, steps):
    fill(50)
    kept = everything()
    wipe()
    told: list[dict] = []

    def stop(_done: int, _total: int, where: dict) -> None:
        told.append(where)
        if len(told) == steps:
            raise Stopped

    with pytest.raises(Stopped):
        filling.run(progress=stop)
    assert everything() != kept
    with transaction():
        db.session.get(Customer, 2).name = "Changed In Between"
        db.session.get(Customer, 49).name = "Changed In Between, Too"
    filling.run(resume=told[-1])
    filled = everything()
    wipe()
    filling.run()
    assert everything() == filled


def test_entries_that_are_there_stay(app):
    fill(3)
    before = everything()[0]
    with transaction() as session:
        session.execute(text("DELETE FROM match_signature WHERE customer_id = 2"))
        store.add_entries(session.connection(), [(number, 77, bytes([number] * SIZE)) for number in (1, 2, 3)])
    assert everything()[0] == [before[0], (2, 77, bytes([2] * SIZE)), before[2]]


def test_the_server_is_told_what_it_holds_now(postgres_app):
    fill(40)
    wipe()
    filling.run()
    tables = ("match_signature", "match_key")
    counts = [len(rows) for rows in everything()]
    for table, count in zip(tables, counts, strict=True):
        row = db.session.execute(
            text(
                "SELECT c.reltuples, s.vacuum_count, s.analyze_count FROM pg_class c"
                " JOIN pg_stat_user_tables s ON s.relid = c.oid WHERE c.relname = :table"
            ),
            {"table": table},
        ).one()
        assert row == (count, 1, 1)


def test_what_the_server_refuses_is_told_as_everywhere(postgres_app):
    """The back-fill comes back where it was told that somebody is in the way."""
    refusal = "DO $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = 'lock_not_available'; END $$"
    with pytest.raises(DBAPIError, match="not now") as told:
        store.fetch(db.session.connection(), refusal)
    assert is_transient(told.value)


def test_an_installation_without_customers_lacks_nothing(sqlite_app):
    assert not filling.is_needed()


def test_an_upgrade_fills_what_is_missing(sqlite_app):
    fill(30)
    kept = everything()
    wipe()
    done = sqlite_app.test_cli_runner().invoke(database, ["upgrade"])
    assert "Customers are prepared" in done.output
    assert everything() == kept
    assert "Customers are prepared" not in sqlite_app.test_cli_runner().invoke(database, ["upgrade"]).output
