"""`gecko check`: clean on a working ledger, and red for every kind of planted fault."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy import text

from gecko.db import _WRITING, db
from gecko.operations import checking
from gecko.operations.checking import database, money
from jobs.commands.check import check
from tests import factories, invariants
from tests.gecko.operations.importing.files import INVOICES, bring_in

HEAD = "no,date,customer,qty,total\n"
FILE = HEAD + "1,12/1/09 7:45,7,2,10.50\nC2,12/2/09 7:45,7,-1,-3.00\n3,12/3/09 7:45,8,1,5.00\n"


def tamper(*statements: str) -> None:
    """Change the database behind the product's back: no log, no triggers, no foreign keys."""
    db.session.rollback()
    with db.engine.connect().execution_options(**{_WRITING: True}) as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.exec_driver_sql("SELECT 1")
            connection.rollback()
            raw = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys=OFF")
            triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger'").fetchall()
            raw.execute("BEGIN IMMEDIATE")
            for name, _sql in triggers:
                raw.execute(f'DROP TRIGGER "{name}"')
            for statement in statements:
                raw.execute(statement)
            for _name, sql in triggers:
                raw.execute(sql)
            raw.execute("COMMIT")
            raw.execute("PRAGMA foreign_keys=ON")
        else:
            connection.execute(text("SET session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement))
            connection.execute(text("SET session_replication_role = DEFAULT"))
            connection.commit()


def wrong() -> set[str]:
    db.session.rollback()
    return {one.name for one in invariants.checked() if not one.is_ok}


POSTING = "INSERT INTO debtor_posting (debtor_id, kind, amount_ore, posted_on, text, reverses_id) VALUES"
MERGE = "INSERT INTO merge (survivor_id, counts, marks, is_running) VALUES (1, '{}', '{}', "
TOMBSTONE = "INSERT INTO merged_customer (merge_id, customer_id, survivor_id) SELECT max(id), 2, 1 FROM merge"
FAULTS: dict[str, tuple[str, list[str]]] = {
    "line": ("document_lines", ["UPDATE sale_line SET total_ore = total_ore + 1 WHERE id = 1"]),
    "no line": ("document_lines", ["DELETE FROM sale_line WHERE id = 1"]),
    "vat of a line": ("document_lines", ["UPDATE sale_line SET vat_ore = 1 WHERE id = 1"]),
    "amount of a posting": ("document_postings", ["UPDATE debtor_posting SET amount_ore = 1 WHERE id = 1"]),
    "debtor of a posting": ("document_postings", ["UPDATE debtor_posting SET debtor_id = 2 WHERE id = 1"]),
    "no posting": ("outstanding", ["DELETE FROM debtor_posting WHERE id = 1"]),
    "loose posting": ("document_postings", [f"{POSTING} (1, 'invoice', 5, '2020-01-01', 'x', NULL)"]),
    "half a reversal": ("reversals", [f"{POSTING} (1, 'reversal', -1, '2020-01-01', 'x', 1)"]),
    "a reversal of nothing": ("reversals", [f"{POSTING} (1, 'reversal', -1, '2020-01-01', 'x', NULL)"]),
    "two debtors": ("links", [
        "DROP INDEX uq_customer_debtor_link_open",
        "INSERT INTO customer_debtor_link (customer_id, debtor_id) VALUES (1, 2)"]),
    "a settlement between debtors": ("balances", [
        "INSERT INTO settlement (id, debtor_id, effective_on, method) VALUES (1, 1, '2020-01-01', 'manual')",
        "INSERT INTO settlement_line (settlement_id, debit_posting_id, credit_posting_id, amount_ore, effective_on)"
        " VALUES (1, 3, 2, 100, '2020-01-01')"]),
    "a link to nobody": ("links", ["UPDATE customer_debtor_link SET debtor_id = 99 WHERE id = 1"]),
    "a linked debtor deleted": ("links", ["UPDATE debtor SET deleted_at = '2020-01-01 00:00:00' WHERE id = 1"]),
    "a reference to nothing": ("references", ["UPDATE customer SET group_id = 99 WHERE id = 1"]),
    "rows at a tombstone": ("merges", [
        f"{MERGE}false)", TOMBSTONE, "UPDATE customer SET deleted_at = '2020-01-01 00:00:00' WHERE id = 2"]),
    "a tombstone in the lists": ("merges", [
        f"{MERGE}false)", TOMBSTONE, "UPDATE sale_document SET customer_id = 1",
        "UPDATE customer_debtor_link SET customer_id = 1, unlinked_at = linked_at"]),
    "half a merge": ("merges", [f"{MERGE}true)"]),
    "half an erasure": ("merges", ["INSERT INTO customer_erasure (customer_id) VALUES (1)"]),
    "a change from outside": ("log", [
        "INSERT INTO audit_entry (action, entity, entity_id) VALUES ('update', 'customer', '1')"]),
    "a gap": ("numbers", [
        "UPDATE number_series SET next_no = 3 WHERE code = 'invoice'",
        "UPDATE sale_document SET series = 'invoice', sequence_no = 2 WHERE id = 1"]),
    "a number used again": ("numbers", [
        "UPDATE sale_document SET series = 'invoice', sequence_no = 1 WHERE id = 1"]),
    "a customer not counted": ("names", ["UPDATE customer_name_count SET customers = customers + 1"]),
}  # fmt: skip
SCHEMA_FAULTS = ["DROP INDEX ix_customer_email", "UPDATE alembic_version SET version_num = 'none'"]
SQLITE_FAULTS = {
    "a word missing in search": ("search", ["UPDATE customer SET name = 'Somebody else' WHERE id = 1"]),
    "a leftover context": ("log", ["INSERT INTO audit_context (id, name) VALUES (1, 'x')"]),
}


@pytest.fixture
def ledger(app, tmp_path) -> None:
    bring_in(tmp_path, FILE, INVOICES)


def test_a_working_ledger_is_clean_and_shows_its_figures(app, ledger):
    db.session.rollback()
    figures = {one.name: one.figures for one in checking.run()}
    assert wrong() == set()
    assert figures["outstanding"]["total_ore"] == 1050 - 300 + 500
    assert figures["document_lines"]["documents"] == 3
    result = app.test_cli_runner().invoke(check, ["--json"])
    found = json.loads(result.stdout)
    assert (result.exit_code, found["ok"]) == (0, True)
    assert {"name", "ok", "figures", "problems"} == set(found["checks"][0])
    assert "ok     outstanding" in app.test_cli_runner().invoke(check).output


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_planted_fault_turns_its_check_red(app, ledger, fault):
    name, statements = FAULTS[fault]
    tamper(*statements)
    assert name in wrong()


@pytest.mark.parametrize("fault", SCHEMA_FAULTS)
def test_a_schema_that_is_another_is_seen(sqlite_app, fault):
    assert database.migrations().is_ok
    tamper(fault)
    assert not database.migrations().is_ok


def test_a_planted_fault_turns_the_command_red(postgres_app, tmp_path):
    bring_in(tmp_path, FILE, INVOICES)
    tamper(*(statement for name in ("line", "half a reversal", "a link to nobody", "a change from outside", "a gap")
             for statement in FAULTS[name][1]))  # fmt: skip
    assert {"document_lines", "reversals", "links", "references", "log", "numbers"} <= wrong()
    result = postgres_app.test_cli_runner().invoke(check)
    assert result.exit_code == 1
    assert "WRONG  numbers" in result.output


@pytest.mark.parametrize("fault", SQLITE_FAULTS)
def test_a_planted_fault_of_sqlite_turns_its_check_red(sqlite_app, tmp_path, fault):
    bring_in(tmp_path, FILE, INVOICES)
    name, statements = SQLITE_FAULTS[fault]
    tamper(*statements)
    assert name in wrong()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER gecko_audit_customer_update",
        "DROP TRIGGER gecko_immutable_debtor_posting_delete",
        "DROP TABLE item_fts",
        "CREATE TRIGGER gecko_more AFTER INSERT ON item BEGIN SELECT 1; END",
    ],
)
def test_a_trigger_that_is_missing_or_too_many_is_seen_on_sqlite(sqlite_app, statement):
    with db.engine.connect() as connection:
        connection.exec_driver_sql(statement)
        connection.commit()
    assert "log_triggers" in wrong()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER gecko_audit ON customer",
        "ALTER TABLE debtor_posting DISABLE TRIGGER gecko_immutable",
        "CREATE OR REPLACE FUNCTION gecko_immutable() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE OR REPLACE TRIGGER gecko_audit AFTER INSERT ON item FOR EACH ROW"
        " EXECUTE FUNCTION gecko_audit('name', '', 'id', '')",
        "DROP INDEX trgm_customer",
    ],
)
def test_a_trigger_that_is_missing_off_or_changed_is_seen_on_postgres(postgres_app, statement):
    with db.engine.connect() as connection:
        connection.exec_driver_sql(statement)
        connection.commit()
    assert "log_triggers" in wrong()


def test_what_is_written_meanwhile_is_no_fault(app, monkeypatch):
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id, 1_000)

    def issue_another():
        with app.app_context():
            factories.invoice(debtor_id, 500)
            db.session.remove()

    def work_goes_on():
        colleague = threading.Thread(target=issue_another)
        colleague.start()
        colleague.join()
        return checking.Check("work", True, {})

    monkeypatch.setattr(checking, "CHECKS", (money.document_postings, work_goes_on, money.outstanding))
    before, _work, after = checking.run()
    assert before.figures["documents_ore"] == after.figures["total_ore"] == 1_000
    assert checking.run()[2].figures["total_ore"] == 1_500  # and nobody was kept from writing
