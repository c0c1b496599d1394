"""The log says what happened, in words, the same on both databases."""

from datetime import date

import pytest
from flask_babel import force_locale
from sqlalchemy import text

from gecko import actor, audit
from gecko.audit import AUDITED
from gecko.db import db, transaction
from gecko.operations import (
    audit_log,
    audit_words,
    customer_fields,
    customers,
    field_policies,
    markings,
    settings,
)
from gecko.permissions import Principal
from tests import factories

STAFF = Principal(1, None, "x", "X")


@pytest.fixture
def bo(app):
    return actor.Actor(user_id=factories.user(name="Bo").id, name="Bo", source="web", ip="10.0.0.1")


def readings(language="en", **wanted):
    with force_locale(language):
        page = audit_log.page(audit_log.Filter(**wanted), principal=STAFF)
        return [
            (str(r.entity), r.subject, str(r.action), {str(x.label): (str(x.old), str(x.new)) for x in r.lines}, r)
            for r in page.readings
        ]


def newest(language="en", **wanted):
    return readings(language, **wanted)[0]


def test_every_logged_table_and_column_has_a_word():
    columns = {column for audited in AUDITED.values() for column in (*audited.columns, *audited.masked)}
    assert columns <= audit_words.COLUMNS.keys()
    assert AUDITED.keys() <= audit_words.ENTITIES.keys()


def test_a_change_reads_field_by_field_in_the_users_language(app, bo):
    other = factories.group(name="Firma A").id
    customer = factories.customer(name="Åse", birth_date=date(1990, 2, 28))
    customer_id = customer.id
    changes = {"group_id": other, "remind_sms": False, "birth_date": date(1991, 3, 1), "gender": "female", "city": "Ry"}
    with actor.acting_as(bo), transaction():
        customers.update(customer_id, changes, row_version=1)
    entity, subject, action, lines, reading = newest("da", customer_id=customer_id)
    assert (entity, subject, action) == ("Kunde", "Åse", "ændret")
    assert lines == {
        "Gruppe": ("Kunder", "Firma A"),
        "SMS-påmindelser": ("Ja", "Nej"),
        "Fødselsdato": ("28-02-1990", "01-03-1991"),
        "Køn": ("Ikke oplyst", "Kvinde"),
        "By": ("", "Ry"),
    }
    assert (reading.who, reading.ip, reading.outside) == ("Bo", "10.0.0.1", False)


def test_delete_and_restore_are_said_in_words(app):
    customer_id = factories.customer().id
    with transaction():
        customers.delete(customer_id)
    assert newest(customer_id=customer_id)[2] == "deleted"
    with transaction():
        customers.restore(customer_id)
    assert newest(customer_id=customer_id)[2] == "restored"


def test_markings_custom_fields_and_passwords(app):
    customer_id = factories.customer().id
    with transaction():
        marking_id = markings.create({"name": "VIP", "icon": "star", "colour": "green"}).id
        field_id = customer_fields.create({"name": "Glasses", "type": "yes_no"}).id
    with transaction():
        markings.put_on(customer_id, marking_id, value="gold")
    assert newest(customer_id=customer_id)[:4] == (
        "Marking of a customer", "VIP", "created", {"Marking": ("", "VIP"), "Value": ("", "gold")}
    )  # fmt: skip
    with transaction():
        customers.update(customer_id, {}, row_version=1, custom={field_id: "1"})
    assert newest(customer_id=customer_id)[1:4] == ("Glasses", "created", {"Glasses": ("", "Yes")})
    with transaction():
        customers.update(customer_id, {"password_hash": "$argon2id$x"}, row_version=2)
    assert newest(customer_id=customer_id)[3] == {"Password": ("", "******")}


def test_settings_policies_and_items_are_read_alike_on_both_databases(app):
    with transaction():
        settings.put("feature.cpr", True)
    assert newest(entity="setting")[1:4] == (
        "Store social security numbers (encrypted)", "created", {"Value": ("", "Yes")}
    )  # fmt: skip
    with transaction():
        field_policies.put("create", shown={"mobile"}, required=set())
    assert {"Field": ("", "Mobile"), "Form": ("", "Create customer"), "Shown": ("", "Yes"), "Required": ("", "No")} in [
        reading[3] for reading in readings(entity="field_policy")
    ]
    with transaction() as session:
        session.execute(
            text("INSERT INTO item (item_no, name, kind, price_ore) VALUES ('1', 'Saks', 'product', 123450)")
        )
    assert newest("da", entity="item")[3]["Pris"] == ("", "1.234,50 kr.")


def test_a_change_behind_the_products_back_is_told(app):
    customer_id = factories.customer().id
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE customer SET city = 'Ry' WHERE id = :id"), {"id": customer_id})
    ((*_, reading),) = readings(outside=True)
    assert (reading.outside, reading.who, reading.customer_id) == (True, None, customer_id)


def test_named_events_read_as_words(app, bo):
    customer_id = factories.customer().id
    with actor.acting_as(bo), transaction():
        audit.record("customer.cpr_seen", entity="customer", entity_id=customer_id, customer_id=customer_id)
    assert newest(customer_id=customer_id)[2] == "social security number seen in full"
    assert [reading[4].who for reading in readings(user_id=bo.user_id)] == ["Bo"]


def test_pages_follow_each_other_without_gap_or_repetition(app):
    customer_id = factories.customer().id
    for n in range(5):
        with transaction():
            customers.update(customer_id, {"city": f"City {n}"}, row_version=n + 1)
    wanted, before, seen = audit_log.Filter(customer_id=customer_id), None, []
    while True:
        page = audit_log.page(wanted, principal=STAFF, before=before, size=2)
        seen += [reading.id for reading in page.readings]
        before = page.before
        if before is None:
            break
    assert len(seen) == 6
    assert seen == sorted(seen, reverse=True)


def test_days_are_danish_and_limited_users_see_their_own_groups_only(app):
    from gecko.clock import today

    mine, other = factories.group().id, factories.group().id
    own = factories.customer(group_id=mine).id
    factories.customer(group_id=other)
    assert newest(entity="customer", first_day=today(), last_day=today())
    assert readings(entity="customer", last_day=date(2000, 1, 1)) == []
    assert len(readings(entity="customer", first_day=date.min, last_day=date.max)) == 2
    limited = Principal(1, None, "x", "X", groups=frozenset({mine}))
    page = audit_log.page(audit_log.Filter(), principal=limited)
    assert {reading.customer_id for reading in page.readings} == {own}


def test_named_events_read_in_words(sqlite_app):
    facts = {"report": "debtor-postings", "filters": {"starts_on": "2026-01-31"}, "control_ore": 123_450, "sha256": "a"}
    with transaction():
        audit.record("export.finish", entity="export", entity_id="x", facts=facts)
    _entity, _subject, action, lines, reading = newest("da")
    assert (action, str(reading.who)) == ("eksport færdig", "Systemet")
    new = {label: values[1].replace("\N{NO-BREAK SPACE}", " ") for label, values in lines.items()}
    assert new == {"Rapport": "Debitorposteringer", "Filtre": "Fra: 31-01-2026", "Kontroltotal": "1.234,50 kr."}
    with transaction():
        audit.record("import.finish", entity="import", entity_id="customers", facts={"read": 5, "refused": 0})
    entity, subject, _action, lines, _reading = newest("da")
    assert (entity, subject) == ("Importfil", "Kunder")
    assert {label: new for label, (_old, new) in lines.items()} == {"Læste rækker": "5", "Afvist": "0"}
    with transaction():
        audit.record("role.change", entity="role", entity_id="1", facts={"granted": ["customer.view"], "users": 2})
    assert {label: new for label, (_old, new) in newest("da")[3].items()} == {"Må nu": "Se kunder", "Brugere": "2"}
