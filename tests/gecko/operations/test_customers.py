"""Customers: create, change, delete, restore; who may see them; who was first."""

import pytest
from sqlalchemy import select

from gecko import actor
from gecko.db import db, transaction
from gecko.errors import Closed, Conflict, Invalid, NotAllowed, NotFound
from gecko.field_encryption import Unreadable
from gecko.models.audit import AuditEntry
from gecko.models.customer_fields import FormContext
from gecko.models.customers import Customer
from gecko.operations import customer_secrets, customers, field_policies, settings
from gecko.permissions import Permission, Principal
from tests import factories

STAFF = Principal(user_id=1, session_id=None, username="x", name="X")


def limited(*groups: int) -> Principal:
    return Principal(user_id=1, session_id=None, username="x", name="X", groups=frozenset(groups))


def create(**values):
    with transaction():
        return customers.create({"name": "Åse Ørsted", "mobile": "20123456", **values}).id


def switch_cpr_on():
    with transaction():
        settings.put("feature.cpr", True)


def test_a_new_customer_gets_group_clips_and_author(app):
    group_id = factories.group(default_clips=5).id
    user_id = factories.user("office").id
    with transaction() as _, actor.acting_as(actor.Actor(user_id=user_id, name="Bo")):
        customer_id = customers.create({"name": " Åse  Ørsted ", "group_id": group_id, "email": "A@B.dk"}).id
    customer = db.session.get(Customer, customer_id)
    assert (customer.name, customer.email, customer.clips_left) == ("Åse Ørsted", "a@b.dk", 5)
    assert customer.created_by_id == user_id


def test_without_a_group_it_is_the_primary_one_and_inactive_ones_are_refused(app):
    inactive = factories.group(is_active=False).id
    assert db.session.get(Customer, create()).group_id == factories.primary_group().id
    with pytest.raises(Invalid, match="inactive"), transaction():
        customers.create({"name": "Bo", "group_id": inactive})


def test_two_people_editing_one_customer_never_silently_overwrite(app):
    customer_id = create()
    seen_by_both = db.session.get(Customer, customer_id).row_version
    with transaction():
        customers.update(customer_id, {"city": "Aarhus"}, row_version=seen_by_both)
    with pytest.raises(Conflict), transaction():
        customers.update(customer_id, {"city": "Odense"}, row_version=seen_by_both)
    assert db.session.get(Customer, customer_id).city == "Aarhus"


def test_a_limited_user_cannot_reach_another_groups_customer(app):
    mine, other = factories.group().id, factories.group().id
    foreign = create(group_id=other)
    principal = limited(mine)
    for attempt in (
        lambda: customers.find(foreign, principal),
        lambda: customers.update(foreign, {"city": "X"}, row_version=1, principal=principal),
        lambda: customers.delete(foreign, principal=principal),
    ):
        with pytest.raises(NotFound), transaction():
            attempt()
    with pytest.raises(Invalid), transaction():
        customers.create({"name": "Bo", "group_id": other}, principal=principal)
    own = create(group_id=mine)
    with pytest.raises(Invalid), transaction():
        customers.update(own, {"group_id": other}, row_version=1, principal=principal)


def test_delete_hides_and_restore_brings_back(app):
    customer_id = create()
    with transaction():
        customers.delete(customer_id)
    with pytest.raises(NotFound):
        customers.find(customer_id)
    with transaction():
        customers.restore(customer_id)
    assert customers.find(customer_id).name == "Åse Ørsted"


def test_policies_hide_and_demand_fields(app):
    with transaction():
        field_policies.put(FormContext.CREATE, shown={"mobile", "email"}, required={"email"})
    policy = field_policies.get(FormContext.CREATE)
    with pytest.raises(NotAllowed), transaction():
        customers.create({"name": "Bo", "mobile": "20123456", "note": "x"}, policy=policy)
    with pytest.raises(Invalid) as caught, transaction():
        customers.create({"name": "Bo", "mobile": "20123456"}, policy=policy)
    assert caught.value.field == "email"
    with pytest.raises(Invalid) as caught, transaction():
        customers.create({"name": "Bo", "email": "a@b.dk"}, policy=policy)
    assert caught.value.field == "mobile"
    with transaction():
        field_policies.put_phone_rule(False)
    with transaction():
        customers.create({"name": "Bo", "email": "a@b.dk"}, policy=field_policies.get(FormContext.CREATE))


def test_the_last_telephone_cannot_be_taken_away_but_its_absence_stops_no_other_correction(sqlite_app):
    with_phone, without = create(), factories.customer().id
    policy = field_policies.get(FormContext.BACKEND)
    with pytest.raises(Invalid), transaction():
        customers.update(with_phone, {"mobile": "", "telephone": ""}, row_version=1, policy=policy)
    with transaction():
        customers.update(without, {"mobile": "", "telephone": "", "city": "Ry"}, row_version=1, policy=policy)
    assert db.session.get(Customer, without).city == "Ry"


def test_cpr_is_encrypted_masked_found_exactly_and_each_full_look_is_logged(app):
    with pytest.raises(Closed):
        create(cpr="010107-5555")
    switch_cpr_on()
    customer_id = create(cpr="010107-5555")
    customer = db.session.get(Customer, customer_id)
    assert b"0101075555" not in customer.cpr_encrypted
    assert customer_secrets.masked_cpr(customer) == "010107-****"
    rule = customer_secrets.search_rule("0101075555")
    assert db.session.scalars(select(Customer.id).where(rule)).all() == [customer_id]
    assert customer_secrets.search_rule("010107") is None
    with pytest.raises(NotAllowed), transaction():
        customer_secrets.full_cpr(customers.find(customer_id), STAFF)
    allowed = Principal(1, None, "x", "X", permissions=frozenset({Permission.CUSTOMER_VIEW_CPR}))
    with transaction():
        assert customer_secrets.full_cpr(customers.find(customer_id), allowed) == "010107-5555"
    seen = select(AuditEntry).where(AuditEntry.action == "customer.cpr_seen")
    assert [entry.customer_id for entry in db.session.scalars(seen)] == [customer_id]
    logged = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "customer")).all()
    assert "5555" not in str([entry.changes for entry in logged])


def test_cpr_ciphertext_moved_to_another_row_does_not_open(app):
    switch_cpr_on()
    source, target = create(cpr="010107-5555"), create()
    with transaction():
        stolen = db.session.get(Customer, source).cpr_encrypted
        db.session.get(Customer, target).cpr_encrypted = stolen
    with pytest.raises(Unreadable):
        customer_secrets.masked_cpr(db.session.get(Customer, target))


def test_age_comes_from_the_birth_date_or_else_the_cpr(app):
    from datetime import date

    switch_cpr_on()
    by_cpr = db.session.get(Customer, create(cpr="010190-1234"))
    assert customer_secrets.age(by_cpr, on=date(2020, 1, 1)) == 30
    assert customer_secrets.age(by_cpr, on=date(2019, 12, 31)) == 29
    assert customer_secrets.age(db.session.get(Customer, create())) is None


def test_a_password_is_kept_as_a_hash_only(app):
    customer_id = create(**customer_secrets.prepare({"password": "secret words"}))
    customer = db.session.get(Customer, customer_id)
    assert customer.password_hash.startswith("$argon2id$")
    assert customer_secrets.prepare({"password": "", "city": "Ry"}) == {"city": "Ry"}
    with pytest.raises(Invalid):
        customer_secrets.prepare({"password": "short"})
    with transaction():
        customers.update(customer_id, customer_secrets.prepare({"password": None}), row_version=customer.row_version)
    assert db.session.get(Customer, customer_id).password_hash is None
