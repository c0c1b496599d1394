"""Each policy: clashes of unique rows, consents, notes, addresses, clips, CPR, groups and debtors."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.errors import Invalid
from gecko.models.contacts import Contact, CustomerContact
from gecko.models.customer_fields import CustomerField, CustomerFieldValue, FieldType
from gecko.models.customers import Customer, Gender
from gecko.models.debtors import CustomerDebtorLink
from gecko.models.markings import CustomerMarking, Marking
from gecko.operations import contacts, customer_secrets, debtor_links, markings, merging, settings
from tests import factories
from tests.gecko.operations.merging.digests import digest
from tests.gecko.operations.merging.test_merging import get, merge, undo


def kind_of(plan, table):
    return next(kind for kind in plan.kinds if kind.table == table)


def line_of(plan, field):
    return next(line for line in plan.fields if line.field == field)


def test_of_two_equal_markings_the_survivors_stays_and_undo_brings_both(app):
    vip, new = (factories.save(Marking(name=name)).id for name in ("VIP", "Ny"))
    a, b = factories.customer().id, factories.customer().id
    with transaction():
        markings.put_on(a, vip, value="a")
        markings.put_on(b, vip, value="b")
        markings.put_on(b, new, value=None)
    before = digest()
    kind = kind_of(merging.plan(a, [b]), "customer_marking")
    assert (kind.counts, kind.moving, kind.clashing) == ({a: 1, b: 2}, 1, 1)
    assert kind.rule
    merge_id = merge(a, b)
    rows = db.session.execute(select(CustomerMarking.customer_id, CustomerMarking.marking_id, CustomerMarking.value))
    assert sorted(rows) == [(a, vip, "a"), (a, new, None)]
    undo(merge_id)
    assert digest() == before


def test_the_same_contact_is_linked_once(app):
    contact_id = factories.save(Contact(name="Mor")).id
    a, b, c = (factories.customer().id for _n in range(3))
    with transaction():
        contacts.link(b, contact_id, relation="mor")
        contacts.link(c, contact_id, relation="moder")
    before = digest()
    merge_id = merge(a, b, c)
    assert [(row.customer_id, row.relation) for row in db.session.scalars(select(CustomerContact))] == [(a, "mor")]
    undo(merge_id)
    assert digest() == before


@pytest.fixture
def answered(app):
    field_id = factories.save(CustomerField(name="Sko", type=FieldType.LINE)).id
    a, b = factories.customer().id, factories.customer().id
    with transaction() as session:
        session.add_all(
            CustomerFieldValue(customer_id=one, field_id=field_id, value=v) for one, v in ((a, "38"), (b, "39"))
        )
    return field_id, a, b


@pytest.mark.parametrize(("chosen", "value"), [(None, "38"), (1, "39"), (0, "38")])
def test_an_answer_can_be_chosen(answered, chosen, value):
    field_id, a, b = answered
    choices = {} if chosen is None else {f"custom_{field_id}": (a, b)[chosen]}
    before = digest()
    assert line_of(merging.plan(a, [b], choices=choices), f"custom_{field_id}").suggested == value
    merge_id = merge(a, b, choices=choices)
    assert db.session.scalars(select(CustomerFieldValue.value)).all() == [value]
    undo(merge_id)
    assert digest() == before


def test_an_answer_that_nobody_gave_cannot_be_chosen(answered):
    field_id, a, b = answered
    c = factories.customer().id
    for act in (lambda: merging.plan(a, [b, c], choices={f"custom_{field_id}": c}),
                lambda: merge(a, b, c, choices={f"custom_{field_id}": c})):  # fmt: skip
        with pytest.raises(Invalid):
            act()


def test_values_are_settled_by_their_rules(sqlite_app):
    early, late = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    a = factories.customer(
        name="Anne", note="stammer fra Ribe", accepts_marketing_email=True, accepts_marketing_sms=True, clips_left=2,
        postal_code="8000", last_login_at=early, last_login_ip="1.1.1.1", password_hash="x",
    ).id  # fmt: skip
    b = factories.customer(
        name="Anne Jensen", note="ringer selv", remind_sms=False, accepts_marketing_email=True, clips_left=5,
        gender=Gender.FEMALE, address="Vej 1", postal_code="8000", city="Aarhus C", last_login_at=late,
        last_login_ip="2.2.2.2", password_hash="y",
    ).id  # fmt: skip
    merge_id = merge(a, b)
    one = get(a)
    assert one.name == "Anne"
    assert one.note == "stammer fra Ribe\n\nringer selv"
    assert (one.remind_sms, one.remind_email) == (False, True)
    assert (one.accepts_marketing_email, one.accepts_marketing_sms) == (True, False)
    assert (one.clips_left, one.gender) == (7, Gender.FEMALE)
    assert (one.address, one.postal_code, one.city) == ("Vej 1", "8000", "Aarhus C")
    assert (one.last_login_at, one.last_login_ip, one.password_hash) == (late, "2.2.2.2", "x")
    undo(merge_id)
    one = get(a)
    assert (one.note, one.address, one.remind_sms, one.clips_left) == ("stammer fra Ribe", None, True, 2)


def test_an_address_is_not_mixed_from_two(sqlite_app):
    a = factories.customer(postal_code="8000", city="Aarhus C").id
    b = factories.customer(address="Torvet 1", postal_code="6760", city="Ribe").id
    merge(a, b)
    assert (get(a).address, get(a).postal_code) == (None, "8000")


def test_a_chosen_value_stands_and_the_preview_says_so(sqlite_app):
    a, b = factories.customer(name="Ane", email="a@example.dk").id, factories.customer(name="Anne", note="n").id
    choices = {"name": b, "note": a}
    plan = merging.plan(a, [b], choices=choices)
    assert (line_of(plan, "name").suggested, line_of(plan, "name").source_id) == ("Anne", b)
    merge(a, b, choices=choices)
    assert (get(a).name, get(a).note) == ("Anne", None)


@pytest.mark.parametrize(
    "choices", [{"remind_sms": 1}, {"name": 999}, {"name": "joined"}, {"id": 1}, {"clips_left": 1}]
)
def test_choices_that_there_are_not(sqlite_app, choices):
    a, b = factories.customer().id, factories.customer().id
    with pytest.raises(Invalid):
        merge(a, b, choices=choices)


def test_the_preview_is_what_happens(sqlite_app):
    a = factories.customer(name="Ane", postal_code="8000", note="x", clips_left=1).id
    b = factories.customer(name="Anne", email="b@example.dk", mobile="+4520123456", note="y", remind_email=False).id
    c = factories.customer(name="Anne J", city="Aarhus C", postal_code="8000", number="7", gender=Gender.OTHER).id
    plan = merging.plan(a, [b, c])
    merge(a, b, c, versions=plan.versions)
    survivor = get(a)
    assert {line.field: line.suggested for line in plan.fields} == {
        line.field: getattr(survivor, line.field) for line in plan.fields
    }


def test_two_debtors_are_asked_about(app):
    a, payer = factories.linked()
    b, other = factories.linked()
    a, b, payer, other = a.id, b.id, payer.id, other.id
    before = digest()
    plan = merging.plan(a, [b])
    assert [(one.key, one.suggested) for one in plan.questions] == [("debtor", payer)]
    assert kind_of(plan, "customer_debtor_link").clashing == 1
    for answers in ({}, {"debtor": 10**6}):
        with pytest.raises(merging.Unanswered) as error:
            merge(a, b, answers=answers)
        assert error.value.key == "debtor"
    merge_id = merge(a, b, answers={"debtor": other})
    assert debtor_links.debtor_of(a).id == other
    assert len(debtor_links.history(customer_id=a)) == 2
    undo(merge_id)
    assert digest() == before


def test_the_same_debtor_needs_no_answer(app):
    a, payer = factories.linked()
    a, payer, b = a.id, payer.id, factories.customer().id
    with transaction():
        debtor_links.link(b, payer)
    before = digest()
    merge_id = merge(a, b)
    assert debtor_links.debtor_of(a).id == payer
    undo(merge_id)
    assert digest() == before


def test_different_groups_are_asked_about(sqlite_app):
    group_id = factories.group(name="Vest").id
    a, b = factories.customer().id, factories.customer(group_id=group_id).id
    own = get(a).group_id
    with pytest.raises(merging.Unanswered):
        merge(a, b)
    plan = merging.plan(a, [b])
    assert [(one.key, one.suggested) for one in plan.questions] == [("group", own)]
    merge_id = merge(a, b, answers={"group": group_id})
    assert get(a).group_id == group_id
    undo(merge_id)
    assert get(a).group_id == own


@pytest.fixture
def with_cpr(app):
    with transaction():
        settings.put("feature.cpr", True)

    def make(cpr, **values):
        customer_id = factories.customer(**values).id
        with transaction():
            customer_secrets.set_cpr(db.session.get(Customer, customer_id), cpr)
        return customer_id

    return make


def test_a_cpr_fills_the_survivors_blank_in_its_own_row(with_cpr):
    a, b = factories.customer().id, with_cpr("0101701234")
    merge_id = merge(a, b)
    assert customer_secrets.masked_cpr(get(a)) == "010170-****"
    undo(merge_id)
    assert get(a).cpr_encrypted is None
    assert customer_secrets.masked_cpr(get(b)) == "010170-****"


def test_two_cprs_are_asked_about(with_cpr):
    a, b = with_cpr("0101701234"), with_cpr("0202801234")
    plan = merging.plan(a, [b])
    assert [one.key for one in plan.questions] == ["cpr"]
    assert line_of(plan, "cpr").values == {a: "010170-****", b: "020280-****"}
    with pytest.raises(merging.Unanswered):
        merge(a, b)
    merge_id = merge(a, b, answers={"cpr": b})
    assert customer_secrets.masked_cpr(get(a)) == "020280-****"
    undo(merge_id)
    assert customer_secrets.masked_cpr(get(a)) == "010170-****"
    assert db.session.scalars(select(CustomerDebtorLink)).all() == []
