"""Erasing: nothing personal is left in any table, money rows are, and nothing brings it back."""

import pytest
from sqlalchemy import select, text

from gecko.db import Base, db, transaction
from gecko.errors import Conflict, Invalid, NotFound
from gecko.models.address_failures import Channel
from gecko.models.audit import AuditEntry
from gecko.models.bookings import Booking, DeletedBy
from gecko.models.contacts import Contact
from gecko.models.customer_fields import CustomerField, CustomerFieldValue, FieldType
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor
from gecko.models.documents import SaleDocument
from gecko.models.markings import Marking
from gecko.models.merges import CustomerErasure
from gecko.models.postings import DebtorPosting
from gecko.operations import address_failures, contacts, customers, debtor_links, markings, merging
from gecko.permissions import Principal
from tests import factories, invariants
from tests.gecko.operations.merging.test_merging import get, merge, undo

SECRETS = ("Kanariefugl", "kanarie", "Fuglevej", "20123456", "Hemmelig")


def erase(customer_id, **values):
    with transaction():
        return merging.erase(customer_id, **values)


def traces():
    """Where any of the planted words still stands, but for the books."""
    db.session.rollback()
    found = set()
    for table in Base.metadata.sorted_tables:
        if table.name in {"sale_document", "sale_line", "setting"}:
            continue
        for row in db.session.execute(select(table)).mappings():
            said = repr(dict(row))
            found |= {table.name for word in SECRETS if word.lower() in said.lower()}
    return found


@pytest.fixture
def person(app):
    """Somebody with everything, merged from two, and edited since."""
    a = factories.customer(name="Kanariefugl A", email="kanarie@example.dk", note="Hemmelig", number="K1").id
    b = factories.customer(
        name="Kanariefugl B", address="Fuglevej 1", mobile="+4520123456", email="kanarie2@example.dk", number="K2"
    ).id
    vip = factories.save(Marking(name="VIP")).id
    field_id = factories.save(CustomerField(name="Sko", type=FieldType.LINE)).id
    with transaction() as session:
        session.add(CustomerFieldValue(customer_id=b, field_id=field_id, value="Hemmelig 38"))
        for one in (a, b):
            markings.put_on(one, vip, value="Hemmelig")
        only, shared = (contacts.create({"name": name}).id for name in ("Mor Kanariefugl", "Fælles"))
        other = Customer(name="En anden", group_id=factories.primary_group().id)
        session.add(other)
        session.flush()
        contacts.link(b, only, relation="mor")
        contacts.link(b, shared, relation="mor")
        contacts.link(other.id, shared, relation="mor")
    with transaction():
        address_failures.mark_for(b, Channel.EMAIL, reason="findes ikke", address="kanarie2@example.dk", principal=None)
        payer = debtor_links.create_for_customer(b).id
    invoice_id = factories.invoice(payer, customer_id=b).id
    for days in (-7, 7):
        factories.booking(b, days=days, booking_text="Min kanariefugl kommer med", internal_note="Hemmelig")
    merge_id = merge(a, b)
    version = get(a).row_version
    with transaction():
        customers.update(a, {"city": "Fuglevejen"}, row_version=version)
    return a, b, merge_id, invoice_id, payer, only, shared


def test_no_trace_is_left_but_in_the_books(person):
    a, _b, _merge_id, invoice_id, payer, only, shared = person
    assert traces() >= {
        "customer",
        "contact",
        "booking",
        "audit_entry",
        "merge_step",
        "merge_alias",
        "address_failure",
        "debtor",
    }
    found = erase(a)
    assert (found.absorbed, found.documents, found.bookings, found.cancelled) == (1, 1, 2, 1)
    assert traces() == {"debtor", "audit_entry"}  # the debtor who is in the books, with its own log
    entries = [row for row in db.session.scalars(select(AuditEntry)) if "anarie" in repr(row.changes)]
    assert {row.entity for row in entries} == {"debtor"}
    assert db.session.get(SaleDocument, invoice_id).customer_id == a
    assert db.session.scalar(select(DebtorPosting.amount_ore)) == 10_000
    assert db.session.get(Debtor, payer).name == "Kanariefugl B"
    assert db.session.get(Contact, only).deleted_at is not None
    assert db.session.get(Contact, shared).deleted_at is None
    assert [check.name for check in invariants.checked() if not check.is_ok] == []


def test_bookings_stay_nameless_and_nobody_is_expected(person):
    a, *_others = person
    erase(a)
    past, coming = db.session.scalars(select(Booking).order_by(Booking.start_at))
    assert {past.customer_id, coming.customer_id} == {a}
    assert (past.deleted_at, past.price_ore) == (None, 30_000)
    assert (coming.deleted_by_kind, coming.deleted_by_id) == (DeletedBy.SYSTEM, None)


def test_nothing_brings_them_back(person):
    a, b, merge_id, *_others = person
    erase(a)
    with pytest.raises(merging.Blocked):
        undo(merge_id)
    for one in (a, b):
        with pytest.raises(Invalid), transaction():
            customers.restore(one)
    erasures = len(db.session.scalars(select(CustomerErasure)).all())
    with pytest.raises(NotFound), transaction():
        customers.find(a)
    erase(a)
    assert len(db.session.scalars(select(CustomerErasure)).all()) == erasures == 2


def test_who_did_what_and_when_stays_in_the_log(person):
    a, b, *_others = person

    def entries():
        db.session.rollback()
        return {
            row.id: (row.at, row.action, row.entity, row.customer_id, row.name)
            for row in db.session.scalars(select(AuditEntry).where(AuditEntry.customer_id.in_((a, b))))
        }

    before = entries()
    erase(a)
    after = entries()
    assert after.items() >= before.items()
    assert "customer.erased" in {row[1] for row in after.values()}


def test_an_undone_merge_is_forgotten_too(person):
    a, b, merge_id, *_others = person
    undo(merge_id)
    erase(b)
    assert get(b).name == "***"
    assert get(a).name == "Kanariefugl A"
    steps = db.session.execute(text("SELECT before, after FROM merge_step")).all()
    assert all(value in (None, "null") for row in steps for value in row)


def test_one_who_was_merged_is_erased_with_the_survivor_alone(sqlite_app):
    a, b = factories.customer().id, factories.customer().id
    merge_id = merge(a, b)
    with pytest.raises(Invalid, match=str(merge_id)):
        erase(b)


def test_erasing_asks_for_the_version_and_the_right_group(sqlite_app):
    a, group_id = factories.customer().id, factories.group().id
    with pytest.raises(Conflict):
        erase(a, row_version=7)
    with pytest.raises(NotFound):
        erase(a, principal=Principal(1, None, "x", "X", groups=frozenset({group_id})))
    assert get(a).deleted_at is None


def test_a_debtor_without_books_goes_too(sqlite_app):
    a = factories.customer(name="Kanariefugl", mobile="+4520123456").id
    with transaction():
        payer = debtor_links.create_for_customer(a).id
    erase(a)
    assert traces() == set()
    assert db.session.get(Debtor, payer).deleted_at is not None


def test_the_name_is_found_no_more(app):
    a = factories.customer(name="Kanariefugl").id
    erase(a)
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        found = text("SELECT rowid FROM customer_fts WHERE customer_fts MATCH 'kanarie'")
        assert db.session.execute(found).all() == []
    signatures = text("SELECT count(*) FROM match_signature WHERE customer_id = :id")
    assert db.session.scalar(signatures, {"id": a}) == 0
