"""Answers to marketing: kept on every path, never changed, and a no outlives merges and their undoing."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from gecko import actor, schema
from gecko.channels import Channel
from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid
from gecko.models.consents import Consent, ConsentSource, ConsentText
from gecko.models.customers import Customer
from gecko.operations import checking, consents, customers, merging
from tests import factories, invariants


def rows(*customer_ids):
    statement = select(Consent).where(Consent.customer_id.in_(customer_ids)).order_by(Consent.id)
    return [(str(one.channel), one.is_given, str(one.source)) for one in db.session.scalars(statement)]


def answers(customer_id):
    customer = db.session.get(Customer, customer_id, populate_existing=True)
    return consents.agrees(customer, Channel.EMAIL), consents.agrees(customer, Channel.SMS)


def customer(*, email=False, sms=False, **values):
    return factories.customer(accepts_marketing_email=email, accepts_marketing_sms=sms, **values).id


def save(customer_id, **values):
    version = db.session.scalar(select(Customer.row_version).where(Customer.id == customer_id))
    with transaction():
        customers.update(customer_id, values, row_version=version)


def merge(survivor_id, *absorbed):
    with transaction():
        return merging.merge(survivor_id, absorbed).id


def undo(merge_id):
    with transaction():
        merging.undo(merge_id)


def say_no(customer_id, channel=Channel.EMAIL):
    with actor.acting_as(actor.Actor(name="Anna", source="link", ip="192.0.2.7")), transaction():
        consents.withdraw(db.session.get(Customer, customer_id), channel)


def test_every_change_is_kept_with_who_how_and_the_wording(app):
    who = factories.user("office")
    user_id, name = who.id, who.name
    with actor.acting_as(actor.Actor(user_id=user_id, name=name, source="web", ip="10.0.0.1")):
        one = customer(email=True, language="en")
        save(one, accepts_marketing_sms=True, note="x")
        save(one, accepts_marketing_email=False)
        save(one, note="y")
    assert rows(one) == [("email", True, "staff"), ("sms", True, "staff"), ("email", False, "staff")]
    given, _sms, taken = db.session.scalars(select(Consent).order_by(Consent.id))
    assert (given.user_id, given.name, given.ip, given.wording.language) == (user_id, name, None, "en")
    assert given.wording.text.startswith("Yes please")
    assert taken.text_id is None
    assert [one.id for one in consents.history(one)] == [taken.id, _sms.id, given.id]


def test_who_says_nothing_leaves_no_row(app):
    one = customer()
    save(one, note="x", accepts_marketing_email=False)
    assert rows(one) == []


@pytest.mark.parametrize(
    ("who", "source"),
    [(actor.Actor(name="gecko import", source="import", user_id=None), "import"),
     (actor.Actor(name="Anna", source="link"), "link"), (actor.Actor(name="demo"), "system")],
)  # fmt: skip
def test_the_way_an_answer_came_is_told_by_who_acts(app, who, source):
    with actor.acting_as(who):
        one = customer(sms=True)
    assert rows(one) == [("sms", True, source)]
    row = db.session.scalars(select(Consent)).one()
    assert (row.text_id is not None) == (source == "link")


def test_bulk_and_raw_changes_are_kept(app):
    group_id = factories.primary_group().id
    with transaction() as session:
        session.execute(
            Customer.__table__.insert(),
            [{"group_id": group_id, "name": f"K{n}", "accepts_marketing_email": n % 2 == 0} for n in range(4)],
        )
    assert [row[1:] for row in rows(*range(1, 10))] == [(True, "system")] * 2
    db.session.rollback()
    with db.engine.connect().execution_options(gecko_writing=True) as connection, connection.begin():
        connection.execute(text("UPDATE customer SET accepts_marketing_sms = true WHERE name IN ('K0', 'K1')"))
    assert [row for row in rows(*range(1, 10)) if row[0] == "sms"] == [("sms", True, "outside")] * 2
    broken = [check.name for check in invariants.checked() if not check.is_ok]
    assert broken == ["log"]  # which names changes from outside


@pytest.mark.parametrize("table", ["consent", "consent_text"])
@pytest.mark.parametrize("change", ["UPDATE {} SET channel = 'sms'", "DELETE FROM {}"])
def test_rows_never_change(app, table, change):
    customer(email=True)
    with pytest.raises(IntegrityError, match="never change"), transaction() as session:
        session.execute(text(change.format(table)))


def test_an_upgrade_notes_who_had_said_yes(app):
    for email, sms in ((False, False), (True, False), (True, True)):
        customer(email=email, sms=sms)
    db.session.remove()
    schema.downgrade("0012")
    schema.upgrade()
    db.session.remove()
    found = db.session.execute(select(Consent.channel, Consent.is_given, Consent.source, Consent.text_id)).all()
    registered = (True, ConsentSource.REGISTERED, None)
    assert [tuple(row) for row in found] == [
        (Channel.EMAIL, *registered), (Channel.EMAIL, *registered), (Channel.SMS, *registered)
    ]  # fmt: skip
    lost = {"log"}  # what stood in tables that went with the way back is still in the log
    assert {check.name for check in checking.run() if not check.is_ok} <= lost


def test_a_merge_and_its_undoing_are_named(app):
    yes, no = customer(email=True), customer()
    merge_id = merge(yes, no)
    assert answers(yes) == (False, False)
    undo(merge_id)
    assert answers(yes) == (True, False)
    assert rows(yes, no) == [("email", True, "system"), ("email", False, "merge"), ("email", True, "undo")]


@pytest.mark.parametrize("by_link", [True, False])
def test_a_no_said_to_the_survivor_outlives_the_undoing_for_both(app, by_link):
    a, b = customer(email=True, sms=True), customer(email=True, sms=True)
    merge_id = merge(a, b)
    say_no(a) if by_link else save(a, accepts_marketing_email=False)
    undo(merge_id)
    assert (answers(a), answers(b)) == ((False, True), (False, True))


def test_a_no_that_changes_nothing_today_is_kept_for_the_day_of_the_undoing(app):
    a, b = customer(email=True), customer()
    merge_id = merge(a, b)
    say_no(a)
    say_no(a)
    assert rows(a).count(("email", False, "link")) == 1
    undo(merge_id)
    assert answers(a) == (False, False)


def test_a_no_reaches_through_merges_of_merges(app):
    x, r, s = (customer(email=True) for _n in range(3))
    first = merge(r, x)
    second = merge(s, r)
    say_no(s)
    undo(second)
    undo(first)
    assert [answers(one)[0] for one in (x, r, s)] == [False] * 3


def test_a_yes_said_again_stands(app):
    a, b = customer(email=True), customer(email=True)
    merge_id = merge(a, b)
    say_no(a)
    save(a, accepts_marketing_email=True)
    undo(merge_id)
    assert (answers(a)[0], answers(b)[0]) == (True, True)


def test_an_answer_before_the_merge_was_its_own(app):
    a, b = customer(email=True), customer(email=True)
    say_no(a)
    undo(merge(a, b))
    assert (answers(a)[0], answers(b)[0]) == (False, True)


def test_erasing_leaves_the_answers_without_the_address_they_came_from(app):
    one = customer(email=True)
    say_no(one)
    with transaction():
        merging.erase(one)
    assert rows(one) == [("email", True, "system"), ("email", False, "link")]
    assert set(db.session.scalars(select(Consent.ip))) == {None}


def test_the_address_of_an_answer_is_blanked_by_nothing_else(app):
    say_no(customer(email=True))
    with pytest.raises(IntegrityError, match="never change"), transaction() as session:
        session.execute(text("UPDATE consent SET ip = NULL"))


def test_a_new_wording_comes_into_force_beside_the_old(app):
    old = consents.wording(Channel.EMAIL, "da")
    old_id, count = old.id, len(consents.in_force())
    one = customer()
    with actor.acting_as(actor.Actor(name="Anna", source="link")):
        save(one, accepts_marketing_email=True)
        with transaction():
            new_id = consents.reword(old_id, "  Ja tak til\nnyheder  ").id
        save(one, accepts_marketing_email=False)
        save(one, accepts_marketing_email=True)
    assert list(db.session.scalars(select(Consent.text_id).order_by(Consent.id))) == [old_id, None, new_id]
    assert consents.wording(Channel.EMAIL, "da").text == "Ja tak til nyheder"
    assert (len(consents.in_force()), [one.id for one in consents.earlier([new_id])][-1]) == (count, 1)


def test_two_who_reword_at_once_do_not_overwrite_each_other(app):
    old_id = consents.wording(Channel.SMS, "en").id
    with transaction():
        consents.reword(old_id, "One")
    with transaction():
        consents.reword(old_id, "One")  # sent twice
    with pytest.raises(Conflict), transaction():
        consents.reword(old_id, "Two")
    for wrong in ("  ", "x" * 1_001):
        with pytest.raises(Invalid), transaction():
            consents.reword(old_id, wrong)
    assert db.session.scalars(select(ConsentText.text).order_by(ConsentText.id.desc())).first() == "One"


def test_the_check_finds_an_answer_without_its_row(app):
    one = customer(email=True)
    with db.engine.connect().execution_options(gecko_writing=True) as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER gecko_consent_update"))
        else:
            connection.execute(text("ALTER TABLE customer DISABLE TRIGGER gecko_consent_update"))
        connection.execute(text(f"UPDATE customer SET accepts_marketing_email = false WHERE id = {one}"))
    assert "consents" in [check.name for check in invariants.checked() if not check.is_ok]
