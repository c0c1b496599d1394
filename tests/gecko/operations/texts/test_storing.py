"""Texts are changed over what was seen, and put back by taking the change away."""

import pytest
from sqlalchemy import func, select

from gecko.channels import MessageChannel
from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid, NotFound
from gecko.models.audit import AuditEntry
from gecko.models.texts import TextOverride
from gecko.operations.texts import storing
from gecko.operations.texts.reviewing import Source
from gecko.operations.texts.shipping import Name, TextKey, shipped

SMS = Name(TextKey.REMINDER_1, MessageChannel.SMS, "da")
MAIL = Name(TextKey.REMINDER_1, MessageChannel.EMAIL, "da")


def change(name, body, subject="", seen=None):
    seen = seen or storing.held(name).mark
    with transaction():
        return storing.change(name, Source(subject, body), seen=seen)


def rows():
    return db.session.scalar(select(func.count()).select_from(TextOverride))


def test_what_is_shipped_holds_until_it_is_changed(app):
    assert storing.held(SMS).source == shipped()[SMS]
    assert not storing.held(SMS).is_changed
    changed = change(SMS, "\r\nHej [KUNDENAVN]\r\nVi ses\r\n")
    assert changed.source == Source("", "Hej [KUNDENAVN]\nVi ses")
    assert storing.held(SMS) == storing.all_held()[SMS] == changed
    assert storing.held(MAIL).source == shipped()[MAIL]
    assert {name for name, held in storing.all_held().items() if held.is_changed} == {SMS}


def test_putting_back_takes_the_row_away(app):
    change(MAIL, "Ny", "Emne")
    change(MAIL, "Nyere", "Emne")
    assert rows() == 1
    with transaction():
        storing.reset(MAIL, seen=storing.held(MAIL).mark)
    assert (rows(), storing.held(MAIL).is_changed) == (0, False)
    actions = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.entity == "text_override").order_by(AuditEntry.id)
    )
    assert list(actions) == ["insert", "update", "delete"]


def test_writing_what_is_shipped_leaves_no_row(app):
    change(SMS, "Ny")
    change(SMS, shipped()[SMS].body)
    assert rows() == 0


def test_a_change_over_another_one_is_refused(app):
    seen = storing.held(SMS).mark
    change(SMS, "Deres", seen=seen)
    with pytest.raises(Conflict):
        change(SMS, "Min", seen=seen)
    with pytest.raises(Conflict), transaction():
        storing.reset(SMS, seen=seen)
    assert storing.held(SMS).source.body == "Deres"


@pytest.mark.parametrize(
    ("subject", "body", "field"),
    [("", "x", "subject"), ("x", " \n", "body"), ("x" * 201, "x", "subject"), ("x", "x" * 20_001, "body")],
)
def test_what_cannot_be_sent_is_not_stored(sqlite_app, subject, body, field):
    with pytest.raises(Invalid) as refused:
        change(MAIL, body, subject)
    assert refused.value.field == field


def test_only_what_is_shipped_can_be_named(sqlite_app):
    assert storing.named("booking_reminder_1", "sms", "da") == SMS
    for place in (("hest", "sms", "da"), ("booking_reminder_1", "letter", "da"), ("booking_reminder_1", "sms", "sv")):
        with pytest.raises(NotFound):
            storing.named(*place)
    with pytest.raises(NotFound):
        storing.held(Name(TextKey.APPOINTMENT_CARD, MessageChannel.EMAIL, "da"))


def test_all_texts_are_one_query(app, queries):
    with queries(app) as seen:
        storing.all_held()
    assert len(seen) == 1
