"""The profile's tab Bookings, its print, the next booking in header and list, and the number of the day."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from gecko.clock import local, midnight, now, today
from gecko.db import db, transaction
from gecko.models.bookings import Booking, Bucket, DeletedBy
from gecko.models.customers import Customer
from gecko.operations import booking_lists, settings
from tests import factories
from tests.plans import plan


def links(html):
    return [int(found) for found in re.findall(r'href="/bookings/(\d+)">(?:Go to specific|Gå til konkret)', html)]


@pytest.fixture
def history():
    """A customer with bookings in every list: ids by list, in the order of the tab. Stands behind the app."""
    who, other = factories.customer(name="Åse Ærø").id, factories.customer().id
    calendar_id, service_id = factories.calendar(name="Mette").id, factories.service(name="Klipning").id
    user = factories.user("office", name="Ole Kontor").id
    common = {"calendar_id": calendar_id, "service_id": service_id}
    ids = {
        "active": [factories.booking(who, days=n, **common).id for n in (1, 5)],
        "previous": [factories.booking(who, days=-n, **common).id for n in (1, 9)],
        "deleted": [
            factories.booking(
                who, days=3, deleted_at=now() - timedelta(days=n), deleted_by_kind=by, deleted_by_id=by_id, **common
            ).id
            for n, by, by_id in ((1, DeletedBy.STAFF, user), (2, DeletedBy.CUSTOMER, None))
        ],
    }
    factories.booking(other, **common)
    return who, ids


def test_the_tab_has_three_lists_and_counts_the_active_ones(app, client_as, history):
    who, ids = history
    client = client_as("reviewer", language="en")
    shown = client.get(f"/customers/{who}/bookings").text
    assert links(shown) == [*ids["active"], *ids["previous"], *ids["deleted"]]
    assert re.search(r'/bookings">Bookings <span class="g-count">2</span>', shown)
    assert "Ole Kontor" in shown
    assert "New booking" not in shown
    assert f"/bookings/new/?customer={who}" in client_as("receptionist").get(f"/customers/{who}/bookings").text


def test_information_opens_first_though_bookings_stand_first(sqlite_app, client_as_sqlite, history):
    who, _ids = history
    shown = client_as_sqlite("office", language="en").get(f"/customers/{who}/").text
    tabs = re.findall(r'<a class="nav-link( active)?"[^>]*>([A-Za-z ]+)', shown)
    assert [name.strip() for _active, name in tabs][:2] == ["Bookings", "Customer information"]
    assert [name.strip() for active, name in tabs if active] == ["Customer information"]
    assert re.search(r'Next booking <a href="/bookings/\d+" title="Klipning">', shown)


def test_long_lists_go_on_page_by_page_without_gap_or_double(app, client_as, history):
    who, _ids = history
    for bucket in Bucket:
        for n in range(30):
            gone = {"deleted_at": now(), "deleted_by_kind": DeletedBy.SYSTEM} if bucket == Bucket.DELETED else {}
            factories.booking(who, days=(n // 2 + 20) * (-1 if bucket == Bucket.PREVIOUS else 1), **gone)
    for bucket in Bucket:
        seen, after = [], None
        while True:
            page = booking_lists.page(who, bucket, after=after)
            seen += [row.id for row in page.rows]
            after = page.next_cursor
            if after is None:
                break
        assert len(seen) == len(set(seen)) == 32
    client = client_as("office")
    first = client.get(f"/customers/{who}/bookings").text
    further = re.search(r'rel="next" href="([^"#]+)', first)[1]
    assert set(links(client.get(further).text)) != set(links(first))
    for wrong in ("x", "2026-01-01~1", "0001-01-01T00:00:00+00:00~1", f"{now().isoformat()}~{2**70}"):
        assert links(client.get(f"/customers/{who}/bookings?previous={wrong}").text) == links(first)


def test_the_tab_costs_the_same_queries_however_long_the_history(app, client_as, queries, history):
    who, _ids = history
    client, counted = client_as("office"), []
    for many in (1, 15):
        for n in range(many):
            factories.booking(who, days=n + 2)
        client.get(f"/customers/{who}/bookings")
        with queries(app) as seen:
            client.get(f"/customers/{who}/bookings")
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_the_lists_are_read_along_an_index(app, statements, history):
    who, ids = history
    one = db.session.get_one(Booking, ids["previous"][0])
    shared = {name: getattr(one, name) for name in ("calendar_id", "start_at", "end_at", "shown_minutes")}
    with transaction() as session:
        others = [Customer(name=f"N {n}", group_id=factories.primary_group().id) for n in range(50)]
        session.add_all(others)
        session.flush()
        session.execute(insert(Booking), [{**shared, "customer_id": others[n % 50].id} for n in range(2_000)])
        session.execute(text("ANALYZE"))
    with statements(app) as seen:
        booking_lists.page(who, Bucket.PREVIOUS)
    assert "ix_booking_customer" in plan(*seen[-1])


def test_the_print_is_a_sheet_in_the_customers_language_under_the_companys_name(app, client_as, history):
    who, _ids = history
    with transaction():
        settings.put("company.name", "Klinik Gekko ApS")
    client = client_as("receptionist", language="en")
    shown = client.get(f"/customers/{who}/bookings/print")
    assert shown.status_code == 200
    for words in ("Klinik Gekko ApS", "Reservationer for Åse Ærø", "Klipning", "Mette", "30 min.", "300,00"):
        assert words in shown.text, words
    assert len(re.findall("<tr><th", shown.text)) == 1 + 2  # heading, and what is active
    assert "g-sidebar" not in shown.text
    assert '<html lang="da">' in shown.text
    english = factories.customer(language="en").id
    assert "No active reservations" in client.get(f"/customers/{english}/bookings/print").text


def test_without_the_right_there_is_no_tab(sqlite_app, client_as_sqlite, history):
    who, _ids = history
    client = client_as_sqlite(factories.role_with("customer.view"), language="en")
    shown = client.get(f"/customers/{who}/").text
    assert "Next booking" not in shown
    assert f"/customers/{who}/bookings" not in shown
    for path in (f"/customers/{who}/bookings", f"/customers/{who}/bookings/print", "/bookings/"):
        assert client.get(path).status_code == 403


def test_the_list_of_customers_tells_next_and_last_where_the_columns_are_shown(app, client_as, queries, history):
    _who, ids = history
    client = client_as("office", language="en")
    with queries(app) as before:
        plain = client.get("/customers/").text
    client.post("/customers/columns", data={"column": ["name", "next_booking", "last_booking"]})
    with queries(app) as after:
        shown = client.get("/customers/").text
    for booking_id in (ids["active"][0], ids["previous"][0]):
        start = db.session.scalar(select(Booking.start_at).where(Booking.id == booking_id))
        told = f"{local(start):%d-%m-%Y %H:%M}"
        assert told in shown
        assert told not in plain
    asked = [statement for statement in after if "booking" in statement]
    assert len(asked) == 1
    assert not [statement for statement in before if "booking" in statement]


def test_deleting_a_customer_tells_of_what_stays_in_the_calendar(sqlite_app, client_as_sqlite, history):
    who, _ids = history
    client = client_as_sqlite("office", language="en")
    assert "2 active bookings stay in the calendar." in client.get(f"/customers/delete/?id={who}").text
    assert "stay in the calendar" not in client.get(f"/customers/delete/?id={factories.customer().id}").text


def test_the_start_page_counts_the_day(app, client_as):
    begin = midnight(today())
    for hours in (-1, 1, 12, 30):
        factories.booking(start_at=begin + timedelta(hours=hours))
    factories.booking(start_at=begin + timedelta(hours=2), deleted_at=now(), deleted_by_kind=DeletedBy.SYSTEM)
    client = client_as("accountant", language="en")
    found = re.search(r'href="(/bookings/\?f_start_at_from[^"]+)"', client.get("/").text)[1].replace("&amp;", "&")
    assert len(re.findall("<tr data-id", client.get(found).text)) == 2
