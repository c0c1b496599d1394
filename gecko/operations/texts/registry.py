"""Every code and every loop in one table: texts are written by it and the documentation page shows it.

The names are those of the reference system's guides; where those know a value in one language only, and where they
name none for what this product registers (weekday, calendar, price, the customer's group), the other names are ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter
from typing import Any

from ... import cpr, phones
from ...language import _
from .codes import Code, Loop, Part, Scope, Subject, Table
from .facts import Answer, Booked, Person
from .writing import Kind

_CPR = _("a social security number")
_MARKING = _("a marking of the staff")
_WORDS = _("what the customer wrote, which may be about their health")


def _customer(names: str, kind: Kind, get: Any, about: Any, part: Part | None = None, unfit: Any = None) -> Code:
    return Code(tuple(names.split()), kind, Subject.CUSTOMER, get, about, part, unfit)


def _booking(names: str, kind: Kind, get: Any, about: Any, unfit: Any = None) -> Code:
    return Code(tuple(names.split()), kind, Subject.BOOKING, get, about, unfit=unfit)


def _tag(names: str, kind: Kind, field: str, about: Any) -> Code:
    return Code(tuple(names.split()), kind, Subject.TAG, attrgetter(field), about, unfit=_MARKING)


def _company(names: str, field: str, about: Any) -> Code:
    return Code(tuple(names.split()), Kind.TEXT, Subject.COMPANY, attrgetter(field), about)


def _birth(part: str) -> Any:
    return lambda person: getattr(person.born_on, part) if person.born_on else None


def _visit(which: str, field: str) -> Any:
    def get(person: Person) -> Any:
        booking = getattr(person, which)
        return getattr(booking, field) if booking else None

    return get


def _group(field: str) -> Any:
    def get(booking: Booked) -> Any:
        return getattr(booking.group, field) if booking.group else None

    return get


def _answer(person: Person, field_id: int) -> Answer | None:
    return person.answers.get(field_id)


def _first(person: Person) -> str:
    return person.name.split()[0] if person.name.split() else ""


def _last(person: Person) -> str:
    words = person.name.split()
    return words[-1] if len(words) > 1 else ""


CODES: tuple[Code, ...] = (
    _customer("KUNDENAVN CUSTOMERNAME", Kind.TEXT, attrgetter("name"), _("Name")),
    _customer("KUNDEFORNAVN CUSTOMERFIRSTNAME", Kind.TEXT, _first, _("First name")),
    _customer("KUNDEMELLEMNAVNE CUSTOMERMIDDLENAMES", Kind.TEXT, lambda one: " ".join(one.name.split()[1:-1]),
              _("Middle names")),
    _customer("KUNDEEFTERNAVN CUSTOMERLASTNAME", Kind.TEXT, _last, _("Last name")),
    _customer("KUNDEADRESSE CUSTOMERADDRESS", Kind.TEXT, attrgetter("address"), _("Address")),
    _customer("KUNDEPOSTNR CUSTOMERPOSTALCODE", Kind.TEXT, attrgetter("postal_code"), _("Postal code")),
    _customer("KUNDEBYNAVN CUSTOMERCITY", Kind.TEXT, attrgetter("city"), _("City")),
    _customer("KUNDETELEFON CUSTOMERTELEPHONE", Kind.TEXT, lambda one: phones.display(one.telephone), _("Telephone")),
    _customer("KUNDEMOBIL CUSTOMERMOBILE", Kind.TEXT, lambda one: phones.display(one.mobile), _("Mobile")),
    _customer("KUNDEEMAIL CUSTOMEREMAIL", Kind.TEXT, attrgetter("email"), _("E-mail")),
    _customer("KUNDENUMMER CUSTOMERNUMBER", Kind.TEXT, attrgetter("number"), _("Customer number")),
    _customer("KUNDEID CUSTOMERID", Kind.NUMBER, attrgetter("id"), _("The customer's id in this system")),
    _customer("KUNDECPRNR CUSTOMERSSN", Kind.TEXT, lambda one: one.cpr or one.cpr_masked,
              _("Social security number, masked where whoever sends may not see it in full"), Part.CPR, _CPR),
    _customer("KUNDECPRNRSTREG CUSTOMERSSNHYPHEN", Kind.TEXT,
              lambda one: cpr.display(one.cpr) if one.cpr else one.cpr_masked,
              _("Social security number with a hyphen"), Part.CPR, _CPR),
    _customer("KUNDECPRNRMASKERET CUSTOMERSSNMASKED", Kind.TEXT, attrgetter("cpr_masked"),
              _("Social security number without its last four digits"), Part.CPR, _CPR),
    _customer("KUNDEALDER CUSTOMERAGE", Kind.NUMBER, attrgetter("age"), _("Age"), Part.BORN),
    _customer("KUNDEKODE CUSTOMERPASSWORD", Kind.TEXT, lambda one: "******" if one.has_password else "",
              _("Password, always as stars")),
    _customer("KUNDEKØNVÆRDI CUSTOMERSEXVALUE", Kind.GENDER, attrgetter("gender"), _("Gender")),
    _customer("KUNDEFØDSELSDATO CUSTOMERBIRTHDATE", Kind.DATE, attrgetter("born_on"), _("Date of birth"), Part.BORN),
    _customer("CUSTOMERBIRTHDATEDAY", Kind.PART, _birth("day"), _("Day of birth"), Part.BORN),
    _customer("CUSTOMERBIRTHDATEMONTH", Kind.PART, _birth("month"), _("Month of birth"), Part.BORN),
    _customer("CUSTOMERBIRTHDATEYEAR", Kind.NUMBER, _birth("year"), _("Year of birth"), Part.BORN),
    _customer("KUNDEKLIPTILBAGE CUSTOMERCLIPSLEFT", Kind.NUMBER, attrgetter("clips_left"), _("Clips left")),
    _customer("CUSTOMERACCEPTSMARKETINGEMAIL", Kind.FLAG, attrgetter("accepts_marketing_email"),
              _("Newsletter by e-mail")),
    _customer("CUSTOMERACCEPTSMARKETINGSMS", Kind.FLAG, attrgetter("accepts_marketing_sms"), _("Newsletter by SMS")),
    _customer("AFMELDLINK UNSUBSCRIBELINK", Kind.TEXT, attrgetter("unsubscribe_link"),
              _("The customer's own link to say no to newsletters, or yes again"), Part.LINK),
    _customer("KUNDEGRUPPENAVN CUSTOMERGROUPNAME", Kind.TEXT, attrgetter("group.name"),
              _("Name of the customer's group")),
    _customer("KUNDEGRUPPEID CUSTOMERGROUPID", Kind.NUMBER, attrgetter("group.id"), _("Id of the customer's group")),
    _customer("KUNDEGRUPPEBESKRIVELSE CUSTOMERGROUPDESCRIPTION", Kind.LINES, attrgetter("group.description"),
              _("Description of the customer's group")),
    _customer("KUNDEGRUPPEBESKRIVELSE_2 CUSTOMERGROUPDESCRIPTION_2", Kind.LINES, attrgetter("group.description_2"),
              _("Second description of the customer's group")),
    _customer("KUNDEGRUPPEBESKRIVELSE_3 CUSTOMERGROUPDESCRIPTION_3", Kind.LINES, attrgetter("group.description_3"),
              _("Third description of the customer's group")),
    _customer("KUNDEGRUPPEDEFAULTANTALKLIP CUSTOMERGROUPDEFAULTCLIPS", Kind.NUMBER, attrgetter("group.default_clips"),
              _("Clips that a new customer of the group starts with")),
    Code(("RFS",), Kind.ANSWER, Subject.CUSTOMER, _answer, _("Answer to a custom field, by the field's number"),
         Part.ANSWERS, has_parameter=True),
    _customer("ORDERSTOTALCOUNT", Kind.NUMBER, attrgetter("purchases.count"), _("Purchases: how many"),
              Part.PURCHASES),
    _customer("ORDERSTOTALVALUE", Kind.MONEY, attrgetter("purchases.total_ore"), _("Purchases: value with VAT"),
              Part.PURCHASES),
    _customer("ORDERSTOTALVALUEEXVAT", Kind.MONEY, attrgetter("purchases.net_ore"),
              _("Purchases: value of the invoices without VAT"), Part.PURCHASES),
    _customer("ORDERSLASTDATE", Kind.DATE, attrgetter("purchases.last_on"), _("Purchases: date of the last"),
              Part.PURCHASES),
    _customer("CUSTOMERLASTBOOKINGDATE", Kind.DATE, _visit("last_booking", "day"), _("Last booking: date"),
              Part.BOOKINGS),
    _customer("CUSTOMERLASTBOOKINGSERVICE", Kind.TEXT, _visit("last_booking", "service"), _("Last booking: service"),
              Part.BOOKINGS),
    _customer("CUSTOMERNEXTBOOKINGDATE", Kind.DATE, _visit("next_booking", "day"), _("Next booking: date"),
              Part.BOOKINGS),
    _customer("CUSTOMERNEXTBOOKINGSERVICE", Kind.TEXT, _visit("next_booking", "service"), _("Next booking: service"),
              Part.BOOKINGS),
    _customer("GENINDKALDDATO RECALLDATE", Kind.DATE, _visit("recall", "on"), _("Recall: date"), Part.RECALL),
    _customer("GENINDKALDYDELSE RECALLSERVICE", Kind.TEXT, _visit("recall", "service"), _("Recall: service"),
              Part.RECALL),
    _booking("DATO BOOKINGDATE", Kind.DATE, attrgetter("day"), _("Date")),
    _booking("UGEDAG BOOKINGWEEKDAY", Kind.WEEKDAY, attrgetter("day"), _("Weekday")),
    _booking("KLOKKEN_FRATID BOOKINGREALTIMEFROM", Kind.TIME, attrgetter("starts_at"), _("Begins at")),
    _booking("KLOKKEN_TILTID BOOKINGREALTIMETO", Kind.TIME, attrgetter("ends_at"), _("Ends at")),
    _booking("YDELSESNAVN SERVICENAME", Kind.TEXT, attrgetter("service"), _("Service")),
    _booking("KALENDERNAVN CALENDARNAME", Kind.TEXT, attrgetter("calendar"), _("Calendar")),
    _booking("BOOKINGPRIS BOOKINGPRICE", Kind.MONEY, attrgetter("price_ore"), _("Price")),
    _booking("BOOKINGID", Kind.NUMBER, attrgetter("id"), _("The booking's id in this system")),
    _booking("BOOKINGSTATUS", Kind.TEXT, attrgetter("status"), _("Status of the booking, where it has one")),
    _booking("BOOKINGBOOKEDLOCATION", Kind.TEXT, lambda one: "Online" if one.is_online else "Backend",
             _("Booked by the customer (Online) or by staff (Backend)")),
    _booking("EKSTRATEKST BOOKINGTEXT", Kind.LINES, attrgetter("text"), _("What was written when booking"), _WORDS),
    _booking("EXTRADATONOTE CALENDARDATENOTE", Kind.LINES, attrgetter("day_note"),
             _("The calendar's note on the date")),
    _booking("BOOKINGSERVICE_CUSTOMERGROUPID", Kind.NUMBER, _group("id"), _("Id of the service's customer group")),
    _booking("BOOKINGSERVICE_CUSTOMERGROUPNAME", Kind.TEXT, _group("name"), _("Name of the service's customer group")),
    _booking("BOOKINGSERVICE_CUSTOMERGROUPDESCRIPTION", Kind.LINES, _group("description"),
             _("Description of the service's customer group")),
    _booking("BOOKINGSERVICE_CUSTOMERGROUPDESCRIPTION_2", Kind.LINES, _group("description_2"),
             _("Second description of the service's customer group")),
    _booking("BOOKINGSERVICE_CUSTOMERGROUPDESCRIPTION_3", Kind.LINES, _group("description_3"),
             _("Third description of the service's customer group")),
    _tag("CUSTOMERTAGID", Kind.NUMBER, "id", _("The marking's id in this system")),
    _tag("CUSTOMERTAGNAME", Kind.TEXT, "name", _("Marking")),
    _tag("CUSTOMERTAGVALUE", Kind.LINES, "value", _("What was written with the marking")),
    _company("CASHREGISTERCOMPANYNAME", "name", _("Name")),
    _company("CASHREGISTERCOMPANYADDRESS", "address", _("Address")),
    _company("CASHREGISTERCOMPANYPOSTALCODE", "postal_code", _("Postal code")),
    _company("CASHREGISTERCOMPANYCITY", "city", _("City")),
    Code(("CASHREGISTERCOMPANYPHONE",), Kind.TEXT, Subject.COMPANY, lambda one: phones.display(one.phone),
         _("Telephone")),
    _company("CASHREGISTERCOMPANYEMAIL", "email", _("E-mail")),
    _company("CASHREGISTERCOMPANYVAT", "cvr", _("CVR number")),
    _company("CASHREGISTERACCOUNTREGNO", "bank_reg_no", _("Registration number of the bank")),
    _company("CASHREGISTERACCOUNTNO", "bank_account_no", _("Account number")),
    Code(("LINEBREAK",), Kind.TEXT, Subject.TEXT, lambda _facts: "\n", _("A line break")),
)  # fmt: skip


def _future(scope: Scope, option: str) -> Iterable[Scope]:
    person, today = scope.facts.customer, scope.facts.today
    bookings = person.bookings if person else ()
    return (replace(scope, booking=one) for one in bookings if not option or one.day > today)


def _tags(scope: Scope, _option: str) -> Iterable[Scope]:
    person = scope.facts.customer
    return (replace(scope, tag=one) for one in (person.tags if person else ()))


LOOPS: tuple[Loop, ...] = (
    Loop("customerFutureBookingsBegin", "customerFutureBookingsEnd", _future,
         _("Repeats what stands between for every booking to come; with _skipToday not for those of today"),
         ("skipToday",), Part.BOOKINGS),
    Loop("CUSTOMERTAG_BEGIN", "CUSTOMERTAG_END", _tags, _("Repeats what stands between for every marking"),
         part=Part.TAGS, unfit=_MARKING),
)  # fmt: skip
TABLE = Table(CODES, LOOPS)

AREAS: tuple[tuple[Any, tuple[Subject, ...]], ...] = (
    (_("Customer"), (Subject.CUSTOMER,)),
    (_("Booking"), (Subject.BOOKING,)),
    (_("Markings"), (Subject.TAG,)),
    (_("Company"), (Subject.COMPANY,)),
    (_("Other"), (Subject.TEXT,)),
)
"""The table's chapters, for people."""
