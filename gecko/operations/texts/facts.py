"""What codes can say: plain values about a customer, a booking and the company, loaded elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from ...clock import local
from ...models.customer_fields import FieldType
from ..company import Company


@dataclass(frozen=True, slots=True)
class Group:
    """A customer group."""

    id: int
    name: str
    description: str = ""
    description_2: str = ""
    description_3: str = ""
    default_clips: int = 0


@dataclass(frozen=True, slots=True)
class Tag:
    """A marking on the customer."""

    id: int
    name: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a custom field holds, as stored: dates as ISO text, yes/no as 1 and 0, numbers with a point."""

    type: FieldType
    value: str


@dataclass(frozen=True, slots=True)
class Purchases:
    """What the customer has bought, credit notes taken off; øre.

    net_ore: of invoices alone, as other purchases were typed in without their VAT.
    """

    count: int = 0
    total_ore: int = 0
    net_ore: int = 0
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking. `is_online`: booked by the customer. `day_note`: what the calendar says about that date.

    ends_at: the end that the customer is told, which may differ from the time kept free. is_sensitive: the service's
    name tells something about health or the like.
    """

    id: int
    starts_at: datetime
    ends_at: datetime
    service: str = ""
    calendar: str = ""
    group: Group | None = None
    status: str = ""
    is_online: bool = False
    text: str = ""
    day_note: str = ""
    price_ore: int | None = None
    is_sensitive: bool = False

    @property
    def day(self) -> date:
        """The Danish date on which it begins."""
        return local(self.starts_at).date()


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the customer is asked back for, and the date of it."""

    on: date
    service: str
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A customer. cpr: ten digits, only where the one who asked may see them; cpr_masked: `010203-****`.

    bookings: those to come, in order, today's included; last and next as seen from the moment of writing. recall: what
    the text is about, else the next.
    """

    id: int
    name: str
    group: Group
    number: str = ""
    address: str = ""
    postal_code: str = ""
    city: str = ""
    telephone: str = ""
    mobile: str = ""
    email: str = ""
    born_on: date | None = None
    age: int | None = None
    gender: str = "unknown"
    language: str = "da"
    clips_left: int = 0
    accepts_marketing_email: bool = False
    accepts_marketing_sms: bool = False
    has_password: bool = False
    cpr: str = ""
    cpr_masked: str = ""
    answers: Mapping[int, Answer] = field(default_factory=dict)
    tags: tuple[Tag, ...] = ()
    purchases: Purchases = Purchases()
    bookings: tuple[Booked, ...] = ()
    last_booking: Booked | None = None
    next_booking: Booked | None = None
    recall: Recalled | None = None
    unsubscribe_link: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything one text may speak about at one moment; what is missing is written as nothing.

    sensitive_fields: the custom fields whose answers must not go by SMS.
    """

    at: datetime
    company: Company
    customer: Person | None = None
    booking: Booked | None = None
    sensitive_fields: frozenset[int] = frozenset()

    def discreet(self, language: str) -> Facts:
        """The same for a text message, which anybody near the telephone may read: a sensitive service goes unnamed,
        a sensitive answer is left out."""
        customer = _discreet(self.customer, self.sensitive_fields, language)
        return replace(self, booking=_veiled(self.booking, language), customer=customer)

    @property
    def today(self) -> date:
        """The Danish date of the moment."""
        return local(self.at).date()


UNNAMED = {"da": "aftale", "en": "appointment"}
"""What a sensitive service is called in a text message."""


def _discreet(person: Person | None, fields: frozenset[int], language: str) -> Person | None:
    if person is None:
        return None
    return replace(
        person,
        answers={number: answer for number, answer in person.answers.items() if number not in fields},
        bookings=tuple(filter(None, (_veiled(one, language) for one in person.bookings))),
        last_booking=_veiled(person.last_booking, language),
        next_booking=_veiled(person.next_booking, language),
        recall=_veiled(person.recall, language),
    )


Named = TypeVar("Named", Booked, Recalled)


def _veiled(one: Named | None, language: str) -> Named | None:
    return one if one is None or not one.is_sensitive else replace(one, service=UNNAMED[language])
