"""A base of customers with the truth: who is whom, and who lives with whom. The same for the same rows and seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .corruptions import registered_again
from .people import Person, World, people

DUPLICATES = 0.11  # of the records
AGAIN = (0.78, 0.17, 0.05)  # people registered twice, three and four times, of those registered more than once
NO_EMAIL, NO_MOBILE, NO_BIRTH_DATE, NO_ADDRESS = 0.22, 0.14, 0.40, 0.10
ROLE_MAILBOX, FALSE_EMAIL, FALSE_PHONE, FALSE_BIRTH_DATE = 0.006, 0.008, 0.01, 0.012
FALSE_EMAILS = ("test@test.dk", "ingen@ingen.dk", "ingen@mail.dk", "nej@nej.dk", "x@x.dk")
FALSE_PHONES = ("00000000", "12345678", "11111111", "99999999")
FALSE_BIRTH_DATES = (date(1900, 1, 1), date(1900, 1, 1), date(1901, 1, 1), date(2000, 1, 1))
ROLES = ("info", "kontakt", "mail", "post", "kontor")


class Record(NamedTuple):
    """A customer as registered: columns of the table, and the truth beside them."""

    name: str
    address: str | None
    postal_code: str | None
    city: str | None
    telephone: str | None
    mobile: str | None
    email: str | None
    birth_date: date | None
    entity: int
    household: int


FIELDS = Record._fields[:-2]


@dataclass(frozen=True, slots=True)
class Base:
    """Records in no order, as in a real base; the n-th has the id n + 1 once it is loaded."""

    records: list[Record]

    @property
    def entity(self) -> NDArray[np.int64]:
        """Who each record is."""
        return np.fromiter((record.entity for record in self.records), np.int64, len(self.records))

    @property
    def household(self) -> NDArray[np.int64]:
        """With whom each record lives."""
        return np.fromiter((record.household for record in self.records), np.int64, len(self.records))


def generate(rows: int, seed: int = 1) -> Base:
    """Make so many records."""
    world = World(random.Random(f"{rows} {seed}"))  # noqa: S311 (test data)
    records = list(chain.from_iterable(_records(world, rows)))
    world.chance.shuffle(records)
    return Base(records)


def _records(world: World, rows: int) -> Iterator[list[Record]]:
    """All records of each person."""
    copies = round(rows * DUPLICATES)
    count = rows - copies
    for seen, person in enumerate(people(world, count)):
        left, again = count - seen, 0
        if copies and world.happens(min(1.0, copies / (left * _mean()))):
            again = min(copies, _times(world))
        if left == 1:
            again = copies  # what chance left over, a handful at most
        copies -= again
        yield [written(world, person), *(written(world, registered_again(world, person)) for _time in range(again))]


def _mean() -> float:
    return sum(share * times for times, share in enumerate(AGAIN, start=1))


def _times(world: World) -> int:
    return world.chance.choices(range(1, len(AGAIN) + 1), AGAIN)[0]


def written(world: World, person: Person) -> Record:
    """What stands in the register: some of what is true, in somebody's way of writing."""
    there = not world.happens(NO_ADDRESS)
    return Record(
        name=_case(world, " ".join(filter(None, (person.first, person.middle, person.last)))),
        address=_case(world, person.address.street) if there else None,
        postal_code=person.address.postcode if there else None,
        city=person.address.town if there else None,
        telephone=_phone(world, person.landline) if person.landline else None,
        mobile=_mobile(world, person),
        email=_email(world, person),
        birth_date=_birth_date(world, person),
        entity=person.entity,
        household=person.household,
    )


def _case(world: World, text: str) -> str:
    if world.happens(0.04):
        return text.lower() if world.happens(0.5) else text.upper()
    return f" {text}" if world.happens(0.01) else text


def _phone(world: World, number: str) -> str:
    if world.happens(0.55) or len(number) != 8:
        return number
    pairs = " ".join(number[at : at + 2] for at in range(0, 8, 2))
    return world.chance.choice((pairs, f"+45{number}", f"+45 {pairs}", f"0045{number}", f"{number[:4]} {number[4:]}"))


def _mobile(world: World, person: Person) -> str | None:
    if person.mobile is None or world.happens(NO_MOBILE):
        return None
    if world.happens(FALSE_PHONE):
        return world.chance.choice(FALSE_PHONES)
    return _phone(world, person.mobile)


def _email(world: World, person: Person) -> str | None:
    if person.email is None or world.happens(NO_EMAIL):
        return None
    if world.happens(FALSE_EMAIL):
        return world.chance.choice(FALSE_EMAILS)
    if world.happens(ROLE_MAILBOX):
        return f"{world.chance.choice(ROLES)}@firma{world.chance.randrange(1, 4_000)}.dk"
    return person.email.capitalize() if world.happens(0.05) else person.email


def _birth_date(world: World, person: Person) -> date | None:
    if world.happens(NO_BIRTH_DATE):
        return None
    return world.chance.choice(FALSE_BIRTH_DATES) if world.happens(FALSE_BIRTH_DATE) else person.born
