"""Merging and undoing on both databases: rows follow, values are settled, everything comes back."""

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid, NotFound
from gecko.models.audit import AuditEntry
from gecko.models.customers import Customer
from gecko.models.documents import SaleDocument
from gecko.models.merges import Merge
from gecko.operations import audit_log, customers, merging
from gecko.permissions import Principal
from tests import factories, invariants
from tests.gecko.operations.merging.digests import digest


def merge(survivor_id, *absorbed_ids, **values):
    with transaction():
        return merging.merge(survivor_id, absorbed_ids, **values).id


def undo(merge_id):
    with transaction():
        return merging.undo(merge_id)


def get(customer_id):
    db.session.rollback()
    return db.session.get(Customer, customer_id)


def test_everything_follows_and_comes_back(app):
    old, payer = factories.linked(name="Anne Jensen", email="anne@example.dk", number="17", clips_left=2)
    invoice_id = factories.invoice(payer.id, customer_id=old.id).id
    new_id = factories.customer(name="Anne Jensen", mobile="+4520123456", clips_left=1).id
    old_id, before = old.id, digest()

    merge_id = merge(new_id, old_id)
    survivor = get(new_id)
    assert (survivor.email, survivor.number, survivor.clips_left) == ("anne@example.dk", "17", 3)
    assert get(old_id).deleted_at is not None
    assert db.session.get(SaleDocument, invoice_id).customer_id == new_id
    assert merging.resolve(old_id) == new_id
    assert [check for check in invariants.checked() if not check.is_ok] == []

    undone = undo(merge_id)
    assert undone.revived_ids == (old_id,)
    assert undone.back == {"sale_document": 1, "customer_debtor_link": 1}
    assert undone.kept == ()
    assert digest() == before
    assert merging.resolve(old_id) == old_id
    assert [check for check in invariants.checked() if not check.is_ok] == []


def test_undoing_twice_changes_nothing(sqlite_app):
    a, b = factories.customer().id, factories.customer(email="b@example.dk").id
    merge_id = merge(a, b)
    assert undo(merge_id).is_new
    before = digest()
    assert not undo(merge_id).is_new
    assert digest() == before


def test_one_key_is_one_merge(sqlite_app):
    a, b, c = (factories.customer().id for _n in range(3))
    first = merge(a, b, idempotency_key="k")
    assert merge(a, b, idempotency_key="k") == first
    assert db.session.scalar(select(func.count()).select_from(Merge)) == 1
    with pytest.raises(Conflict):
        merge(a, c, idempotency_key="k")


def test_a_customer_changed_since_the_plan_is_a_conflict(sqlite_app):
    a, b = factories.customer().id, factories.customer(name="B").id
    versions = merging.plan(a, [b]).versions
    with transaction():
        customers.update(b, {"name": "Bo"}, row_version=1)
    with pytest.raises(Conflict):
        merge(a, b, versions=versions)
    assert merge(a, b, versions=merging.plan(a, [b]).versions)


@pytest.mark.parametrize("others", [lambda a, b: [], lambda a, b: [a], lambda a, b: [b, 10**9]])
def test_impossible_merges_are_refused(sqlite_app, others):
    a, b = factories.customer().id, factories.customer().id
    with pytest.raises((Invalid, NotFound)):
        merge(a, *others(a, b))
    assert get(b).deleted_at is None


def test_what_was_absorbed_is_no_more_to_be_merged_or_restored(sqlite_app):
    a, b, c = (factories.customer(name=name).id for name in ("A", "B", "C"))
    merge_id = merge(a, b)
    with pytest.raises(NotFound):
        merge(c, b)
    with pytest.raises(Invalid, match=f"flettet ind i A .fletning {merge_id}"), transaction():
        customers.restore(b)
    undo(merge_id)
    assert merge(c, b)


def test_both_sides_of_the_log_tell_of_it(sqlite_app):
    a, b = factories.customer().id, factories.customer().id
    undo(merge(a, b))
    rows = db.session.execute(
        select(AuditEntry.action, AuditEntry.customer_id).where(AuditEntry.action.like("customer.%"))
    )
    assert sorted(map(tuple, rows)) == [
        ("customer.absorbed_others", a), ("customer.merge_undone", a), ("customer.merge_undone", b),
        ("customer.was_absorbed", b),
    ]  # fmt: skip


def test_many_become_one_and_chains_lead_to_the_end(app):
    a, b, c, d = (factories.customer(name=f"K{n}", clips_left=n).id for n in range(4))
    before = digest()
    first, second = merge(a, b, c), merge(d, a)
    assert [merging.resolve(one) for one in (a, b, c, d)] == [d, d, d, d]
    assert get(d).clips_left == 6
    with pytest.raises(merging.Blocked) as error:
        undo(first)
    assert len(error.value.hindrances) == 1
    assert str(second) in str(error.value.hindrances[0])
    undo(second)
    undo(first)
    assert digest() == before


def test_the_survivors_log_holds_what_happened_to_the_absorbed(sqlite_app):
    a, b, c = factories.customer(name="A").id, factories.customer(name="B").id, factories.customer(name="C").id
    everybody, merge_id = Principal(1, None, "x", "X"), merge(b, c)
    merge(a, b)

    def owners(customer_id):
        page = audit_log.page(audit_log.Filter(customer_id=customer_id), principal=everybody)
        return {reading.customer_id for reading in page.readings}

    assert (owners(a), owners(b), owners(c)) == ({a, b, c}, {b, c}, {c})
    assert merge_id
