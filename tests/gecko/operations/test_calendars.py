"""Calendars and the notes of their days."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid, NotFound
from gecko.models.bookings import Calendar, CalendarDay
from gecko.operations import calendars
from gecko.permissions import Principal
from tests import factories


def test_a_note_is_about_the_danish_day(app):
    calendar_id, other = factories.calendar().id, factories.calendar().id
    late = factories.booking(calendar_id=calendar_id, start_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC)).id
    early = factories.booking(calendar_id=calendar_id, start_at=datetime(2026, 7, 1, 21, 30, tzinfo=UTC)).id
    elsewhere = factories.booking(calendar_id=other, start_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC)).id
    with transaction():
        calendars.put_note(calendar_id, date(2026, 7, 2), " Går kl. 15 ")
    assert calendars.notes_of_bookings([late, early, elsewhere]) == {late: "Går kl. 15"}
    assert calendars.notes_of_bookings([]) == {}


def test_notes_are_found_for_many_places_at_once(app, queries):
    first, second = factories.calendar().id, factories.calendar().id
    one, two = date(2026, 7, 1), date(2026, 7, 2)
    with transaction():
        for place in ((first, one), (second, two)):
            calendars.put_note(*place, "Note")
    with queries(app) as seen:
        found = calendars.notes([(first, one), (first, two), (second, one), (second, two)])
    assert found == {(first, one): "Note", (second, two): "Note"}
    assert len(seen) == 1


def test_a_limited_user_notes_nothing_about_a_foreign_calendar(app):
    mine, other = factories.group().id, factories.group().id
    principal = Principal(1, None, "x", "X", groups=frozenset({mine}))
    foreign, everybodys = factories.calendar(group_id=other).id, factories.calendar().id
    with pytest.raises(NotFound), transaction():
        calendars.put_note(foreign, date(2026, 7, 1), "Note", principal=principal)
    with transaction():
        calendars.put_note(everybodys, date(2026, 7, 1), "Note", principal=principal)
    assert db.session.scalars(select(CalendarDay.calendar_id)).all() == [everybodys]


def test_names_are_used_once_and_versions_compared(sqlite_app):
    one = factories.calendar(name="Åse").id
    with pytest.raises(Invalid), transaction():
        calendars.create({"name": " åse "})
    with pytest.raises(Invalid), transaction():
        calendars.create({"name": "Ny", "group_id": 99})
    with pytest.raises(Conflict), transaction():
        calendars.change(one, {"is_active": False}, row_version=7)
    with transaction():
        calendars.change(one, {"name": "Åse", "is_active": False})
    assert not db.session.get_one(Calendar, one).is_active


def test_an_unused_calendar_goes_with_its_notes(app):
    unused, used = factories.calendar().id, factories.calendar().id
    factories.booking(calendar_id=used)
    with transaction():
        calendars.put_note(unused, date(2026, 7, 1), "Note")
        calendars.delete(unused)
    with pytest.raises(Invalid), transaction():
        calendars.delete(used)
    assert db.session.scalars(select(Calendar.id)).all() == [used]
    assert db.session.scalars(select(CalendarDay.id)).all() == []
