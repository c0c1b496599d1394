"""The demo's duplicates: people registered twice, and those who only look like it (families, twins, namesakes).

Rows of the demo are made alike before they are written. Everything else that belongs to a customer comes afterwards as
for anybody, so that a duplicate has purchases, a debtor and markings of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from . import names
from .draw import Dice

Row = dict[str, Any]

SHARE_TWICE, SHARE_THRICE, SHARE_FAMILIES = 0.065, 0.006, 0.03
SHARE_TWINS, SHARE_NAMESAKES = 0.004, 0.02
_HOME = ("address", "postal_code", "city")
_PERSON = ("name", "mobile", "telephone", "email", "birth_date", "gender", "language", *_HOME)
_CHILD = timedelta(days=15 * 365)


def weave(dice: Dice, rows: list[Row]) -> None:
    """Make some of the rows duplicates of earlier ones, and others relatives or namesakes."""
    places = list(range(len(rows)))
    dice.shuffle(places)

    def some(share: float, size: int) -> list[list[Row]]:
        count = round(len(rows) * share)
        return [[rows[place] for place in sorted(places.pop() for _ in range(size))] for _ in range(count)]

    for group in some(SHARE_TWICE, 2) + some(SHARE_THRICE, 3):
        original, *copies = sorted(group, key=lambda row: row["created_at"])
        for copy in copies:
            _register_again(dice, original, copy)
    for group in some(SHARE_FAMILIES, 3):
        _make_family(dice, group)
    for first, second in some(SHARE_TWINS, 2):
        _make_twins(dice, first, second)
    for first, second in some(SHARE_NAMESAKES, 2):
        second |= {"name": first["name"], "gender": first["gender"]}


def _register_again(dice: Dice, original: Row, copy: Row) -> None:
    """The same person once more, as somebody at another desk typed them: one to three things differ."""
    own = {key: copy[key] for key in (*_HOME, "mobile", "email")}
    copy |= {key: original[key] for key in _PERSON}
    if copy["birth_date"] is None and copy["mobile"] is None and copy["email"] is None:
        copy["email"] = original["email"] = dice.email(original["name"])
    for change in dice.sample(_CHANGES, dice.one([1, 2, 2, 3])):
        change(dice, copy, own)


def _mistype(dice: Dice, copy: Row, _own: Row) -> None:
    copy["name"] = mistyped(dice, copy["name"])


def _call_by_nickname(_dice: Dice, copy: Row, _own: Row) -> None:
    first, *rest = copy["name"].split()
    copy["name"] = " ".join([names.NICKNAMES.get(first, first), *rest])


def _spell_otherwise(_dice: Dice, copy: Row, _own: Row) -> None:
    name = copy["name"]
    for one, other in names.SPELLINGS:
        if one in name:
            name = name.replace(one, other, 1)
            break
    copy["name"] = name


def _drop_middle_name(_dice: Dice, copy: Row, _own: Row) -> None:
    parts = copy["name"].split()
    copy["name"] = f"{parts[0]} {parts[-1]}"


def _marry(dice: Dice, copy: Row, _own: Row) -> None:
    parts = copy["name"].split()
    new = dice.one(names.LAST)
    copy["name"] = " ".join([*parts[:-1], new] if dice.some(0.5) else [*parts, new])


def _move(_dice: Dice, copy: Row, own: Row) -> None:
    copy |= {key: own[key] for key in _HOME}


def _change_mobile(_dice: Dice, copy: Row, own: Row) -> None:
    if copy["email"] or copy["birth_date"]:
        copy["mobile"] = own["mobile"]


def _change_email(dice: Dice, copy: Row, _own: Row) -> None:
    if copy["mobile"] or copy["birth_date"]:
        copy["email"] = dice.email(copy["name"]) if dice.some(0.6) else None


def _put_number_elsewhere(_dice: Dice, copy: Row, _own: Row) -> None:
    copy["telephone"], copy["mobile"] = copy["mobile"], copy["telephone"]


def _forget_birth_date(_dice: Dice, copy: Row, _own: Row) -> None:
    if copy["mobile"] or copy["email"]:
        copy["birth_date"] = None


def _swap_day_and_month(_dice: Dice, copy: Row, _own: Row) -> None:
    born: date | None = copy["birth_date"]
    if born is not None and born.day <= 12:
        copy["birth_date"] = date(born.year, born.day, born.month)


def _swap_names(_dice: Dice, copy: Row, _own: Row) -> None:
    first, *rest = copy["name"].split()
    copy["name"] = " ".join([*rest, first])


_CHANGES: tuple[Callable[[Dice, Row, Row], None], ...] = (
    _mistype, _mistype, _call_by_nickname, _spell_otherwise, _drop_middle_name, _marry, _move, _move, _change_mobile,
    _change_email, _put_number_elsewhere, _forget_birth_date, _swap_day_and_month, _swap_names,
)  # fmt: skip


def mistyped(dice: Dice, name: str) -> str:
    """The name with one slip of the fingers within a word: two letters swapped, one left out, or one struck twice."""
    at = dice.one([n for n in range(1, len(name) - 2) if " " not in name[n : n + 2]])
    kind = dice.randint(0, 2)
    if kind == 0:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + name[at + 1 :] if kind == 1 else name[:at] + name[at] + name[at:]


def _make_family(dice: Dice, group: list[Row]) -> None:
    """Two parents and a child at one address; the child comes on a parent's mobile, and one mailbox serves them all."""
    parent, partner, child = group
    parent["birth_date"] = dice.day(date(1970, 1, 1), date(1990, 12, 31))
    for row in (partner, child):
        row |= {key: parent[key] for key in (*_HOME, "telephone")}
        row["name"] = f"{row['name'].split()[0]} {parent['name'].split()[-1]}"
        row["email"] = parent["email"] if dice.some(0.4) else dice.email(row["name"])
    partner["birth_date"] = parent["birth_date"] + timedelta(days=dice.randint(-1_500, 1_500))
    child["birth_date"] = dice.day(parent["birth_date"] + 2 * _CHILD, date(2020, 12, 31))
    if dice.some(0.5):
        child["mobile"] = parent["mobile"]
    if dice.some(0.15):  # named after the parent
        child |= {"name": parent["name"], "gender": parent["gender"]}


def _make_twins(dice: Dice, first: Row, second: Row) -> None:
    first["birth_date"] = dice.day(date(1990, 1, 1), date(2016, 12, 31))
    second |= {key: first[key] for key in (*_HOME, "birth_date", "telephone")}
    second["name"] = f"{second['name'].split()[0]} {first['name'].split()[-1]}"
