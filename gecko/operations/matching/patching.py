"""Of a customer of whom little changed, only that is read anew; the rest of the signature stays.

Which columns changed is told by the mark that the trigger wrote. A name and an address may hold a telephone number, so
where one of them or a telephone number changed, all of them bear on the numbers; and where one does hold a number,
everything is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from ...models.matching import COMPARED
from . import places, signature
from .normalising import FIELDS, birth_day, full_name, mailbox, phones, stray_phone
from .placeholders import Learned

Row = Sequence[Any]
Patch = Callable[[bytearray, Row, Learned], None]
_NAME, _ADDRESS, _POSTAL_CODE, _CITY, _TELEPHONE, _MOBILE, _EMAIL, _BIRTH_DATE = range(len(FIELDS))


def patched(before: bytes, changed: int, row: Row, learned: Learned) -> bytes | None:
    """The signature after changes in the columns whose bits are set in `changed`; None where all has to be read.

    row: what the customer's fields hold now, in the order of `normalising.FIELDS`.
    """
    patches = _patches(changed)
    if patches is None or (_phones in patches and _has_stray_phone(row)):
        return None
    made = bytearray(before)
    for patch in patches:
        patch(made, row, learned)
    return bytes(made)


def _has_stray_phone(row: Row) -> bool:
    return stray_phone(f"{row[_NAME]}|{row[_ADDRESS]}") != ""


def _name(made: bytearray, row: Row, _learned: Learned) -> None:
    signature.NAMES.put(made, *signature.name_numbers(*full_name(str(row[_NAME] or ""))))


def _address(made: bytearray, row: Row, _learned: Learned) -> None:
    street, house, unit, text = places.dwelling(str(row[_ADDRESS] or ""))
    number, pairs = signature.street_numbers(street, text)
    signature.STREET.put(made, number)
    signature.STREET_PAIRS.put(made, pairs)
    signature.HOUSE.put(made, house, signature.unit_number(unit))


def _postal_code(made: bytearray, row: Row, _learned: Learned) -> None:
    number, area = signature.postal_numbers(places.code(str(row[_POSTAL_CODE] or "")))
    signature.POSTAL_CODE.put(made, number)
    signature.AREA.put(made, area)


def _city(made: bytearray, row: Row, _learned: Learned) -> None:
    signature.CITY.put(made, signature.text_code(places.town(str(row[_CITY] or ""))))


def _phones(made: bytearray, row: Row, learned: Learned) -> None:
    signature.PHONES.put(made, *phones(row[_MOBILE], row[_TELEPHONE], learned))


def _email(made: bytearray, row: Row, learned: Learned) -> None:
    email, local, length = mailbox(row[_EMAIL], learned)
    signature.MAILBOX.put(made, *signature.mailbox_numbers(email, local))
    signature.EMAIL_LENGTH.put(made, length)


def _birth_date(made: bytearray, row: Row, learned: Learned) -> None:
    signature.BIRTH.put(made, signature.birth_number(birth_day(row[_BIRTH_DATE], learned)))


_PATCHES: dict[str, tuple[Patch, ...]] = {
    "name": (_name, _phones), "address": (_address, _phones), "postal_code": (_postal_code,), "city": (_city,),
    "telephone": (_phones,), "mobile": (_phones,), "email": (_email,), "birth_date": (_birth_date,),
    "group_id": (), "deleted_at": (),
}  # fmt: skip
"""By a column that changed, what is to be done."""


@lru_cache(maxsize=1 << len(COMPARED))
def _patches(changed: int) -> tuple[Patch, ...] | None:
    """What is to be done for these columns, each once; None where it is not known what changed."""
    if changed < 0:
        return None
    columns = [column for at, column in enumerate(COMPARED) if changed >> at & 1]
    return tuple(dict.fromkeys(patch for column in columns for patch in _PATCHES[column]))
