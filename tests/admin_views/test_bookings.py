"""Bookings in the pages: the list and its buckets, booking over a clash, the page of one, calendars and services."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from gecko import db as database
from gecko.clock import local, now
from gecko.db import db, transaction
from gecko.models.bookings import Booking, BookingStatus, Calendar, CalendarDay, DeletedBy, Service
from gecko.operations import bookings
from tests import factories
from tests.gecko.operations.messaging import outbox


def get(booking_id):
    db.session.rollback()
    return db.session.get(Booking, booking_id)


def count():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Booking))


def typed(instant):
    return f"{local(instant):%d-%m-%Y %H:%M}"


def soon(**ahead):
    return (now() + timedelta(**ahead)).replace(second=0, microsecond=0)


@pytest.fixture
def setting():
    """Ids: calendar, service, customer; stands behind the app in a test's list of fixtures."""
    who = factories.customer(name="Åse Ærø", important_note="Tåler ikke parfume").id
    return factories.calendar(name="Mette").id, factories.service(name="Klipning").id, who


def test_each_bucket_lists_its_own(sqlite_app, client_as_sqlite, setting):
    calendar_id, *_others = setting
    ids = {
        "active": factories.booking(calendar_id=calendar_id).id,
        "previous": factories.booking(calendar_id=calendar_id, days=-3).id,
        "deleted": factories.booking(
            calendar_id=calendar_id, days=3, deleted_at=now(), deleted_by_kind=DeletedBy.SYSTEM
        ).id,
    }
    client = client_as_sqlite("reviewer", language="en")
    for bucket, booking_id in ids.items():
        shown = client.get(f"/bookings/?f_bucket={bucket}").text
        assert re.findall(r'<tr data-id="(\d+)"', shown) == [str(booking_id)]
        assert "/bookings/restore/" not in shown
    assert len(re.findall(r"<tr data-id=", client.get("/bookings/").text)) == 2
    assert "is not one of the choices" in client.get("/bookings/?f_bucket=lost").text
    assert "/bookings/restore/" in client_as_sqlite("receptionist").get("/bookings/?f_bucket=deleted").text
    assert "f_bucket=active" in client.get("/").text  # the menu opens what is to come


def test_filters_by_day_customer_group_and_calendar(sqlite_app, client_as_sqlite, setting):
    calendar_id, service_id, who = setting
    other = factories.group(name="Firma")
    other_id = other.id
    mine = factories.booking(who, calendar_id=calendar_id, service_id=service_id, days=2)
    mine_id, day = mine.id, f"{local(mine.start_at):%d-%m-%Y}"
    factories.booking(factories.customer(group_id=other_id).id, days=9)
    client = client_as_sqlite("office")
    for query in (
        f"f_calendar_id={calendar_id}", f"f_service_id={service_id}", f"f_customer_id={who}",
        f"f_group={factories.primary_group().id}", f"f_start_at_from={day}&f_start_at_to={day}",
    ):  # fmt: skip
        assert re.findall(r'<tr data-id="(\d+)"', client.get(f"/bookings/?{query}").text) == [str(mine_id)], query
    shown = client.get(f"/bookings/?f_customer_id={who}").text
    assert f'/customers/{who}/bookings">Åse Ærø</a>' in shown
    assert "Tåler ikke parfume" in shown


def test_a_page_of_bookings_costs_the_same_queries_however_many(app, client_as, queries, setting):
    calendar_id, service_id, who = setting
    client = client_as("office")
    counted = []
    for many in (2, 20):
        for n in range(many):
            factories.booking(who, calendar_id=calendar_id, service_id=service_id, days=n + 1)
        client.get("/bookings/")
        with queries(app) as seen:
            client.get("/bookings/")
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_booking_takes_minutes_and_price_from_the_service(app, client_as, setting):
    calendar_id, service_id, who = setting
    client = client_as("receptionist", language="en")
    shown = client.get(f"/bookings/new/?customer={who}&calendar={calendar_id}").text
    assert "Åse Ærø" in shown
    assert "may_overlap" not in shown
    once = re.search(r'name="once"[^>]*value="([^"]+)"', shown)[1]
    start_at = soon(days=2)
    data = {
        "customer_id": who, "calendar_id": calendar_id, "service_id": service_id, "start_at": typed(start_at),
        "once": once,
    }  # fmt: skip
    made = client.post("/bookings/new/", data=data)
    assert made.status_code == 303
    assert client.post("/bookings/new/", data=data).headers["Location"] == made.headers["Location"]  # sent twice
    assert count() == 1
    row = get(int(made.headers["Location"].rsplit("/", 1)[1]))
    assert (row.start_at, row.price_ore, row.reserved_minutes, row.created_by_id is None) == (
        start_at, 30_000, 40, False
    )  # fmt: skip
    assert client_as("accountant").get("/bookings/new/").status_code == 403


def test_a_taken_calendar_is_booked_only_when_somebody_says_so(sqlite_app, client_as_sqlite, setting):
    calendar_id, service_id, who = setting
    start_at = soon(days=2)
    factories.booking(calendar_id=calendar_id, start_at=start_at)
    client = client_as_sqlite("receptionist", language="en")
    data = {"customer_id": who, "calendar_id": calendar_id, "service_id": service_id, "start_at": typed(start_at)}
    refused = client.post("/bookings/new/", data=data)
    assert refused.status_code == 422
    assert "The calendar is already booked" in refused.text
    assert 'name="may_overlap"' in refused.text
    assert count() == 1
    assert client.post("/bookings/new/", data={**data, "may_overlap": "y"}).status_code == 303
    assert count() == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("29-03-2026 02:30", "does not exist"),
        ("29-03-2026", "is not a date and a time"),
        ("31-02-2026 10:00", "is not a date and a time"),
        ("01-03-2026 24:10", "is not a date and a time"),
    ],
)
def test_a_time_that_does_not_exist_is_named(sqlite_app, client_as_sqlite, setting, text, words):
    client = client_as_sqlite("receptionist", language="en")
    refused = client.post("/bookings/new/", data={"calendar_id": setting[0], "start_at": text, "reserved_minutes": 30})
    assert refused.status_code == 422
    assert words in refused.text
    assert text in refused.text
    assert count() == 0


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("29-03-2026 01:59", datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("29/3 2026 kl. 3.00", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("25-10-2026 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_times_are_danish(sqlite_app, client_as_sqlite, setting, text, instant):
    data = {"calendar_id": setting[0], "start_at": text, "reserved_minutes": 30}
    assert client_as_sqlite("receptionist").post("/bookings/new/", data=data).status_code == 303
    assert db.session.scalars(select(Booking.start_at)).all() == [instant]


def test_the_page_of_a_booking_says_why_there_is_a_note_and_shows_its_log(app, client_as, setting):
    calendar_id, service_id, who = setting
    booking_id = factories.booking(
        who, calendar_id=calendar_id, service_id=service_id, internal_note="Ring først", booking_text="Kommer sent"
    ).id
    office = client_as("office", language="en")
    shown = office.get(f"/bookings/{booking_id}").text
    for text in (
        "The customer&#39;s message: Kommer sent", "Note on the booking: Ring først",
        "Important note of the customer: Tåler ikke parfume", "Edit", "Move", "Klipning", "Mette", "created",
    ):  # fmt: skip
        assert text in shown, text
    assert "Mark completed" not in shown  # it has not begun
    reader = client_as("receptionist", language="en").get(f"/bookings/{booking_id}").text
    assert '<h2 class="h3 mt-4">Log</h2>' not in reader
    assert "/edit/" not in client_as("accountant").get(f"/bookings/{booking_id}").text


def test_completed_no_show_and_back(app, client_as, setting):
    booking_id = factories.booking(setting[2], calendar_id=setting[0], start_at=soon(minutes=-10)).id
    client, version = client_as("receptionist", language="en"), get(booking_id).row_version
    for what, is_done in (("completed", True), ("open", False)):
        client.post(f"/bookings/{booking_id}/mark", data={"what": what})
        assert (get(booking_id).completed_at is not None) == is_done
    for what, is_absent in (("no-show", True), ("came", False)):
        client.post(f"/bookings/{booking_id}/mark", data={"what": what})
        assert get(booking_id).is_no_show == is_absent
    stale = client.post(f"/bookings/{booking_id}/mark", data={"what": "no-show", "row_version": version})
    assert "Somebody else changed" in client.get(stale.headers["Location"]).text
    assert not get(booking_id).is_no_show
    assert client.post(f"/bookings/{booking_id}/mark", data={"what": "nonsense"}).status_code == 404


def test_a_move_to_a_taken_time_asks_first(app, client_as, setting):
    calendar_id, _service_id, who = setting
    booking_id = factories.booking(who, calendar_id=calendar_id).id
    taken = soon(days=5)
    factories.booking(calendar_id=calendar_id, start_at=taken)
    client = client_as("receptionist", language="en")
    assert typed(get(booking_id).start_at) in client.get(f"/bookings/{booking_id}/move").text
    data = {"calendar_id": calendar_id, "start_at": typed(taken), "row_version": get(booking_id).row_version}
    refused = client.post(f"/bookings/{booking_id}/move", data=data)
    assert refused.status_code == 422
    assert 'name="may_overlap"' in refused.text
    assert client.post(f"/bookings/{booking_id}/move", data={**data, "may_overlap": "y"}).status_code == 303
    assert get(booking_id).start_at == taken
    stale = client.post(f"/bookings/{booking_id}/move", data={**data, "start_at": typed(soon(days=9))})
    assert stale.status_code == 422
    assert "Somebody else changed" in stale.text
    assert get(booking_id).start_at == taken


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_move_waits_a_moment_for_a_message_that_is_just_leaving(app, client_as, setting, monkeypatch, is_answered):
    booking_id = factories.booking(setting[2], calendar_id=setting[0]).id
    start_at, client = get(booking_id).start_at, client_as("receptionist", language="en")
    [message_id] = outbox.enqueue(outbox.draft(recipient="x@y.dk", bookings=((booking_id, start_at),)))
    assert outbox.claim() == [message_id]
    assert outbox.fence(message_id)
    data = {"start_at": typed(soon(days=9)), "calendar_id": setting[0], "row_version": get(booking_id).row_version}
    waits = []

    def wait(_seconds):
        waits.append(is_answered and outbox.answer("sent", message_id))

    monkeypatch.setattr(database, "time", SimpleNamespace(sleep=wait, monotonic=lambda: float(len(waits))))
    answer = client.post(f"/bookings/{booking_id}/move", data=data)
    assert (answer.status_code, get(booking_id).start_at == start_at) == ((303, False) if is_answered else (422, True))
    assert ("is being sent this very moment" in answer.text) != is_answered
    assert waits == [True] if is_answered else waits


def test_a_deleted_booking_says_who_and_comes_back_unless_its_time_is_given_away(app, client_as, setting):
    calendar_id, _service_id, who = setting
    booking_id = factories.booking(who, calendar_id=calendar_id).id
    client = client_as("receptionist", language="en")
    back = f"/bookings/{booking_id}"
    version = get(booking_id).row_version
    gone = client.post("/bookings/delete/", data={"id": booking_id, "row_version": version, "url": back})
    assert gone.headers["Location"] == back
    assert "Deleted" in client.get(back).text
    assert get(booking_id).deleted_by.name in client.get(back).text
    start_at = get(booking_id).start_at
    with transaction():
        bookings.book(bookings.Wish(calendar_id, start_at, reserved_minutes=15))
    assert "restore all the same" in client.get(back).text
    client.post("/bookings/restore/", data={"id": booking_id, "url": back})
    assert get(booking_id).deleted_at is not None
    client.post("/bookings/restore/", data={"id": booking_id, "url": back, "may_overlap": "y"})
    assert get(booking_id).deleted_at is None


def test_the_edit_form_changes_everything_but_the_customer(app, client_as, setting):
    calendar_id, service_id, who = setting
    booking_id = factories.booking(who, calendar_id=calendar_id, service_id=service_id).id
    other = factories.service(price_ore=55_500, shown_minutes=60, reserved_minutes=75).id
    client = client_as("receptionist", language="en")
    page = client.get(f"/bookings/edit/?id={booking_id}").text
    assert 'name="customer_id"' not in page
    row = get(booking_id)
    data = {
        "calendar_id": calendar_id, "service_id": other, "start_at": typed(row.start_at), "reserved_minutes": 30,
        "shown_minutes": 30, "price_ore": "300.00", "internal_note": "Ny farve", "row_version": row.row_version,
    }  # fmt: skip
    assert client.post(f"/bookings/edit/?id={booking_id}", data=data).status_code == 303
    row = get(booking_id)
    assert (row.service_id, row.price_ore, row.reserved_minutes, row.internal_note) == (other, 55_500, 75, "Ny farve")
    assert client.post(f"/bookings/edit/?id={booking_id}", data={**data, "internal_note": "X"}).status_code == 409


def test_status_and_no_show_in_the_list_and_for_many(app, client_as, setting):
    confirmed = factories.save(BookingStatus(name="Bekræftet", colour="green")).id
    ids = [factories.booking(setting[2], days=-n, calendar_id=setting[0]).id for n in (1, 2)]
    client = client_as("receptionist", language="en")
    version = get(ids[0]).row_version
    cell = client.post(
        "/bookings/inline", data={"id": ids[0], "column": "is_no_show", "is_no_show": "y", "row_version": version}
    )
    assert cell.status_code == 200
    assert get(ids[0]).is_no_show
    done = client.post(
        "/bookings/bulk",
        data={"action": "set:status_id", "ids": ids, "status_id": confirmed, "confirmed": "1"},
    )
    assert done.status_code == 303
    assert {get(one).status_id for one in ids} == {confirmed}
    assert get(ids[0]).is_no_show
    assert 'g-badge-green">Bekræftet' in client.get("/bookings/").text


def test_the_note_of_the_day_belongs_to_calendar_and_date(app, client_as, setting):
    calendar_id, *_others = setting
    one, other = (factories.booking(calendar_id=calendar_id, start_at=soon(days=n)).id for n in (1, 3))
    client = client_as("receptionist", language="en")
    client.post(f"/bookings/{one}/day-note", data={"note": "Går kl. 15"})
    assert "Går kl. 15" in client_as("reviewer").get(f"/bookings/{one}").text
    assert "Går kl. 15" not in client.get(f"/bookings/{other}").text
    client.post("/bookings/columns", data={"column": ["start_at", "day_note"]})
    assert client.get("/bookings/").text.count("Går kl. 15") == 1
    client.post(f"/bookings/{one}/day-note", data={"note": "Går kl. 14"})
    assert db.session.scalars(select(CalendarDay.note)).all() == ["Går kl. 14"]
    client.post(f"/bookings/{one}/day-note", data={"note": " "})
    assert count() == 2
    assert db.session.scalars(select(CalendarDay.note)).all() == []


def test_calendars_services_and_statuses_are_set_up_and_kept_once_used(app, client_as):
    client = client_as("office", language="en")
    client.post("/calendars/new/", data={"name": "Åse", "is_active": "y"})
    client.post(
        "/services/new/",
        data={"name": "Farvning", "category": "Frisør", "shown_minutes": 90, "reserved_minutes": 105,
              "price_ore": "799.00", "is_sensitive": "y", "is_active": "y"},
    )  # fmt: skip
    client.post("/booking-statuses/new/", data={"name": "Bekræftet", "colour": "green", "position": 1})
    calendar_id = db.session.scalars(select(Calendar.id)).one()
    service = db.session.scalars(select(Service)).one()
    status_id = db.session.scalars(select(BookingStatus.id)).one()
    assert (service.price_ore, service.shown_minutes, service.reserved_minutes) == (79_900, 90, 105)
    assert service.is_sensitive
    booking_id = factories.booking(calendar_id=calendar_id, service_id=service.id, status_id=status_id).id
    for path, row_id in (("calendars", calendar_id), ("services", service.id), ("booking-statuses", status_id)):
        kept = client.post(f"/{path}/delete/", data={"id": row_id, "row_version": 1}, follow_redirects=True)
        assert re.search("Make it inactive|give them another", kept.text), path
        assert client_as("receptionist").post(f"/{path}/new/", data={"name": "X"}).status_code == 403
    assert get(booking_id).calendar_id == calendar_id
    unused = factories.calendar(name="Ubrugt").id
    client.post("/calendars/delete/", data={"id": unused, "row_version": 1})
    assert db.session.scalars(select(Calendar.id)).all() == [calendar_id]
