"""The database itself keeps rows away from tombstones, tombstones down, and the log whole."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gecko import tombstones, triggers
from gecko.db import Base, db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.customers import Customer
from gecko.models.markings import CustomerMarking, Marking
from gecko.models.recalls import RecallTemplate
from gecko.operations import merging
from tests import factories
from tests.gecko.operations.merging.test_merging import get, merge


@pytest.fixture
def merged(app):
    a, b = factories.customer().id, factories.customer().id
    return a, b, merge(a, b)


def run(statement, **values):
    with transaction() as session:
        session.execute(text(statement), values)


def test_every_reference_to_a_customer_that_moves_is_guarded():
    assert {*tombstones.GUARDED} <= tombstones.references()


@pytest.mark.parametrize("table", [table for table, _column in tombstones.GUARDED])
def test_no_row_arrives_at_a_tombstone(merged, table):
    a, b, _merge_id = merged
    other = factories.save(Marking(name="VIP")).id
    payer, calendar = factories.debtor().id, factories.calendar().id
    service = factories.service().id
    template = factories.save(RecallTemplate(name="Kontrol", first_channel="letter")).id
    field = "INSERT INTO customer_field (name, type) VALUES ('x', 'line')"
    run(field)
    run("INSERT INTO contact (name) VALUES ('Mor')")
    rows = {
        "customer_marking": f"(customer_id, marking_id) VALUES (:id, {other})",
        "customer_contact": "(customer_id, contact_id) SELECT :id, max(id) FROM contact",
        "customer_field_value": "(customer_id, field_id, value) SELECT :id, max(id), 'x' FROM customer_field",
        "customer_debtor_link": f"(customer_id, debtor_id) VALUES (:id, {payer})",
        "message": "(customer_id, channel, kind, language, body, dedupe_key, reference, state, not_before, expires_at)"
        " VALUES (:id, 'letter', 'manual', 'da', 'x', 'x', 'x', 'sent', '2026-01-01', '2026-01-01')",
        "booking": "(customer_id, calendar_id, start_at, end_at, shown_minutes)"
        f" VALUES (:id, {calendar}, '2026-01-01 08:00', '2026-01-01 09:00', 60)",
        "invoice_draft": "(customer_id, debtor_id, key, total_ore, changed_at)"
        f" VALUES (:id, {payer}, 'k', 0, '2026-01-01')",
        "recall": "(customer_id, template_id, service_id, first_on, next_on, every, unit)"
        f" VALUES (:id, {template}, {service}, '2026-01-01', '2026-01-01', 1, 'month')",
        "ad_hoc_purchase": "(customer_id, purchased_on, total_ore) VALUES (:id, '2026-01-01', 0)",
        "sale_document": "(customer_id, debtor_id, kind, series, number, issued_at, document_date, due_on, buyer,"
        " seller, term, buyer_name, total_ore, net_ore, vat_ore)"
        f" VALUES (:id, {payer}, 'invoice', 'imported', '1', '2026-01-01', '2026-01-01', '2026-01-01', '{{}}', '{{}}',"
        " '{}', 'x', 0, 0, 0)",
    }
    with pytest.raises(IntegrityError):
        run(f"INSERT INTO {table} {rows[table]}".replace(":id,", f"{b},"))
    run(f"INSERT INTO {table} {rows[table]}".replace(":id,", f"{a},"))
    with pytest.raises(IntegrityError):
        run(f"UPDATE {table} SET customer_id = {b} WHERE customer_id = {a}")


def test_a_tombstone_cannot_rise_but_by_undo(merged):
    a, b, merge_id = merged
    with pytest.raises(IntegrityError):
        run("UPDATE customer SET deleted_at = NULL WHERE id = :id", id=b)
    with transaction():
        merging.undo(merge_id)
    run("UPDATE customer SET deleted_at = CURRENT_TIMESTAMP WHERE id = :id", id=b)
    run("UPDATE customer SET deleted_at = NULL WHERE id = :id", id=b)
    with transaction():
        merging.erase(a)
    with pytest.raises(IntegrityError):
        run("UPDATE customer SET deleted_at = NULL WHERE id = :id", id=a)


@pytest.mark.parametrize("change", ["changes = NULL", "name = 'x'", "entity_id = '***'", "customer_id = NULL"])
def test_the_log_is_never_changed_while_nobody_is_erased(merged, change):
    with pytest.raises(IntegrityError):
        run(f"UPDATE audit_entry SET {change}")


@pytest.mark.parametrize(
    ("change", "may"),
    [("changes = NULL", True), ("changes = NULL, name = 'x'", False), ("entity_id = '***'", False),
     ("changes = '{}'", False), ("changes = NULL, customer_id = 0", False)],
)  # fmt: skip
def test_an_erasure_blanks_values_and_no_more(merged, change, may):
    a, _b, _merge_id = merged
    statement = f"UPDATE audit_entry SET {change} WHERE entity = 'customer'"
    begin = f"INSERT INTO customer_erasure (customer_id) VALUES ({a})"
    if may:
        with transaction() as session:
            session.execute(text(begin))
            session.execute(text(statement))
        assert db.session.query(AuditEntry).filter(AuditEntry.entity == "customer").count()
        return
    with transaction() as session:
        session.execute(text(begin))
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement))


def test_the_way_back_before_merges_leaves_no_trigger_that_asks_for_them(app):
    with transaction() as session:
        connection = session.connection()
        tombstones.remove(connection)
        names = _triggers(connection)
        assert not {name for name in names if "tombstone" in name or "rise" in name}
        triggers.install(connection)
        assert len(_triggers(connection)) > len(names)


def _triggers(connection):
    if connection.dialect.name == "sqlite":
        return list(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    return list(connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")))


def test_documents_that_somebody_files_elsewhere_are_logged_but_not_those_of_a_merge(app):
    who, payer = factories.linked()
    a, b = factories.customer().id, who.id
    invoice_id = factories.invoice(payer.id, customer_id=b).id

    def logged():
        db.session.rollback()
        return db.session.query(AuditEntry).filter(AuditEntry.entity == "sale_document").count()

    merge_id = merge(a, b)
    with transaction():
        merging.undo(merge_id)
    assert logged() == 0
    run("UPDATE sale_document SET customer_id = :a WHERE id = :id", a=a, id=invoice_id)
    assert logged() == 1
    assert get(b).deleted_at is None
    assert Base.metadata.tables["merge"].c.is_running.nullable is False
    assert db.session.query(CustomerMarking).count() == 0
    assert db.session.query(Customer).count() == 2
