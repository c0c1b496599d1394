"""Facts are loaded for many customers with as many queries as for one, and only where the texts speak of them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gecko.clock import from_local
from gecko.db import transaction
from gecko.models.audit import AuditEntry
from gecko.models.bookings import CalendarDay
from gecko.models.customer_fields import CustomerField, CustomerFieldValue, FieldType
from gecko.models.customers import Customer
from gecko.models.markings import CustomerMarking, Marking
from gecko.modules import Feature
from gecko.operations import ad_hoc, customer_secrets, settings
from gecko.operations.texts import loading, rendering
from gecko.operations.texts.codes import Part
from gecko.operations.texts.parsing import parse
from gecko.operations.texts.registry import CODES, LOOPS
from gecko.operations.texts.reviewing import Source
from gecko.permissions import Permission, Principal
from tests import factories

AT = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
EVERYTHING = frozenset(Part)


def words(text, facts, language="da"):
    return rendering.as_words(parse(text), facts, language)


def facts_of(customer_id, *codes, **more):
    parts = loading.needed(Source("", "".join(f"[{code}]" for code in codes)))
    return loading.for_customers([customer_id], parts, at=AT, **more)[customer_id]


def booked(customer_id, day, hour=10, **values):
    start = from_local(datetime(2026, 11, day, hour, 0))
    values.setdefault("end_at", start + timedelta(minutes=45))
    return factories.booking(customer_id, start_at=start, **values).id


def test_what_stands_on_the_customer(app):
    group = factories.group(name="Firma", description="A", description_2="B", default_clips=5)
    values = {"number": "7", "city": "Ribe", "clips_left": 3, "language": "en", "gender": "male"}
    values |= {"accepts_marketing_sms": True, "password_hash": "x", "mobile": "+4520304050", "telephone": "+4535353535"}
    who = factories.customer(name="Bo Ib Ho", group_id=group.id, **values).id
    facts = facts_of(who)
    assert facts.customer.language == "en"
    assert words("[CUSTOMERSEXVALUE] [KUNDEMOBIL] [KUNDETELEFON]", facts, "en") == "Man 20 30 40 50 35 35 35 35"
    assert words("[CUSTOMERACCEPTSMARKETINGEMAIL] [CUSTOMERACCEPTSMARKETINGSMS]", facts) == "Nej Ja"
    assert words("[KUNDEKODE]", facts) == "******"
    assert words("[KUNDENAVN] [KUNDENUMMER] [KUNDEBYNAVN] [KUNDEKLIPTILBAGE]", facts) == "Bo Ib Ho 7 Ribe 3"
    assert words("[KUNDEGRUPPENAVN][CUSTOMERGROUPDESCRIPTION_2][KUNDEGRUPPEDEFAULTANTALKLIP]", facts) == "FirmaB5"
    assert words("[KUNDEADRESSE][KUNDECPRNR][KUNDEALDER]", facts) == ""
    assert loading.for_customers([987_654], EVERYTHING, at=AT) == {}


def test_the_company(app):
    with transaction():
        settings.put("company.name", "Klinik ApS")
        settings.put("company.phone", "+4535353535")
    facts = facts_of(factories.customer().id)
    assert words("[CASHREGISTERCOMPANYNAME] [CASHREGISTERCOMPANYPHONE]", facts) == "Klinik ApS 35 35 35 35"


def test_answers_markings_and_purchases(app):
    who = factories.customer().id
    field = factories.save(CustomerField(name="Sko", type=FieldType.NUMBER, is_sensitive=True)).id
    gone = factories.save(CustomerField(name="Hat", type=FieldType.LINE, deleted_at=AT)).id
    for field_id, value in ((field, "42.5"), (gone, "56")):
        factories.save(CustomerFieldValue(customer_id=who, field_id=field_id, value=value))
    marking = factories.save(Marking(name="VIP"))
    factories.save(CustomerMarking(customer_id=who, marking_id=marking.id, value="ja"))
    item_id = factories.item().id
    with transaction():
        ad_hoc.create(who, [ad_hoc.AdHocItem(item_id)], purchased_on=date(2026, 5, 4))
    facts = facts_of(who, f"RFS{field}", "CUSTOMERTAG_BEGIN", "CUSTOMERTAG_END", "ORDERSTOTALCOUNT")
    assert words(f"[RFS{field}]|[RFS{gone}]", facts) == "42,5|"
    assert facts.sensitive_fields == {field}
    assert words("[CUSTOMERTAG_BEGIN][CUSTOMERTAGNAME]=[CUSTOMERTAGVALUE][CUSTOMERTAG_END]", facts) == "VIP=ja"
    assert words("[ORDERSTOTALCOUNT] [ORDERSTOTALVALUE] [ORDERSLASTDATE]", facts) == "1 100,00 kr. 04-05-2026"
    assert facts_of(who).customer.answers == {}


def test_bookings_last_next_and_to_come(app):
    who, other = factories.customer().id, factories.customer().id
    service = factories.service(name="Massage", is_sensitive=True)
    old = booked(who, 1)
    last = booked(who, 10, service_id=service.id)
    done = booked(who, 23, completed_at=AT)
    now = booked(who, 22, 11, end_at=AT + timedelta(hours=2))
    first, second = booked(who, 24, service_id=service.id), booked(who, 25)
    deleted = booked(who, 26, deleted_at=AT, deleted_by_kind="staff")
    booked(other, 27)
    person = facts_of(who, "customerFutureBookingsBegin", "customerFutureBookingsEnd").customer
    assert [one.id for one in person.bookings] == [now, first, second]
    assert person.next_booking.id == first
    assert person.last_booking.id == done
    assert (person.bookings[1].service, person.bookings[1].is_sensitive) == ("Massage", True)
    assert {old, last, deleted}.isdisjoint(one.id for one in person.bookings)
    assert facts_of(factories.customer().id, "CUSTOMERLASTBOOKINGDATE").customer.last_booking is None


def test_a_booking_as_the_customer_is_told_of_it(app):
    who = factories.customer(name="Bo").id
    group = factories.group(name="Elever")
    service = factories.service(name="Klip", group_id=group.id)
    calendar = factories.calendar(name="Anna")
    factories.save(CalendarDay(calendar_id=calendar.id, date=date(2026, 11, 25), note="Brug bagdøren"))
    booking = booked(
        who, 25, service_id=service.id, calendar_id=calendar.id, shown_minutes=30, price_ore=12_500,
        booking_text="Hej\nmed jer", origin="online",
    )  # fmt: skip
    nobody = booked(None, 26)
    found = loading.for_bookings([booking, nobody, 987_654], frozenset(), at=AT)
    text = "[KUNDENAVN] [DATO] [KLOKKEN_FRATID]-[KLOKKEN_TILTID] [SERVICENAME] [CALENDARNAME] [BOOKINGPRICE]"
    assert words(text, found[booking]) == "Bo 25-11-2026 10:00-10:30 Klip Anna 125,00 kr."
    text = "[CALENDARDATENOTE]|[BOOKINGTEXT_NOBREAK]|[BOOKINGBOOKEDLOCATION]|[BOOKINGSERVICE_CUSTOMERGROUPNAME]"
    assert words(text, found[booking]) == "Brug bagdøren|Hej med jer|Online|Elever"
    assert found[nobody].customer is None
    assert words("[KUNDENAVN][BOOKINGSTATUS]|[BOOKINGBOOKEDLOCATION]", found[nobody]) == "|Backend"
    assert set(found) == {booking, nobody}


@pytest.fixture
def with_cpr(app):
    who = factories.customer().id
    with transaction() as session:
        settings.put(f"feature.{Feature.CPR}", True)
        customer_secrets.set_cpr(session.get(Customer, who), "090487-1234")
    return who


def principal(*rights):
    return Principal(1, None, "x", "x", permissions=frozenset(rights))


def test_social_security_numbers_are_whole_for_those_who_may_see_them_and_each_look_is_logged(app, with_cpr):
    for who in (None, principal()):
        assert words("[KUNDECPRNR]", facts_of(with_cpr, "KUNDECPRNR", principal=who)) == "090487-****"
    with transaction() as session:
        facts = facts_of(with_cpr, "KUNDECPRNR", principal=principal(Permission.CUSTOMER_VIEW_CPR))
        session.flush()
        assert session.query(AuditEntry).filter_by(action="customer.cpr_seen", customer_id=with_cpr).count() == 1
    assert words("[KUNDECPRNR] [KUNDECPRNRSTREG] [KUNDECPRNRMASKERET]", facts) == "0904871234 090487-1234 090487-****"
    assert facts_of(with_cpr).customer.cpr_masked == ""


def test_the_age_may_come_from_the_social_security_number(app, with_cpr):
    facts = facts_of(with_cpr, "KUNDEALDER")
    assert words("[KUNDEALDER] [customerBirthdateYear] [KUNDECPRNR]", facts) == "39 1987 "
    with transaction():
        settings.put(f"feature.{Feature.CPR}", False)
    assert words("[KUNDEALDER][KUNDECPRNR]", facts_of(with_cpr, "KUNDEALDER", "KUNDECPRNR")) == ""


def test_as_many_queries_for_many_as_for_one(app, queries):
    ids = [factories.customer().id for _n in range(6)]
    bookings = [booked(who, 24 + n, service_id=factories.service().id) for n, who in enumerate(ids)]
    counts = []
    for size in (1, 6):
        with queries(app) as seen:
            loading.for_customers(ids[:size], EVERYTHING, at=AT)
            loading.for_bookings(bookings[:size], EVERYTHING, at=AT)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    with queries(app) as seen:
        loading.for_customers(ids, frozenset(), at=AT)
    assert len(seen) == 2  # the customers with their groups, and the company


def test_every_code_and_loop_can_be_loaded(app):
    who = factories.customer(name="Bo", email="bo@example.dk", birth_date=date(1980, 1, 2)).id
    booking = booked(who, 25)
    names = [name for code in CODES for name in code.names if name != "RFS"]
    text = "".join(f"[{name}]" for name in names) + "".join(f"[{loop.begin}]x[{loop.end}]" for loop in LOOPS)
    source = Source("", text)
    assert loading.needed(source) == EVERYTHING - {Part.ANSWERS}
    facts = loading.for_bookings([booking], loading.needed(source), at=AT)[booking]
    assert "[" not in words(text, facts)
    assert "bo@example.dk" in words(text, facts)
