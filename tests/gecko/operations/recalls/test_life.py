"""A sign-up from its first date to its last: written to, fulfilled, put on the list with the reason, gone on with."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid
from gecko.models.address_failures import Channel
from gecko.models.customer_groups import CustomerGroup
from gecko.models.messages import MessageKind, MessageReason, MessageState
from gecko.models.recalls import RecallState, RecallUnit
from gecko.models.texts import MessageTemplate
from gecko.operations import address_failures, bookings, customers, merging
from gecko.operations.recalls import dates, running, signing_up, templates
from tests import factories
from tests.gecko.operations.messaging import outbox
from tests.gecko.operations.recalls.office import (
    EMAIL,
    LETTER,
    SMS,
    book,
    decide,
    follow,
    messages,
    noon,
    opened,
    put,
    recall,
    run,
    send,
    sign_up,
    template,
    turn,
    turns,
)

MAIL = "kunde@example.dk"


@pytest.fixture(autouse=True)
def _opened(app):
    opened()


def month(recall_id, step):
    row = recall(recall_id)
    return dates.nth(row.first_on, row.every, row.unit, step)


def test_who_is_due_and_has_not_booked_is_written_to_and_the_next_date_comes_once_it_left():
    customer_id = outbox.customer()
    recall_id = sign_up(customer_id)
    assert run() == {recall_id: "written"}
    [message] = messages(customer_id)
    assert (message.kind, message.channel, message.state) == (MessageKind.RECALL, EMAIL, MessageState.QUEUED)
    assert (message.is_marketing, message.recipient) == (False, "kunde@example.dk")
    assert recall(recall_id).service.name in message.subject
    assert recall(recall_id).next_on.strftime("%d-%m-%Y") in message.body
    assert (run(), follow(), recall(recall_id).step) == ({}, 0, 0)
    send(message.id)
    assert follow() == 1
    assert turns(recall_id) == [("sent", None, month(recall_id, 0))]
    assert (recall(recall_id).step, recall(recall_id).next_on, recall(recall_id).done) == (1, month(recall_id, 1), 1)
    assert (run(), follow(), len(messages(customer_id))) == ({}, 0, 1)


def test_nobody_is_looked_at_before_the_offset():
    early = sign_up(outbox.customer(), days=11)
    near = sign_up(outbox.customer(), days=10)
    assert run() == {near: "written"}
    assert turns(early) == []


@pytest.mark.parametrize("days", [-84, 1, 60])
def test_a_booking_within_the_tolerance_or_to_come_fulfils(days):
    customer_id = outbox.customer()
    recall_id = sign_up(customer_id)
    factories.booking(customer_id, days=days, service_id=recall(recall_id).service_id)
    assert run() == {recall_id: "fulfilled"}
    assert (messages(customer_id), recall(recall_id).next_on) == ([], month(recall_id, 1))


@pytest.mark.parametrize("values", [{"days": -87}, {"is_no_show": True}, {"service_id": None}, {"is_deleted": True}])
def test_what_does_not_count_as_a_visit(values):
    customer_id = outbox.customer()
    recall_id = sign_up(customer_id)
    values = {"days": -3, "service_id": recall(recall_id).service_id, **values}
    is_deleted = values.pop("is_deleted", False)
    booking_id = factories.booking(customer_id, **values).id
    if is_deleted:
        with transaction():
            bookings.delete(booking_id)
    assert run() == {recall_id: "written"}


@pytest.mark.parametrize(
    ("values", "channels", "expected"),
    [
        ({"email": None}, (EMAIL,), ("due", "no_address")),
        ({"email": None}, (EMAIL, SMS), ("written", None)),
        ({"email": None, "mobile": None}, (SMS, EMAIL), ("due", "no_address")),
        ({}, (LETTER,), ("due", "no_address")),
        ({"address": "Nørregade 1", "postal_code": "8000", "city": "Aarhus C"}, (LETTER, EMAIL), ("due", "letter")),
        ({}, (LETTER, SMS), ("written", None)),
    ],
)
def test_the_first_channel_that_reaches_is_used_and_else_the_reason_stands(values, channels, expected):
    recall_id = sign_up(outbox.customer(**values), *channels)
    run()
    assert [one[:2] for one in turns(recall_id)] == [expected]
    assert recall(recall_id).step == 0


def test_a_failed_address_keeps_it_on_the_list_until_it_is_right():
    customer_id = outbox.customer()
    with transaction():
        address_failures.mark(Channel.EMAIL, MAIL, reason="unknown")
    recall_id = sign_up(customer_id)
    assert (run(), turn(recall_id).reason) == ({recall_id: "due"}, "address_failed")
    with transaction():
        address_failures.clear(Channel.EMAIL, MAIL)
    assert run() == {recall_id: "written"}


def test_an_inactive_group_gets_nothing():
    group = factories.group(is_active=False)
    recall_id = sign_up(outbox.customer(group_id=group.id))
    run()
    assert turn(recall_id).reason == "group_inactive"
    with transaction() as session:
        session.get(CustomerGroup, group.id).is_active = True
    assert run() == {recall_id: "written"}


def test_a_win_back_needs_consent_and_an_agreed_recall_does_not():
    unasked, agreed = outbox.customer(), outbox.customer(accepts_marketing_email=True, email="ja@example.dk")
    of_mine = template(EMAIL, is_win_back=True)
    recall_ids = [sign_up(one, template_id=of_mine) for one in (unasked, agreed)]
    run()
    assert [turn(one).reason for one in recall_ids] == ["no_consent", None]
    [message] = messages(agreed)
    assert message.is_marketing
    outbox.change(agreed, accepts_marketing_email=False)
    assert outbox.claim() == [message.id]
    assert not outbox.fence(message.id)
    follow()
    assert [one[:2] for one in turns(recall_ids[1])] == [("due", "no_consent")]


def test_a_sensitive_service_is_not_named_by_sms():
    customer_id = outbox.customer()
    service_id = factories.service(name="Fysioterapi", is_sensitive=True).id
    sign_up(customer_id, SMS, service_id=service_id)
    run()
    assert "Fysioterapi" not in messages(customer_id)[0].body
    assert "aftale" in messages(customer_id)[0].body


def test_a_template_has_texts_of_its_own_by_language():
    own = factories.save(MessageTemplate(name="Tandrens", channel=EMAIL, language="en", subject="Teeth", body="Come!"))
    of_mine = template(EMAIL, text_email_en=own.id)
    danish, english = outbox.customer(), outbox.customer(language="en", email="en@example.dk")
    for one in (danish, english):
        sign_up(one, template_id=of_mine)
    run()
    assert messages(english)[0].subject == "Teeth"
    assert messages(danish)[0].subject.startswith("Det er ved at være tid til")


def test_what_came_back_goes_over_the_next_channel_and_never_twice_over_the_first():
    customer_id = outbox.customer()
    recall_id = sign_up(customer_id, EMAIL, SMS)
    run()
    with transaction():
        address_failures.mark(Channel.EMAIL, MAIL, reason="full")
    outbox.sweep()
    assert messages(customer_id)[0].state == MessageState.SUPPRESSED
    follow()
    assert turn(recall_id).reason == "address_failed"
    with transaction():
        address_failures.clear(Channel.EMAIL, MAIL)
    outbox.sweep()
    assert messages(customer_id)[0].state == MessageState.CANCELLED  # else it would go beside the next
    assert run() == {recall_id: "written"}
    assert [one.state for one in messages(customer_id)] == [MessageState.CANCELLED, MessageState.QUEUED]


def test_what_was_refused_waits_for_somebody():
    customer_id = outbox.customer()
    recall_id = sign_up(customer_id)
    run()
    [message] = messages(customer_id)
    assert outbox.claim() == [message.id]
    assert outbox.fence(message.id)
    outbox.answer("refused", message.id, reply="550 no such content")
    follow()
    assert turn(recall_id).reason == "not_sent"
    assert run() == {}
    decide("send_now", turn(recall_id).id)
    assert [one.state for one in messages(customer_id)] == [MessageState.FAILED, MessageState.QUEUED]


def test_a_booking_that_comes_takes_the_message_back_and_one_that_goes_brings_the_time_back():
    customer_id = outbox.customer()
    recall_id = sign_up(customer_id)
    run()
    booking_id = book(customer_id, recall(recall_id).service_id)
    [message] = messages(customer_id)
    assert (message.state, message.reason) == (MessageState.CANCELLED, MessageReason.WITHDRAWN)
    assert (turns(recall_id)[0][0], recall(recall_id).step) == ("fulfilled", 1)
    with transaction():
        bookings.delete(booking_id)
    assert (turns(recall_id)[0][0], recall(recall_id).step, recall(recall_id).done) == ("due", 0, 0)
    assert run() == {recall_id: "written"}
    with transaction():
        bookings.restore(booking_id)
    assert (turns(recall_id)[0][0], outbox.claim()) == ("fulfilled", [])


def test_a_booking_moved_out_of_what_counts_brings_the_time_back_unless_another_stands_in():
    customer_id = outbox.customer()
    recall_id = sign_up(customer_id)
    service_id, other = recall(recall_id).service_id, factories.service().id
    first, second = book(customer_id, service_id), book(customer_id, service_id, days=9)
    assert run() == {recall_id: "fulfilled"}
    assert turn(recall_id).booking_id == first
    with transaction():
        bookings.change(first, {"service_id": other})
    assert (turn(recall_id).state, turn(recall_id).booking_id) == ("fulfilled", second)
    with transaction():
        bookings.move(second, start_at=noon(-100))
    assert turn(recall_id).state == "due"


def test_a_missed_visit_is_none():
    customer_id = outbox.customer()
    recall_id = sign_up(customer_id)
    booking_id = factories.booking(customer_id, days=-1, service_id=recall(recall_id).service_id).id
    assert run() == {recall_id: "fulfilled"}
    with transaction():
        bookings.mark_no_show(booking_id)
    assert turn(recall_id).state == "due"


def test_a_message_on_its_way_is_not_called_back_and_its_time_counts_as_sent():
    customer_id = outbox.customer()
    recall_id = sign_up(customer_id)
    run()
    [message] = messages(customer_id)
    assert outbox.claim() == [message.id]
    assert outbox.fence(message.id)
    book(customer_id, recall(recall_id).service_id)
    assert turn(recall_id).state == "written"
    with pytest.raises(Invalid):
        decide("skip", turn(recall_id).id)
    outbox.answer("sent", message.id)
    follow()
    assert (turn(recall_id).state, recall(recall_id).step) == ("sent", 1)


def test_a_time_is_put_off_and_those_after_it_come_as_before():
    recall_id = sign_up(outbox.customer(email=None), days=5)
    run()
    later = today() + timedelta(days=20)
    decide("postpone", turn(recall_id).id, later)
    assert (run(), turns(recall_id)) == ({}, [("postponed", None, later)])
    with pytest.raises(Invalid):
        decide("postpone", turn(recall_id).id, today())
    decide("postpone", turn(recall_id).id, today() + timedelta(days=9))
    assert run() == {recall_id: "due"}
    decide("skip", turn(recall_id).id)
    assert (turn(recall_id).state, recall(recall_id).next_on) == ("skipped", month(recall_id, 1))


def test_it_ends_after_so_many_times_or_at_its_last_date_and_goes_on_where_a_booking_went():
    customer_id = outbox.customer(email=None)
    twice, until = sign_up(customer_id, times=1), sign_up(customer_id, until_on=today() + timedelta(days=20))
    run()
    for one in (twice, until):
        decide("skip", turn(one).id)
        assert (recall(one).state, recall(one).state_by_id) == (RecallState.ENDED, None)
    once = sign_up(outbox.customer(), times=1)
    booking_id = book(recall(once).customer_id, recall(once).service_id)
    run()
    assert recall(once).state == RecallState.ENDED
    with transaction():
        bookings.delete(booking_id)
    assert (recall(once).state, turn(once).state, recall(once).done) == (RecallState.ACTIVE, "due", 0)


def test_dates_that_went_by_are_passed_over(monkeypatch):
    recall_id = sign_up(outbox.customer(email=None), days=0, every=1, unit=RecallUnit.WEEK)
    with transaction():
        row = signing_up.change(recall_id, {})
        row.first_on = row.next_on = today() - timedelta(days=100)
    run()
    decide("skip", turn(recall_id).id)
    assert today() < recall(recall_id).next_on <= today() + timedelta(days=7)
    assert run() != {}
    assert len(turns(recall_id)) == 2


def test_a_sign_up_rests_goes_on_and_is_cancelled():
    customer_id = outbox.customer()
    recall_id = sign_up(customer_id)
    run()
    put("pause", recall_id)
    assert [one.state for one in messages(customer_id)] == [MessageState.CANCELLED]
    assert (run(), turn(recall_id).state, recall(recall_id).state) == ({}, "skipped", RecallState.PAUSED)
    put("resume", recall_id)
    assert (run(), recall(recall_id).step) == ({recall_id: "written"}, 0)
    put("cancel", recall_id)
    put("cancel", recall_id)
    assert (recall(recall_id).state, run(), outbox.claim()) == (RecallState.CANCELLED, {}, [])
    for how in ("resume", "pause", "end"):
        with pytest.raises(Invalid):
            put(how, recall_id)


def test_changes_count_the_dates_anew_and_notice_each_other():
    recall_id = sign_up(outbox.customer(), days=40)
    on = today() + timedelta(days=50)
    version = recall(recall_id).row_version
    put("change", recall_id, values={"next_on": on, "every": 2, "unit": RecallUnit.WEEK, "note": " Ring først "})
    row = recall(recall_id)
    assert (row.first_on, row.next_on, row.note) == (on, on, "Ring først")
    assert signing_up.dates_of(row) == [on, on + timedelta(days=14), on + timedelta(days=28)]
    with pytest.raises(Conflict):
        put("change", recall_id, values={"note": "x"}, row_version=version)
    put("change", recall_id, values={"until_on": on + timedelta(days=15)})
    assert signing_up.dates_of(recall(recall_id)) == [on, on + timedelta(days=14)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"days": -1}, "first_on"),
        ({"days": 9000}, "first_on"),
        ({"every": 0}, "every"),
        ({"every": 6, "unit": RecallUnit.DAY}, "every"),
        ({"until_on": today()}, "until_on"),
        ({"times": 0}, "times"),
        ({"note": "x" * 1001}, "note"),
    ],
)
def test_what_cannot_be_is_refused(values, field):
    with pytest.raises(Invalid) as refused:
        sign_up(outbox.customer(), **values)
    assert refused.value.field == field


def test_a_template_for_other_services_is_refused():
    fitting, other = factories.service().id, factories.service().id
    template_id = template(service_ids=[fitting])
    sign_up(outbox.customer(), template_id=template_id, service_id=fitting)
    with pytest.raises(Invalid):
        sign_up(outbox.customer(), template_id=template_id, service_id=other)
    with pytest.raises(Invalid), transaction():
        templates.delete(template_id)


def test_a_merge_takes_sign_ups_along_and_a_booking_of_the_survivor_fulfils():
    survivor, absorbed = factories.customer(name="Åse"), factories.customer(name="Aase", email="a@example.dk")
    survivor_id, absorbed_id = survivor.id, absorbed.id
    recall_id = sign_up(absorbed_id)
    factories.booking(survivor_id, service_id=recall(recall_id).service_id)
    with transaction():
        merging.merge(survivor_id, [absorbed_id], principal=None)
    assert recall(recall_id).customer_id == survivor_id
    assert run() == {recall_id: "fulfilled"}


def test_an_erased_customer_is_asked_nothing_and_a_deleted_one_waits():
    erased, deleted = outbox.customer(), outbox.customer(email="d@example.dk")
    of_erased, of_deleted = sign_up(erased, note="Bor hos sin søster"), sign_up(deleted)
    run()
    with transaction():
        merging.erase(erased)
        customers.delete(deleted)
    assert (recall(of_erased).state, recall(of_erased).note) == (RecallState.CANCELLED, None)
    assert turn(of_erased).state == "skipped"
    assert db.session.scalars(select(running.Recall.id).where(running.Recall.id.in_(running.due()))).all() == []
    assert turn(of_deleted).state == "written"
