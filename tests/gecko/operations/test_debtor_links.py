"""Links between customers and debtors, their history, and what they let a profile show."""

import pytest
from sqlalchemy import select

from gecko import actor
from gecko.db import db, transaction
from gecko.errors import Invalid, NotFound
from gecko.models.audit import AuditEntry
from gecko.models.debtors import Debtor
from gecko.operations import debtor_links, debtors
from tests import factories


def link(customer_id, debtor_id):
    with transaction():
        return debtor_links.link(customer_id, debtor_id).id


def test_one_open_link_a_customer(app):
    customer_id, first, second = factories.customer().id, factories.debtor().id, factories.debtor().id
    assert link(customer_id, first) == link(customer_id, first)
    with pytest.raises(Invalid):
        link(customer_id, second)
    with transaction():
        assert debtor_links.unlink(customer_id)
        assert not debtor_links.unlink(customer_id)
    link(customer_id, second)
    assert debtor_links.debtor_of(customer_id).id == second


def test_history_says_who_and_when(app):
    customer_id, debtor_id = factories.customer().id, factories.debtor().id
    staff = factories.user("office")
    with actor.acting_as(actor.Actor(user_id=staff.id, name=staff.name, source="web")):
        link(customer_id, debtor_id)
        with transaction():
            debtor_links.unlink(customer_id)
    link(customer_id, debtor_id)
    present, former = debtor_links.history(debtor_id=debtor_id)
    assert present.unlinked_at is None
    assert (former.linked_by_id, former.unlinked_by_id) == (staff.id, staff.id)
    assert former.linked_at <= former.unlinked_at
    assert [row.id for row in debtor_links.history(customer_id=customer_id)] == [present.id, former.id]
    logged = db.session.scalars(
        select(AuditEntry).where(AuditEntry.entity == "customer_debtor_link", AuditEntry.customer_id == customer_id)
    ).all()
    assert [entry.action for entry in logged] == ["insert", "update", "insert"]


def test_a_shared_debtor_hides_postings_on_both_profiles_until_one_is_unlinked(app):
    one, debtor = factories.linked()
    one_id, debtor_id, other_id = one.id, debtor.id, factories.customer().id
    assert debtor_links.visibility(one_id).shows_postings
    assert debtor_links.sole_customer(debtor_id) == one_id
    assert not debtor_links.visibility(other_id).shows_postings
    link(other_id, debtor_id)
    for customer_id in (one_id, other_id):
        assert debtor_links.visibility(customer_id) == debtor_links.Visibility(debtor_id, 2)
        assert not debtor_links.visibility(customer_id).shows_postings
    assert debtor_links.sole_customer(debtor_id) is None
    with transaction():
        debtor_links.unlink(one_id)
    assert debtor_links.visibility(other_id).shows_postings
    assert not debtor_links.visibility(one_id).shows_postings
    assert debtor_links.sole_customer(debtor_id) == other_id


def test_a_debtor_made_for_a_customer_has_their_particulars(sqlite_app):
    customer = factories.customer(name="Åse Holm", mobile="+4520123456", address="Havnegade 2")
    customer_id = customer.id
    with transaction():
        debtor_id = debtor_links.create_for_customer(customer_id).id
    debtor = db.session.get(Debtor, debtor_id)
    assert (debtor.name, debtor.phone, debtor.address) == ("Åse Holm", "+4520123456", "Havnegade 2")
    assert debtor_links.sole_customer(debtor_id) == customer_id
    assert len(debtors.missing_information(debtor)) == 3
    with pytest.raises(Invalid), transaction():
        debtor_links.create_for_customer(customer_id)


def test_only_what_exists_is_linked(sqlite_app):
    with pytest.raises(NotFound):
        link(factories.customer().id, 99)
    with pytest.raises(NotFound):
        link(99, factories.debtor().id)
