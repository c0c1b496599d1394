"""Contacts: shared between customers, linked and parted."""

import pytest

from gecko.db import transaction
from gecko.errors import Invalid, NotFound
from gecko.operations import contacts
from gecko.permissions import Principal
from tests import factories


def contact(**values):
    with transaction():
        return contacts.create({"name": "Mor", "mobile": "20123456", **values}).id


def test_one_contact_belongs_to_two_customers(app):
    first, second, parent = factories.customer().id, factories.customer().id, contact(receives_copy=True)
    with transaction():
        contacts.link(first, parent, relation="mother")
        contacts.link(second, parent, relation="mother")
        contacts.link(second, parent, relation="guardian")
    assert [(row.contact.name, row.relation) for row in contacts.of_customer(second)] == [("Mor", "guardian")]
    staff = Principal(1, None, "x", "X")
    assert [row[0].id for row in contacts.customers_of(parent, staff)] == [first, second]
    with transaction():
        contacts.unlink(first, parent)
    assert (contacts.count_of(first), contacts.count_of(second)) == (0, 1)
    with transaction():
        contacts.delete(parent)
    assert contacts.count_of(second) == 0


def test_a_limited_user_cannot_link_a_foreign_customers_contact(app):
    mine, other = factories.group().id, factories.group().id
    own, foreign, parent = factories.customer(group_id=mine).id, factories.customer(group_id=other).id, contact()
    with transaction():
        contacts.link(foreign, parent, relation=None)
    principal = Principal(1, None, "x", "X", groups=frozenset({mine}))
    with pytest.raises(NotFound), transaction():
        contacts.link(own, parent, relation=None, principal=principal)


def test_the_name_is_demanded(sqlite_app):
    with pytest.raises(Invalid):
        contact(name=" ")
