"""Signatures and keys follow every write, whoever makes it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert, select, text, update

from gecko.db import _WRITING, db, transaction
from gecko.models.customers import Customer
from gecko.models.matching import COMPARED, MatchKey, MatchMark, MatchSignature
from gecko.operations import customers
from gecko.operations.matching import keeping, keys, scans
from gecko.operations.matching.normalising import FIELDS, normalise
from gecko.operations.matching.signature import pack
from tests import factories
from tests.gecko.operations.importing.files import bring_in
from tests.gecko.operations.matching.bases import fill, statements

ANNE = {
    "name": "Anne Marie Jensen", "address": "Nørregade 12, 2. tv", "postal_code": "8000", "city": "Aarhus C",
    "mobile": "+4520123456", "telephone": "+4586121314", "email": "anne.jensen@mail.dk",
    "birth_date": date(1980, 2, 3),
}  # fmt: skip


def expected(customer: Customer) -> tuple[bytes, set[int]]:
    signature = pack(normalise({name: getattr(customer, name) for name in FIELDS}))
    return signature, {key for _kind, key in keys.of(signature)}


def stored(customer_id: int) -> tuple[bytes | None, set[int]]:
    signature = db.session.scalar(select(MatchSignature.signature).where(MatchSignature.customer_id == customer_id))
    return signature, set(db.session.scalars(select(MatchKey.key).where(MatchKey.customer_id == customer_id)))


def is_kept(customer_id: int) -> bool:
    db.session.rollback()
    mark = db.session.get(MatchMark, customer_id)
    return stored(customer_id) == expected(db.session.get(Customer, customer_id)) and not mark.is_stale


def outside(statement: str) -> None:
    db.session.rollback()
    with db.engine.connect().execution_options(**{_WRITING: True}) as connection, connection.begin():
        connection.execute(text(statement))


def test_the_watched_columns_are_those_that_are_compared():
    assert set(COMPARED) == {*FIELDS, "group_id", "deleted_at"}


def test_every_way_of_writing_is_followed(app):
    customer_id = factories.customer(**ANNE).id
    assert is_kept(customer_id)
    _signature, before = stored(customer_id)
    with transaction():
        row_version = db.session.get(Customer, customer_id).row_version
        customers.update(customer_id, {"email": "am@jensen.dk", "mobile": None}, row_version=row_version)
    assert is_kept(customer_id)
    assert stored(customer_id)[1] < before | stored(customer_id)[1]
    with transaction() as session:  # a change of many rows that no object sees
        session.execute(update(Customer).where(Customer.id == customer_id).values(name="Anna Marie Jensen"))
    assert is_kept(customer_id)
    with transaction() as session:
        session.execute(text("UPDATE customer SET postal_code = '9000'"))
    assert is_kept(customer_id)
    with transaction() as session:
        group = factories.primary_group().id
        session.execute(insert(Customer), [{"name": f"Bo Holm {n}", "group_id": group} for n in range(3)])
    for row_id in db.session.scalars(select(Customer.id)).all():
        assert is_kept(row_id)


def test_the_deleted_leave_and_come_back(app):
    customer_id = factories.customer(**ANNE).id
    before = stored(customer_id)
    with transaction():
        customers.delete(customer_id)
    assert stored(customer_id) == (None, set())
    with transaction():
        customers.restore(customer_id)
    assert stored(customer_id) == before


def test_the_group_moves_with_the_customer(app):
    customer_id, group_id = factories.customer(**ANNE).id, factories.group().id
    with transaction():
        db.session.get(Customer, customer_id).group_id = group_id
    row = db.session.get(MatchSignature, customer_id)
    assert row.group_id == group_id
    assert is_kept(customer_id)


def test_what_does_not_change_the_evidence_writes_nothing(app):
    customer_id = factories.customer(**ANNE).id
    with statements() as seen, transaction():
        db.session.get(Customer, customer_id).note = "Ringer selv"
    assert len(seen) == 1
    assert seen[0].lstrip().startswith("SELECT")


def test_a_refused_transaction_leaves_no_trace(app):
    customer_id = factories.customer(**ANNE).id
    before = stored(customer_id)

    def change():
        with transaction() as session:
            session.get(Customer, customer_id).name = "Bo Holm"
            keeping.keep(session, [customer_id])
            assert stored(customer_id) != before
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert stored(customer_id) == before


def test_a_change_by_other_tools_is_marked_and_mended(app):
    customer_id = factories.customer(**ANNE).id
    outside(f"UPDATE customer SET name = 'Bo Holm' WHERE id = {customer_id}")
    mark = db.session.get(MatchMark, customer_id)
    assert (mark.is_stale, mark.is_outside) == (True, True)
    factories.customer(name="Somebody else")
    assert not is_kept(customer_id)  # nobody's transaction pays for it
    assert scans.mend() == 1
    assert is_kept(customer_id)


def test_a_customer_removed_by_other_tools_leaves_at_the_next_mending(app):
    customer_id = factories.customer(**ANNE).id
    outside(f"DELETE FROM customer WHERE id = {customer_id}")
    scans.mend()
    assert stored(customer_id) == (None, set())


def test_each_change_draws_a_new_stamp(app):
    customer_id = factories.customer(**ANNE).id
    stamps = set()
    for name in ("Anne", "Bo", "Cecilie"):
        with transaction():
            db.session.get(Customer, customer_id).name = name
        stamps.add(db.session.get(MatchMark, customer_id).stamp)
    assert len(stamps) == 3


def test_one_write_takes_few_statements(app):
    customer_id = factories.customer(**ANNE).id
    with statements() as seen, transaction():
        db.session.get(Customer, customer_id).name = "Anne Marie Holm"
    if db.engine.dialect.name == "postgresql":
        assert len(seen) == 2  # what changed, and all that is written
    else:
        assert [one for one in seen if one.lstrip().startswith("SELECT")] == [seen[0]]


def test_a_key_that_changes_is_one_that_goes_and_one_that_comes(sqlite_app):
    customer_id = factories.customer(**ANNE).id
    with statements() as seen, transaction():
        db.session.get(Customer, customer_id).mobile = "+4520987654"
    tables = [" ".join(one.replace("FROM ", "").replace("INTO ", "").split()[:4]) for one in seen]
    assert [table.split(" (")[0] for table in tables[1:]] == [
        "INSERT match_signature", "DELETE match_key WHERE key", "UPDATE match_mark SET is_stale",
        "INSERT OR IGNORE match_key",
    ]  # fmt: skip
    assert tables[0].startswith("SELECT")


def test_a_write_does_not_walk_through_what_other_tools_changed(sqlite_app):
    plan = [row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {keeping._OWN_SQLITE}"))]
    assert any("SEARCH match_mark USING INDEX ix_match_mark_stale (is_outside=?)" in step for step in plan), plan


def test_a_write_does_not_walk_through_the_base_where_nobody_counted_the_marks(postgres_app):
    fill(2_000)
    plan = "\n".join(row[0] for row in db.session.execute(text(f"EXPLAIN {keeping._OWN_POSTGRES}")))
    for index in ("ix_match_mark_stale", "pk_customer", "pk_match_signature"):
        assert f"Index Scan using {index}" in plan or f"Index Scan on {index}" in plan, plan
    assert "Hash" not in plan


def test_the_server_plans_what_is_written_once_for_all(postgres_app):
    customer_id = factories.customer(**ANNE).id
    for mobile in [None, "+4520987654"] * 7:  # the driver lets it plan what it sends for the sixth time
        with transaction():
            db.session.get_one(Customer, customer_id).mobile = mobile
    prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%WITH settled%'"
    assert db.session.scalar(text(prepared)) == 1


def test_imports_are_followed(sqlite_app, tmp_path):
    lines = "".join(f"{n},Person{'abcdefgh'[n % 8]} Holm{n},8000\n" for n in range(1, 41))
    mapping = {"kind": "customers", "columns": {"number": "no", "name": "who", "postal_code": "zip"}}
    bring_in(tmp_path, f"no,who,zip\n{lines}", mapping)
    ids = db.session.scalars(select(Customer.id)).all()
    assert len(ids) == 40
    assert all(is_kept(customer_id) for customer_id in ids)
    bring_in(tmp_path, "no,who,zip\n7,Xaver Quist,9000\n", {**mapping, "update": True})
    changed = db.session.scalar(select(Customer.id).where(Customer.name == "Xaver Quist"))
    assert is_kept(changed)
