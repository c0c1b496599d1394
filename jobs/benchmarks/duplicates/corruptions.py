"""What happens to a person between two registrations, and what becomes of it on the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from . import vocabulary
from .people import Address, Person, World

LETTERS = "abcdefghijklmnopqrstuvwxyzæøå"
KEYBOARD = ("qwertyuiopå", "asdfghjklæø", "zxcvbnm")
SOUNDS = (
    ("aa", "å"), ("å", "aa"), ("ø", "oe"), ("ø", "o"), ("æ", "ae"), ("Kr", "Chr"), ("Chr", "Kr"), ("Ø", "Oe"),
    ("å", "a"),
    ("gaard", "gård"), ("gård", "gaard"), ("th", "t"), ("ck", "k"), ("sen", "son"), ("ph", "f"), ("kj", "k"),
    ("Ch", "K"),
    ("dt", "d"), ("nd", "n"), ("ll", "l"), ("ss", "s"), ("tt", "t"), ("v", "w"), ("c", "k"), ("k", "c"), ("i", "y"),
    ("ü", "y"), ("ö", "ø"), ("ć", "c"), ("ł", "l"), ("ş", "s"), ("ı", "i"), ("ski", "sky"), ("ew", "ev"),
)  # fmt: skip
STREET_WORDS = (
    ("Gammel ", "Gl. "), ("Store ", "St. "), ("Lille ", "Ll. "), ("Sankt ", "Sct. "), ("Nørre ", "Nr. "),
    ("Ny ", "Nye "),
    ("vej ", "v. "), ("vej ", " vej "), ("allé", "alle"), ("Allé", "Alle"), ("gade ", "g. "), ("gård", "gaard"),
    ("Dronning ", "Dr. "), ("Chr. ", "Christian "), ("ø", "oe"), ("å", "aa"), (", ", " "), (". ", " "),
    (" tv", " t.v."),
)  # fmt: skip


def typo(world: World, text: str) -> str:
    """One slip of the fingers: a letter changed, lost, added, doubled or swapped with the next."""
    if len(text) < 3:
        return text
    chance = world.chance
    at, kind = chance.randrange(1, len(text) - 1), chance.randrange(6)
    letter = text[at]
    row = next((row for row in KEYBOARD if letter in row), LETTERS)
    beside = row[(row.find(letter) + chance.choice((-1, 1))) % len(row)]
    changes = (beside, "", letter + chance.choice(LETTERS), letter * 2, chance.choice(LETTERS))
    if kind == 5:
        return text[:at] + text[at + 1] + letter + text[at + 2 :]
    return text[:at] + changes[kind] + text[at + 1 :]


def spelt(world: World, text: str) -> str:
    """The same sound in other letters, where there is another way."""
    ways = [(one, other) for one, other in SOUNDS if one in text]
    if not ways:
        return text
    return text.replace(*world.chance.choice(ways), 1)


def digit(world: World, number: str) -> str:
    """A number with one digit wrong, or two swapped."""
    at = world.chance.randrange(1, len(number) - 1)
    if world.happens(0.4):
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    return number[:at] + str(world.chance.randrange(10)) + number[at + 1 :]


def _pet_name(world: World, person: Person) -> None:
    first, _space, rest = person.first.partition(" ")
    found = vocabulary.pet_names().get(first)
    if found:
        person.first = " ".join(filter(None, (world.chance.choice(found), rest)))


def _other_spelling(world: World, person: Person) -> None:
    first, _space, rest = person.first.partition(" ")
    found = vocabulary.spellings().get(first)
    changed = world.chance.choice(found) if found else spelt(world, first)
    person.first = " ".join(filter(None, (changed, rest)))


def _first_typo(world: World, person: Person) -> None:
    person.first = typo(world, person.first)


def _initial(world: World, person: Person) -> None:
    person.first = f"{person.first[0]}{world.chance.choice(('.', ''))}"


def _half_first_name(_world: World, person: Person) -> None:
    person.first = person.first.split()[0]


def _surname_spelling(world: World, person: Person) -> None:
    person.last = spelt(world, person.last)


def _surname_typo(world: World, person: Person) -> None:
    person.last = typo(world, person.last)


def _no_middle_name(_world: World, person: Person) -> None:
    person.middle = ""


def _middle_initial(_world: World, person: Person) -> None:
    person.middle = f"{person.middle[0]}." if person.middle else ""


def _middle_as_surname(_world: World, person: Person) -> None:
    if person.middle:
        person.middle, person.last = "", person.middle


def _married(world: World, person: Person) -> None:
    person.last = person.origin.surname(world.chance)


def _double_name(world: World, person: Person) -> None:
    if world.happens(0.5):
        person.last = f"{person.last}-{person.origin.surname(world.chance)}"
    else:
        person.middle, person.last = person.last, person.origin.surname(world.chance)


def _swapped(_world: World, person: Person) -> None:
    person.first, person.last = person.last, person.first


def _moved(world: World, person: Person) -> None:
    person.address = world.address()
    person.landline = world.landline() if world.happens(0.3) else None


def _street_spelling(world: World, person: Person) -> None:
    ways = [(one, other) for one, other in STREET_WORDS if one in person.address.street]
    if ways:
        person.address = replace(person.address, street=person.address.street.replace(*world.chance.choice(ways), 1))


def _street_typo(world: World, person: Person) -> None:
    name, _space, number = person.address.street.rpartition(" ")
    person.address = replace(person.address, street=f"{typo(world, name)} {number}")


def _no_floor(_world: World, person: Person) -> None:
    person.address = replace(person.address, street=person.address.street.partition(",")[0])


def _house_number(world: World, person: Person) -> None:
    words = [digit(world, f"0{word}0")[1:-1] if word.isdigit() else word for word in person.address.street.split(" ")]
    person.address = replace(person.address, street=" ".join(filter(None, words)))


def _postcode(world: World, person: Person) -> None:
    elsewhere = vocabulary.place(world.chance)
    person.address = Address(person.address.street, elsewhere.postcode, person.address.town)


def _new_mailbox(world: World, person: Person) -> None:
    person.email = world.mailbox(person.first.split()[0], person.last, person.born)


def _mailbox_typo(world: World, person: Person) -> None:
    local, _at, domain = (person.email or "").partition("@")
    person.email = f"{typo(world, local)}@{domain}" if world.happens(0.6) else f"{local}@{typo(world, domain)}"


def _new_mobile(world: World, person: Person) -> None:
    person.mobile = world.mobile()


def _wrong_digit(world: World, person: Person) -> None:
    person.mobile = digit(world, person.mobile or "")


def _other_field(_world: World, person: Person) -> None:
    person.mobile, person.landline = person.landline, person.mobile


def _day_and_month(_world: World, person: Person) -> None:
    if person.born.day <= 12:
        person.born = date(person.born.year, person.born.day, person.born.month)


def _wrong_birth_date(world: World, person: Person) -> None:
    chance = world.chance
    change = chance.choice(("year", "decade", "month", "day"))
    if change == "month":
        person.born = person.born.replace(month=chance.randrange(1, 13), day=min(person.born.day, 28))
    elif change == "day":
        person.born = person.born.replace(day=chance.randrange(1, 29))
    else:
        by = chance.choice((-1, 1)) * (10 if change == "decade" else 1)
        person.born = person.born.replace(year=person.born.year + by, day=min(person.born.day, 28))


SHARES: tuple[tuple[Callable[[World, Person], None], float], ...] = (
    (_new_mailbox, 0.16), (_mailbox_typo, 0.03), (_new_mobile, 0.10), (_wrong_digit, 0.03), (_other_field, 0.06),
    (_pet_name, 0.08), (_other_spelling, 0.07), (_first_typo, 0.07), (_initial, 0.03), (_half_first_name, 0.25),
    (_surname_spelling, 0.05), (_surname_typo, 0.06), (_no_middle_name, 0.30), (_middle_initial, 0.08),
    (_middle_as_surname, 0.03), (_moved, 0.12), (_street_spelling, 0.15), (_street_typo, 0.05), (_no_floor, 0.10),
    (_house_number, 0.03), (_postcode, 0.02), (_day_and_month, 0.02), (_wrong_birth_date, 0.025), (_swapped, 0.02),
)  # fmt: skip
MARRIED, DOUBLE_NAME = 0.05, 0.03  # of women; men half as often


def registered_again(world: World, person: Person) -> Person:
    """The same person, as somebody registers them another time."""
    again = replace(person)
    if world.happens(MARRIED if person.female else MARRIED / 2):
        _married(world, again)
    elif world.happens(DOUBLE_NAME if person.female else DOUBLE_NAME / 2):
        _double_name(world, again)
    for change, share in SHARES:
        if world.happens(share):
            change(world, again)
    return again
