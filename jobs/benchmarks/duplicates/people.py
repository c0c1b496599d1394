"""Made-up people in households: who lives together, is related, shares a mailbox, and who only looks as if."""

from __future__ import annotations

import random
import unicodedata
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache

from . import vocabulary
from .vocabulary import Origin

SIZES = (0.38, 0.71, 0.83, 0.95)  # households of one to five customers, cumulated
SAME_SURNAME, LANDLINE, SHARED_MAILBOX, CHILD_SHARES_MOBILE, TWINS, NAMESAKES = 0.72, 0.33, 0.09, 0.25, 0.05, 0.012
MIDDLE_SURNAME, SECOND_FIRST_NAME, AT_WORK, SURNAME_IN_MAILBOX = 0.24, 0.12, 0.08, 0.8
TODAY = date(2026, 1, 1)
PROVIDERS = vocabulary.Weighted(
    {"gmail.com": 44, "hotmail.com": 15, "outlook.dk": 6, "live.dk": 6, "yahoo.dk": 5, "icloud.com": 7, "mail.dk": 4,
     "stofanet.dk": 4, "youmail.dk": 3, "jubii.dk": 2, "outlook.com": 3, "me.com": 2}
)  # fmt: skip
DANISH_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ł": "l", "ı": "i", "đ": "dj"})
HOBBIES = (
    "fisk", "golf", "hest", "mus", "sol", "blomst", "rosa", "guld", "racer", "viking", "panda", "sejler", "jaeger",
    "kat", "hund", "bolle", "pirat", "dragon", "stjerne", "bamse", "tiger", "cykel", "musik", "kaffe", "sommer",
)  # fmt: skip
MAILBOXES: tuple[Callable[[str, str], str], ...] = (
    "{}.{}".format, "{}.{}".format, "{}{}".format, "{0[0]}{1}".format, "{}_{}".format, "{0[0]}.{1}".format,
    "{1}.{0}".format, "{0}{1[0]}".format, "{0:.2}{1:.3}".format,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """Street with number (and floor), postcode and town."""

    street: str
    postcode: str
    town: str


@dataclass(slots=True)
class Person:
    """What is true of a person."""

    entity: int
    household: int
    origin: Origin
    female: bool
    first: str
    middle: str
    last: str
    born: date
    address: Address
    landline: str | None
    mobile: str | None = None
    email: str | None = None


@dataclass(slots=True)
class World:
    """Chance, and what may be given out only once: mailboxes and telephone numbers."""

    chance: random.Random
    mailboxes: set[str] = field(default_factory=set)
    numbers: int = 0

    def happens(self, share: float) -> bool:
        """Whether something that happens in that share of cases does."""
        return self.chance.random() < share

    def mobile(self) -> str:
        """A mobile number that nobody has."""
        self.numbers += 1
        return str(20_000_000 + self.numbers * 27_182_819 % 41_999_989)

    def landline(self) -> str:
        """A landline that no other household has."""
        self.numbers += 1
        return str(62_000_000 + self.numbers * 27_182_819 % 37_999_997)

    def address(self) -> Address:
        """Somewhere to live."""
        chance, place = self.chance, vocabulary.place(self.chance)
        street = f"{chance.choice(place.streets)} {int(chance.paretovariate(0.8) * 6) % 250 + 1}"
        if self.happens(0.08):
            street += chance.choice("ABCDE")
        if self.happens(0.35):
            floor = chance.choice(("st.", "st.", "1.", "1.", "2.", "2.", "3.", "4.", "5."))
            street += f", {floor} {chance.choice(('tv', 'th', 'tv', 'th', 'mf', '1', '2', '3'))}"
        return Address(street, place.postcode, place.town)

    def mailbox(self, first: str, last: str, born: date, *, domain: str | None = None) -> str:
        """A mailbox that nobody has, mostly made from the name as people do."""
        chance = self.chance
        one, two = _plain(first), _plain(last)
        if domain is None and not self.happens(SURNAME_IN_MAILBOX):
            local = f"{chance.choice((one, one[:3], two[:4]))}{chance.choice(HOBBIES)}"
        else:
            local = chance.choice(MAILBOXES)(one, two)
        domain = domain or PROVIDERS.draw(chance)
        if self.happens(0.3):
            local += chance.choice((f"{born.year % 100:02d}", str(born.year), str(chance.randrange(1, 100))))
        while (same := f"{local.replace('.', '') if domain == 'gmail.com' else local}@{domain}") in self.mailboxes:
            local += str(chance.randrange(10))
        self.mailboxes.add(same)  # to Gmail a dot is nothing: a.b@ and ab@ are one mailbox
        return f"{local}@{domain}"


@cache
def _plain(name: str) -> str:
    """A name as in a mailbox."""
    spelt = unicodedata.normalize("NFKD", name.lower().translate(DANISH_LETTERS))
    return "".join(letter for letter in spelt if "a" <= letter <= "z") or "x"


def people(world: World, count: int) -> Iterator[Person]:
    """So many people, household by household."""
    entity = household = 0
    while entity < count:
        size = min(1 + bisect(SIZES, world.chance.random()), count - entity)
        for person in _household(world, entity, household, size):
            _reach(world, person)
            yield person
            entity += 1
        household += 1


def _household(world: World, entity: int, household: int, size: int) -> list[Person]:
    chance = world.chance
    oldest, likeliest = (date(1932, 1, 1), 13_000) if size < 3 else (date(1958, 1, 1), 9_000)
    born = oldest + timedelta(days=int(chance.triangular(0, (date(2006, 1, 1) - oldest).days, likeliest)))
    landline = world.landline() if world.happens(LANDLINE) else None
    first = _person(world, entity, household, vocabulary.origin(chance), born, world.address(), landline)
    adults = 1 if size == 1 or world.happens(0.12) else 2
    found = [first]
    for number in range(1, size):
        found.append(_adult(world, first, number) if number < adults else _child(world, found, number))
    if size > 1 and world.happens(SHARED_MAILBOX):
        box = world.mailbox(chance.choice(("familien", first.first)), first.last, first.born)
        for person in found:
            person.email = box if TODAY.year - person.born.year >= 15 or world.happens(0.5) else None
    return found


def _person(
    world: World, entity: int, household: int, origin: Origin, born: date, address: Address, landline: str | None
) -> Person:
    female = world.happens(0.56)  # salons and clinics see more women
    first = origin.first_name(world.chance, female=female, year=born.year)
    if world.happens(SECOND_FIRST_NAME):
        first += f" {origin.first_name(world.chance, female=female, year=born.year)}"
    middle = origin.surname(world.chance) if world.happens(MIDDLE_SURNAME) else ""
    last = origin.surname(world.chance)
    return Person(entity, household, origin, female, first, middle, last, born, address, landline)


def _adult(world: World, first: Person, number: int) -> Person:
    """The one the first lives with: mostly of the other sex and the same origin."""
    origin = first.origin if world.happens(0.9) else vocabulary.origin(world.chance)
    born = min(
        max(first.born + timedelta(days=int(world.chance.gauss(0, 1_300))), date(1930, 1, 1)), date(2007, 12, 31)
    )
    female = not first.female if world.happens(0.95) else first.female
    made = _person(world, first.entity + number, first.household, origin, born, first.address, first.landline)
    made.first = origin.first_name(world.chance, female=female, year=born.year)
    made.female = female
    if world.happens(SAME_SURNAME):
        made.last = first.last
    return made


def _child(world: World, found: list[Person], number: int) -> Person:
    """A child of the first, perhaps a twin of the child before, perhaps with a parent's name."""
    parent = found[0]
    born = parent.born + timedelta(days=int(world.chance.triangular(19, 42, 29) * 365))
    born = min(born, TODAY - timedelta(days=world.chance.randrange(300, 4_000)))
    sibling = found[-1] if len(found) > 1 and (found[-1].born - parent.born).days > 18 * 365 else None
    if sibling is not None and world.happens(TWINS):
        born = sibling.born
    child = _person(
        world, parent.entity + number, parent.household, parent.origin, born, parent.address, parent.landline
    )
    if world.happens(SAME_SURNAME):
        child.last, child.middle = parent.last, parent.middle if world.happens(0.5) else child.middle
    while any(child.first == other.first for other in found):
        child.first = child.origin.first_name(world.chance, female=child.female, year=born.year)
    if world.happens(NAMESAKES):
        return replace(parent, entity=child.entity, born=born, mobile=None, email=None)
    if TODAY.year - born.year < 15 and world.happens(CHILD_SHARES_MOBILE):
        parent.mobile = parent.mobile or world.mobile()
        child.mobile = parent.mobile
    return child


def _reach(world: World, person: Person) -> None:
    """Mobile and mailbox of one's own, where the household shares none."""
    person.mobile = person.mobile or world.mobile()
    if person.email is None:
        domain = f"firma{world.chance.randrange(1, 4_000)}.dk" if world.happens(AT_WORK) else None
        person.email = world.mailbox(person.first.split()[0], person.last, person.born, domain=domain)
