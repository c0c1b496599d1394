"""Bookings: made, moved, changed, completed, deleted and restored, and whom they may be for."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import func, select

from gecko import actor
from gecko.clock import now
from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid, NotFound
from gecko.models.bookings import Booking, Bucket, DeletedBy, Origin, in_bucket
from gecko.operations import booking_services, bookings, merging
from gecko.operations.booking_rules import LONGEST, Overlap
from gecko.permissions import Principal
from tests import factories

TOMORROW = (now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)


def book(calendar_id, *, start_at=TOMORROW, may_overlap=False, principal=None, **values):
    with transaction():
        wish = bookings.Wish(calendar_id=calendar_id, start_at=start_at, **values)
        return bookings.book(wish, may_overlap=may_overlap, principal=principal).id


def change(booking_id, values, **options):
    with transaction():
        return bookings.change(booking_id, values, **options)


def get(booking_id):
    db.session.rollback()
    return db.session.get(Booking, booking_id)


def minutes(booking):
    return (booking.end_at - booking.start_at) // timedelta(minutes=1)


def test_minutes_and_price_are_those_of_the_day_it_was_booked(app):
    service_id, calendar_id, customer_id = factories.service().id, factories.calendar().id, factories.customer().id
    one = book(calendar_id, customer_id=customer_id, service_id=service_id, booking_text=" Hej \r\n dig ")
    with transaction():
        booking_services.change(service_id, {"price_ore": 99_900, "shown_minutes": 90, "reserved_minutes": 95})
    row = get(one)
    assert (row.price_ore, row.shown_minutes, minutes(row)) == (30_000, 30, 40)
    assert (row.origin, row.booking_text, row.bucket(now())) == (Origin.BACKEND, "Hej \n dig", Bucket.ACTIVE)


def test_what_is_given_goes_before_the_service(app):
    service_id = factories.service().id
    row = get(book(factories.calendar().id, service_id=service_id, price_ore=0, shown_minutes=5, reserved_minutes=10))
    assert (row.price_ore, row.shown_minutes, minutes(row), row.customer_id) == (0, 5, 10, None)


def test_an_internal_booking_needs_a_length(sqlite_app):
    calendar_id = factories.calendar().id
    with pytest.raises(Invalid) as refused:
        book(calendar_id)
    assert refused.value.field == "reserved_minutes"
    row = get(book(calendar_id, reserved_minutes=25))
    assert (row.shown_minutes, row.price_ore) == (25, 0)


@pytest.mark.parametrize(
    ("offset", "length", "clashes"),
    [(0, 40, True), (-39, 40, True), (39, 1, True), (-10, 200, True), (-40, 40, False), (40, 10, False)],
)
def test_a_calendar_is_booked_once_unless_somebody_says_so(sqlite_app, offset, length, clashes):
    calendar_id = factories.calendar().id
    book(calendar_id, reserved_minutes=40)
    start_at = TOMORROW + timedelta(minutes=offset)
    if clashes:
        with pytest.raises(Overlap):
            book(calendar_id, start_at=start_at, reserved_minutes=length)
    book(calendar_id, start_at=start_at, reserved_minutes=length, may_overlap=clashes)
    book(factories.calendar().id, start_at=start_at, reserved_minutes=length)


def test_the_longest_booking_is_seen_to_its_end(app):
    calendar_id, longest = factories.calendar().id, LONGEST // timedelta(minutes=1)
    book(calendar_id, reserved_minutes=longest)
    with pytest.raises(Overlap):
        book(calendar_id, start_at=TOMORROW + LONGEST - timedelta(minutes=1), reserved_minutes=1)
    book(calendar_id, start_at=TOMORROW + LONGEST, reserved_minutes=1)
    with pytest.raises(Invalid):
        book(factories.calendar().id, reserved_minutes=longest + 1)


def test_deleted_and_completed_ones_give_their_time_away(app):
    calendar_id, begun = factories.calendar().id, now() - timedelta(minutes=10)
    done = book(calendar_id, start_at=begun, reserved_minutes=60)
    with transaction():
        bookings.mark_completed(done)
    book(calendar_id, start_at=begun + timedelta(minutes=15), reserved_minutes=20)
    with transaction():
        bookings.mark_completed(done)  # twice is once
    with transaction():
        assert bookings.mark_completed(done, is_completed=False).completed_at is None
    gone = book(calendar_id, reserved_minutes=30)
    with transaction():
        bookings.delete(gone)
    book(calendar_id, reserved_minutes=30)
    with pytest.raises(Overlap), transaction():
        bookings.restore(gone)
    with transaction():
        assert bookings.restore(gone, may_overlap=True).deleted_by_kind is None


def test_a_move_keeps_the_length_and_looks_for_room(app):
    here, there = factories.calendar().id, factories.calendar().id
    one = book(here, reserved_minutes=30)
    book(there, reserved_minutes=30)
    with pytest.raises(Overlap), transaction():
        bookings.move(one, start_at=TOMORROW, calendar_id=there)
    with transaction():
        bookings.move(one, start_at=TOMORROW + timedelta(minutes=30), calendar_id=there)
    row = get(one)
    assert (row.calendar_id, row.start_at, minutes(row)) == (there, TOMORROW + timedelta(minutes=30), 30)
    with transaction():  # next to itself is not a clash with itself
        bookings.move(one, start_at=TOMORROW + timedelta(minutes=40))


def test_another_service_brings_its_own_minutes_and_price_unless_they_were_changed_too(app):
    first, second = factories.service().id, factories.service(price_ore=50_000, shown_minutes=60, reserved_minutes=70)
    second_id, calendar_id = second.id, factories.calendar().id
    one, other = (book(calendar_id, service_id=first, start_at=TOMORROW + timedelta(hours=n)) for n in (0, 4))
    typed = {"service_id": second_id, "price_ore": 30_000, "shown_minutes": 30, "reserved_minutes": 40}
    change(one, typed)
    change(other, {**typed, "price_ore": 12_300})
    row, dearer = get(one), get(other)
    assert (row.price_ore, row.shown_minutes, minutes(row)) == (50_000, 60, 70)
    assert (dearer.price_ore, dearer.shown_minutes) == (12_300, 60)


def test_what_somebody_else_changed_is_not_overwritten(app):
    one = book(factories.calendar().id, reserved_minutes=30)
    version = get(one).row_version
    change(one, {"internal_note": "A"}, row_version=version)
    for act in (
        lambda: bookings.change(one, {"internal_note": "B"}, row_version=version),
        lambda: bookings.delete(one, row_version=version),
    ):
        with pytest.raises(Conflict), transaction():
            act()
    assert get(one).internal_note == "A"


def test_a_deletion_says_who_and_when_and_keeps_the_price(app):
    user_id, one = factories.user("office").id, book(factories.calendar().id, reserved_minutes=30, price_ore=700)
    with actor.acting_as(actor.Actor(user_id=user_id, name="Ole", source="web")), transaction():
        bookings.delete(one)
    row = get(one)
    assert (row.deleted_by_kind, row.deleted_by_id, row.price_ore) == (DeletedBy.STAFF, user_id, 700)
    assert row.bucket(now()) == Bucket.DELETED
    deleted_at = row.deleted_at
    with transaction():
        bookings.delete(one, by=DeletedBy.CUSTOMER)  # deleted already
    assert (get(one).deleted_at, get(one).deleted_by_kind) == (deleted_at, DeletedBy.STAFF)
    for act in (bookings.mark_no_show, bookings.mark_completed, lambda row_id: bookings.change(row_id, {})):
        with pytest.raises(Invalid), transaction():
            act(one)


def test_nobody_is_absent_before_it_begins(sqlite_app):
    coming, begun = (book(factories.calendar().id, start_at=now() + timedelta(hours=n), reserved_minutes=30)
                     for n in (2, -2))  # fmt: skip
    for act in (bookings.mark_no_show, bookings.mark_completed):
        with pytest.raises(Invalid), transaction():
            act(coming)
    with transaction():
        assert bookings.mark_no_show(begun).is_no_show
    with transaction():
        assert not bookings.mark_no_show(begun, is_no_show=False).is_no_show


def test_calendars_and_services_of_a_group_are_for_its_customers_alone(sqlite_app):
    group_id = factories.group().id
    member, stranger = factories.customer(group_id=group_id).id, factories.customer().id
    theirs, service_id = factories.calendar(group_id=group_id).id, factories.service(group_id=group_id).id
    open_to_all = factories.calendar().id
    one = book(theirs, customer_id=member, service_id=service_id)
    for calendar_id, wanted in ((theirs, None), (open_to_all, service_id)):
        with pytest.raises(Invalid):
            book(calendar_id, customer_id=stranger, service_id=wanted, reserved_minutes=5, start_at=TOMORROW)
    with pytest.raises(Invalid):
        change(book(open_to_all, customer_id=stranger, reserved_minutes=5), {"service_id": service_id})
    change(one, {"internal_note": "Stadig"})


def test_nothing_is_booked_in_what_is_closed_or_far_away(sqlite_app):
    calendar_id = factories.calendar().id
    for values in (
        {"calendar_id": factories.calendar(is_active=False).id},
        {"service_id": factories.service(is_active=False).id},
        {"start_at": datetime(9999, 12, 31, 23, tzinfo=UTC)},
        {"price_ore": -1},
        {"status_id": 99},
        {"reserved_minutes": 0},
        {"internal_note": "x" * 20_001},
    ):
        with pytest.raises(Invalid):
            book(**{"calendar_id": calendar_id, "reserved_minutes": 30, **values})
    deleted = factories.customer(deleted_at=now()).id
    with pytest.raises(NotFound):
        book(calendar_id, customer_id=deleted, reserved_minutes=30)
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 0


def test_a_limited_user_sees_and_books_their_own(app):
    mine, other = factories.group().id, factories.group().id
    principal = Principal(1, None, "x", "X", groups=frozenset({mine}))
    own, foreign = factories.customer(group_id=mine).id, factories.customer(group_id=other).id
    everybodys, others = factories.calendar().id, factories.calendar(group_id=other).id
    seen = book(everybodys, customer_id=own, reserved_minutes=10)
    hidden = [
        book(everybodys, customer_id=foreign, reserved_minutes=10, start_at=TOMORROW + timedelta(hours=1)),
        book(others, reserved_minutes=10),
    ]
    assert bookings.find(seen, principal).id == seen
    for one in hidden:
        with pytest.raises(NotFound):
            bookings.find(one, principal)
        with pytest.raises(NotFound), transaction():
            bookings.delete(one, principal=principal)
    with pytest.raises(NotFound):
        book(everybodys, customer_id=foreign, reserved_minutes=10, principal=principal, may_overlap=True)
    with pytest.raises(Invalid):
        book(others, customer_id=own, reserved_minutes=10, principal=principal, may_overlap=True)
    change(seen, {"internal_note": "Set"}, principal=principal)


def test_the_bucket_is_the_same_in_python_and_in_the_database(app):
    calendar_id, end_at = factories.calendar().id, TOMORROW + timedelta(minutes=30)
    for completed_at, deleted_at in product((None, TOMORROW), repeat=2):
        by = None if deleted_at is None else DeletedBy.SYSTEM
        factories.booking(
            calendar_id=calendar_id, start_at=TOMORROW, end_at=end_at, completed_at=completed_at,
            deleted_at=deleted_at, deleted_by_kind=by,
        )  # fmt: skip
    rows = db.session.scalars(select(Booking)).all()
    for at in (TOMORROW - timedelta(hours=1), TOMORROW, end_at - timedelta(seconds=1), end_at, end_at + timedelta(1)):
        found = {
            row_id: bucket
            for bucket in Bucket
            for row_id in db.session.scalars(select(Booking.id).where(in_bucket(bucket, at)))
        }
        assert found == {row.id: row.bucket(at) for row in rows}
    assert {row.bucket(TOMORROW) for row in rows} == set(Bucket)


def test_who_was_merged_meanwhile_is_booked_for_the_survivor_and_gets_it_back(app):
    survivor, absorbed, calendar_id = factories.customer().id, factories.customer().id, factories.calendar().id
    before = book(calendar_id, customer_id=absorbed, reserved_minutes=10)
    with transaction():
        merge_id = merging.merge(survivor, [absorbed]).id
    after = book(calendar_id, customer_id=absorbed, reserved_minutes=10, start_at=TOMORROW + timedelta(hours=1))
    assert {get(before).customer_id, get(after).customer_id} == {survivor}
    change(before, {"internal_note": "Efter fletning"})
    with transaction():
        merging.undo(merge_id)
    assert (get(before).customer_id, get(after).customer_id) == (absorbed, survivor)
    assert get(before).internal_note == "Efter fletning"


def test_two_who_book_the_same_time_at_once_do_not_both_get_it(app):
    calendar_id, start, outcomes = factories.calendar().id, threading.Barrier(4), []
    db.session.remove()

    def attempt():
        with app.app_context():
            start.wait()
            try:
                book(calendar_id, reserved_minutes=30)
                outcomes.append("booked")
            except Overlap:
                outcomes.append("taken")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=attempt) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["booked", "taken", "taken", "taken"]
