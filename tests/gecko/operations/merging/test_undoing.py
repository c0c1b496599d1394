"""Undo in whatever order and after whatever people did since: what can be given back is, what cannot is told."""

import pytest
from sqlalchemy import select, text, update

from gecko.db import db, transaction
from gecko.errors import NotFound
from gecko.models.customers import Customer
from gecko.models.documents import SaleDocument
from gecko.models.markings import CustomerMarking, Marking
from gecko.operations import ad_hoc, customers, debtor_links, markings, merging
from gecko.permissions import Principal
from tests import factories
from tests.gecko.operations.merging.digests import digest
from tests.gecko.operations.merging.test_merging import get, merge, undo


def change(customer_id, **values):
    with transaction():
        customers.update(customer_id, values, row_version=get_version(customer_id))


def get_version(customer_id):
    return db.session.scalar(select(Customer.row_version).where(Customer.id == customer_id))


def texts(undone):
    return " ".join(str(one) for one in undone.kept)


def test_what_came_after_stays_and_is_told(app):
    a = factories.customer(name="A").id
    old, payer = factories.linked(name="B")
    b, payer = old.id, payer.id
    item_id = factories.item().id
    merge_id = merge(a, b)
    invoice_id = factories.invoice(payer, customer_id=a).id
    with transaction():
        purchase_id = ad_hoc.create(b, [ad_hoc.AdHocItem(item_id)]).id
    undone = undo(merge_id)
    assert db.session.get(SaleDocument, invoice_id).customer_id == a
    assert (
        db.session.execute(text("SELECT customer_id FROM ad_hoc_purchase WHERE id = :id"), {"id": purchase_id}).scalar()
        == a
    )
    assert len(undone.kept) == 2
    assert debtor_links.debtor_of(b).id == payer


def test_a_value_that_somebody_changed_since_stays(sqlite_app):
    a, b = factories.customer().id, factories.customer(email="b@example.dk", mobile="+4520123456").id
    merge_id = merge(a, b)
    change(a, email="ny@example.dk")
    undone = undo(merge_id)
    assert (get(a).email, get(a).mobile, get(b).email) == ("ny@example.dk", None, "b@example.dk")
    assert "E-mail" in texts(undone)
    assert len(undone.kept) == 1


def test_a_marking_taken_off_or_put_on_again_since_is_not_the_merges(sqlite_app):
    vip = factories.save(Marking(name="VIP")).id
    a, b = factories.customer().id, factories.customer().id
    with transaction():
        markings.put_on(b, vip, value=None)
    merge_id = merge(a, b)
    with transaction():
        markings.take_off(a, vip)
    other = factories.save(Marking(name="Ny")).id
    with transaction():
        markings.put_on(a, other, value=None)  # SQLite gives it the id that came free
    undone = undo(merge_id)
    assert db.session.execute(select(CustomerMarking.customer_id, CustomerMarking.marking_id)).all() == [(a, other)]
    assert len(undone.kept) == 1


def test_clips_go_back_unless_they_are_used(sqlite_app):
    a, b = factories.customer(clips_left=1).id, factories.customer(clips_left=4).id
    merge_id = merge(a, b)
    change(a, clips_left=3)
    with pytest.raises(merging.Blocked, match="4"):
        undo(merge_id)
    change(a, clips_left=9)
    undo(merge_id)
    assert (get(a).clips_left, get(b).clips_left) == (5, 4)


def test_two_merges_into_one_survivor_are_undone_in_either_order(app):
    def people():
        base = {"name": "Anne", "accepts_marketing_sms": True}
        one = factories.customer(**base, note="a", clips_left=1).id
        two = factories.customer(**base | {"accepts_marketing_sms": False}, note="b", email="b@example.dk").id
        three = factories.customer(**base | {"accepts_marketing_sms": False}, note="c", clips_left=2).id
        return one, two, three

    for first in (0, 1):
        a, b, c = people()
        before = digest()
        merges = [merge(a, b), merge(a, c)]
        assert get(a).note == "a\n\nb\n\nc"
        undo(merges[first])
        assert get(a).accepts_marketing_sms is False  # the other one still says no
        undo(merges[1 - first])
        assert digest() == before


def test_a_later_clash_over_what_was_moved_has_to_be_undone_first(sqlite_app):
    vip = factories.save(Marking(name="VIP")).id
    a, b, c = (factories.customer().id for _n in range(3))
    with transaction():
        markings.put_on(b, vip, value=None)
        markings.put_on(c, vip, value=None)
    before = digest()
    first, second = merge(a, b), merge(a, c)
    with pytest.raises(merging.Blocked, match=str(second)):
        undo(first)
    undo(second)
    undo(first)
    assert digest() == before


def test_a_kept_row_whose_marking_is_gone_for_good_blocks(sqlite_app):
    vip = factories.save(Marking(name="VIP")).id
    a, b = factories.customer().id, factories.customer().id
    with transaction():
        markings.put_on(a, vip, value=None)
        markings.put_on(b, vip, value=None)
    merge_id = merge(a, b)
    with transaction():
        markings.take_off(a, vip)
        markings.delete(vip)
    with pytest.raises(merging.Blocked):
        undo(merge_id)
    assert merging.resolve(b) == a


def test_documents_given_to_somebody_else_block(sqlite_app):
    a, other = factories.customer().id, factories.customer().id
    who, payer = factories.linked()
    b = who.id
    factories.invoice(payer.id, customer_id=b)
    merge_id = merge(a, b)
    with transaction() as session:
        session.execute(update(SaleDocument).values(customer_id=other))
    with pytest.raises(merging.Blocked, match="1"):
        undo(merge_id)


def test_a_debtor_linked_since_keeps_the_survivors_old_link_closed(sqlite_app):
    (a, _payer), (b, second) = factories.linked(), factories.linked()
    a, b, second, third = a.id, b.id, second.id, factories.debtor().id
    merge_id = merge(a, b, answers={"debtor": second})
    with transaction():
        debtor_links.unlink(a)
        debtor_links.link(a, third)
    undone = undo(merge_id)
    assert debtor_links.debtor_of(a).id == third
    assert debtor_links.debtor_of(b) is None  # somebody closed it since
    assert undone.kept


def test_the_deleted_survivor_stays_deleted(sqlite_app):
    a, b = factories.customer().id, factories.customer().id
    merge_id = merge(a, b)
    with transaction():
        customers.delete(a)
    undo(merge_id)
    assert get(a).deleted_at is not None
    assert get(b).deleted_at is None


def test_a_limited_user_undoes_only_what_is_theirs(sqlite_app):
    group_id = factories.group().id
    a, b = factories.customer().id, factories.customer().id
    merge_id = merge(a, b)
    limited = Principal(1, None, "x", "X", groups=frozenset({group_id}))
    with pytest.raises(NotFound), transaction():
        merging.undo(merge_id, principal=limited)
    with pytest.raises(NotFound), transaction():
        merging.undo(10**6)
    with pytest.raises(NotFound):
        merging.plan(a, [b], principal=limited)
