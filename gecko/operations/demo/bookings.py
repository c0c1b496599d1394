"""The demo's bookings: four people and a room, some months back and some weeks ahead of the day it is built.

Unlike everything else in the demo these hang on today, since a calendar whose bookings are all over shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert

from ...clock import from_local, midnight, now, today
from ...db import transaction
from ...models.bookings import Booking, BookingStatus, Calendar, CalendarDay, DeletedBy, Origin, Service
from . import bulk
from .draw import ANCHOR, YEARS, Dice
from .people import People

SEED_OF_BOOKINGS = 20_261_122
_BACK, _AHEAD = 150, 45
_OPENS, _CLOSES = time(8), time(16, 30)
# category: name, shown and reserved minutes, price in kroner, whether the name stays out of text messages
_SERVICES: dict[str, tuple[tuple[str, int, int, int, bool], ...]] = {
    "Frisør": (
        ("Klipning, dame", 45, 45, 449, False), ("Klipning, herre", 30, 30, 349, False),
        ("Klipning, barn", 30, 30, 249, False), ("Farvning", 90, 105, 799, False),
        ("Striber, hel hætte", 120, 135, 1_095, False),
    ),
    "Velvære": (
        ("Ansigtsbehandling", 60, 70, 595, False), ("Vipper og bryn", 30, 30, 275, False),
        ("Manicure", 45, 50, 375, False), ("Voksning, ben", 45, 50, 345, False),
    ),
    "Sundhed": (
        ("Fysioterapi, første konsultation", 45, 60, 525, True), ("Fysioterapi, opfølgning", 30, 35, 345, True),
        ("Akupunktur", 45, 50, 450, True), ("Massage, 60 min.", 60, 70, 625, False),
    ),
    "Fødder": (("Fodbehandling", 45, 50, 410, True), ("Indlæg, tilpasning", 60, 60, 890, True)),
}  # fmt: skip
_FOR_COMPANY = ("Kontormassage, 20 min.", 20, 25, 195, False)
_CALENDARS = {"Mette": "Frisør", "Søren": "Sundhed", "Åse": "Velvære", "Lone": "Fødder"}
_STATUSES = (("Bekræftet", "green"), ("Afventer svar", "yellow"), ("Ankommet", "teal"), ("Ring først", "orange"))
_MESSAGES = (
    "Jeg kommer måske fem minutter for sent.",
    "Vil gerne have samme behandler som sidst.",
    "Min søn kommer med.",
    "Må jeg betale med gavekort?",
    "Skal klippes til bryllup om lørdagen.",
    "Jeg har glemt, om jeg skal betale for parkering.",
)
_NOTES = ("Farve 6/3, 20 vol.", "Ringede for at bekræfte.", "Skal have tid igen om seks uger.", "Betaler pr. faktura.")
_INTERNAL = (("Personalemøde", 60), ("Frokost", 30), ("Bestilling af varer", 45), ("Kursus", 180), ("Tandlæge", 60))
_DAY_NOTES = ("Går kl. 15.", "Vikar: Pernille.", "Nøglen ligger hos naboen.", "Elev med om formiddagen.")


@dataclass(frozen=True, slots=True)
class _Set:
    """What was set up: calendars by id with the services booked in them, statuses, and who books."""

    calendars: dict[int, list[Service]]
    statuses: list[int]
    regulars: list[int]
    company: list[int]
    company_service: Service
    staff: list[int]


def build(people: People, staff: dict[str, int], scale: float) -> None:
    """Make calendars, services, statuses and some thousand bookings, deleted and internal ones and no-shows too."""
    dice = Dice(SEED_OF_BOOKINGS)
    with transaction() as session:
        made = _set_up(session, people, staff)
        days = [
            day
            for n in range(-round(_BACK * scale), round(_AHEAD * scale) + 1)
            if (day := today() + timedelta(days=n)).weekday() < 5 or n == 0
        ]
        rows = [row for day in days for calendar_id in made.calendars for row in _day(dice, made, calendar_id, day)]
        bulk.add(session, Booking, rows)
        notes: list[dict[str, Any]] = [
            {"calendar_id": dice.one(list(made.calendars)), "date": day, "note": dice.one(_DAY_NOTES)}
            for day in days
            if dice.some(0.15)
        ]
        if notes:
            session.execute(insert(CalendarDay), notes)


def _set_up(session: Any, people: People, staff: dict[str, int]) -> _Set:
    at = midnight(ANCHOR - YEARS)
    services = {category: [_service(category, values, at) for values in rows] for category, rows in _SERVICES.items()}
    for_company = _service("Sundhed", _FOR_COMPANY, at)
    for_company.group_id = people.company_group
    old = Service(name="Permanent", category="Frisør", shown_minutes=120, reserved_minutes=120, price_ore=89_500,
                  is_active=False, created_at=at)  # fmt: skip
    statuses = [BookingStatus(name=name, colour=colour, position=n) for n, (name, colour) in enumerate(_STATUSES, 1)]
    calendars = {name: Calendar(name=name, created_at=at) for name in (*_CALENDARS, "Behandlerrum 2")}
    former = Calendar(name="Karen (elev)", is_active=False, created_at=at)
    for row in (*(one for rows in services.values() for one in rows), for_company, old, *statuses):
        session.add(row)
    session.add_all([*calendars.values(), former])
    session.flush()
    offered = {calendars[name].id: services[category] for name, category in _CALENDARS.items()}
    offered[calendars["Behandlerrum 2"].id] = [services["Sundhed"][3]]
    left_out = {people.company_group, people.inactive_group}
    everybody = [one for one, values in people.customers.items() if values["group_id"] not in left_out]
    return _Set(
        calendars=offered,
        statuses=[one.id for one in statuses],
        regulars=everybody,
        company=people.of_group(people.company_group),
        company_service=for_company,
        staff=[staff["receptionist"], staff["office"]],
    )


def _service(category: str, values: tuple[str, int, int, int, bool], at: datetime) -> Service:
    name, shown, reserved, kroner, is_sensitive = values
    return Service(
        name=name, category=category, shown_minutes=shown, reserved_minutes=reserved, price_ore=kroner * 100,
        is_sensitive=is_sensitive, created_at=at,
    )  # fmt: skip


def _day(dice: Dice, made: _Set, calendar_id: int, day: date) -> Iterator[dict[str, Any]]:
    """One calendar's day, from morning to evening; fuller in the past and the next days than far ahead."""
    is_near = day <= today() + timedelta(days=10)
    at, end = from_local(datetime.combine(day, _OPENS)), from_local(datetime.combine(day, _CLOSES))
    while at < end:
        if not dice.some(0.6 if is_near else 0.3):
            at += timedelta(minutes=dice.one([15, 30, 45, 60]))
            continue
        row = _internal(dice, made, at) if dice.some(0.06) else _visit(dice, made, calendar_id, at)
        yield {"calendar_id": calendar_id, **row}
        if row["deleted_at"] is None or dice.some(0.5):  # else the time is given to somebody else
            at = row["end_at"] + timedelta(minutes=(-(row["end_at"].minute)) % 5)


def _visit(dice: Dice, made: _Set, calendar_id: int, at: datetime) -> dict[str, Any]:
    service, customer_id = dice.one(made.calendars[calendar_id]), dice.one(made.regulars, towards_first=1.6)
    if made.company and service.category == "Sundhed" and dice.some(0.1):
        service, customer_id = made.company_service, dice.one(made.company)
    is_online = dice.some(0.45)
    is_over = at + timedelta(minutes=service.reserved_minutes) < now()
    deleted = _deletion(dice, made, at, is_online) if dice.some(0.08) else _NOT_DELETED
    is_missed = is_over and deleted["deleted_at"] is None and dice.some(0.03)
    return {
        **_row(dice, at, service.reserved_minutes),
        **deleted,
        "customer_id": customer_id,
        "service_id": service.id,
        "shown_minutes": service.shown_minutes,
        "price_ore": service.price_ore,
        "status_id": dice.one(made.statuses) if dice.some(0.3) else None,
        "origin": Origin.ONLINE if is_online else Origin.BACKEND,
        "booking_text": dice.one(_MESSAGES) if is_online and dice.some(0.2) else None,
        "internal_note": dice.one(_NOTES) if dice.some(0.08) else None,
        "is_no_show": is_missed,
        "created_by_id": None if is_online else dice.one(made.staff),
    }


def _internal(dice: Dice, made: _Set, at: datetime) -> dict[str, Any]:
    text, minutes = dice.one(_INTERNAL)
    return {
        **_row(dice, at, minutes),
        **_NOT_DELETED,
        "customer_id": None,
        "service_id": None,
        "shown_minutes": minutes,
        "price_ore": 0,
        "status_id": None,
        "origin": Origin.BACKEND,
        "booking_text": None,
        "internal_note": text,
        "is_no_show": False,
        "created_by_id": dice.one(made.staff),
    }


def _row(dice: Dice, at: datetime, minutes: int) -> dict[str, Any]:
    booked = dice.instant(min(at.date(), today()) - timedelta(days=dice.randint(2, 50)))
    return {"start_at": at, "end_at": at + timedelta(minutes=minutes), "created_at": booked}


_NOT_DELETED: dict[str, Any] = {"deleted_at": None, "deleted_by_kind": None, "deleted_by_id": None}


def _deletion(dice: Dice, made: _Set, at: datetime, is_online: bool) -> dict[str, Any]:
    """Deleted on the day before, or yesterday at the latest; those who booked online mostly do so themselves."""
    by_customer = is_online and dice.some(0.7)
    return {
        "deleted_at": dice.instant(min(at.date(), today()) - timedelta(days=1)),
        "deleted_by_kind": DeletedBy.CUSTOMER if by_customer else DeletedBy.STAFF,
        "deleted_by_id": None if by_customer else dice.one(made.staff),
    }
