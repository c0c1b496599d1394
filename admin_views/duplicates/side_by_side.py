"""One case as it is shown: the one that is kept first, its matches to the right, field by field; reasons and effect."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy import select

from gecko.db import db
from gecko.models.customer_fields import CustomerField
from gecko.models.customers import Customer, Gender
from gecko.models.duplicates import DuplicatePair, Lane
from gecko.operations import matching, merging

from ..formats import day
from . import words

# Fields in the order people compare them. Where nobody has a value the row is left out.
ORDER = (
    "name", "number", "group_id", "birth_date", "gender", "address", "postal_code", "city", "mobile", "telephone",
    "email", "language", "remind_sms", "remind_email", "accepts_marketing_sms", "accepts_marketing_email",
    "allows_open_tracking",
    "right_of_access", "clips_left", "important_note", "note",
)  # fmt: skip
CUSTOM = "custom_"


@dataclass(frozen=True, slots=True)
class Member:
    """One customer of the case: a column."""

    id: int
    name: str
    facts: str
    row_version: int
    is_out: bool
    keep_url: str
    out_url: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One value. choice: what its radio button says, None where there is nothing to choose. bits: its weight."""

    text: str
    is_different: bool
    is_out: bool = False
    choice: str | None = None
    is_chosen: bool = False
    bits: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One field of all of them.

    becomes, why: what stands afterwards where nobody chooses. joined: the texts put together, where that can be chosen.
    """

    name: str
    label: str
    becomes: str
    why: str
    cells: list[Cell]
    joined: Cell | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Why a column is there: its pair with the kept one, or with the one (`via`) that ties it to the case."""

    index: int
    name: str
    via: str
    lane: Lane
    probability: float
    household: float
    reasons: Sequence[Any]
    weights: Mapping[str, float]
    came_back_at: datetime | None


def matches_of(people: Sequence[Customer], pairs: Sequence[DuplicatePair]) -> list[Match]:
    """The evidence for each of `people` but the first."""
    survivor, *others = people
    names = {person.id: person.name for person in people}
    nearest = [(index, person, _nearest(person.id, survivor.id, pairs)) for index, person in enumerate(others, start=1)]
    known = [(index, person, pair) for index, person, pair in nearest if pair is not None]
    found = []
    for (index, person, pair), reasons in zip(
        known, matching.reasons([pair for _index, _person, pair in known]), strict=True
    ):
        tied_to = pair.a_id if pair.b_id == person.id else pair.b_id
        via = "" if tied_to == survivor.id else names.get(tied_to, "")
        found.append(
            Match(
                index=index,
                name=f"{person.name} ({person.number})" if person.number else person.name,
                via=via,
                lane=pair.lane,
                probability=pair.probability,
                household=pair.household,
                reasons=reasons,
                weights={} if via else _weights(reasons, person, survivor),
                came_back_at=pair.reopened_at,
            )
        )
    return found


def _nearest(person_id: int, survivor_id: int, pairs: Sequence[DuplicatePair]) -> DuplicatePair | None:
    """The pair of a match with the kept one, else its most probable one."""
    own = [pair for pair in pairs if person_id in (pair.a_id, pair.b_id)]
    direct = [pair for pair in own if survivor_id in (pair.a_id, pair.b_id)]
    return max(direct or own, key=lambda pair: pair.probability, default=None)


def rows_of(
    people: Sequence[Customer],
    plan: merging.Plan,
    matches: Sequence[Match],
    out: Collection[int],
    *,
    is_fixed: bool = False,
) -> list[Row]:
    """The table: every field that somebody has a value in.

    out: those who are no part of the merge. is_fixed: no value can be chosen.
    """
    weights = {match.index: match.weights for match in matches}
    lines = {line.field: line for line in plan.fields}
    kinds = _kinds() if any(name.startswith(CUSTOM) for name in lines) else {}
    found = []
    for name in [*ORDER, *(name for name in lines if name not in ORDER)]:
        line = lines.get(name)
        if line is not None and any(_has(name, _value(line, person)) for person in people):
            is_open = line.is_choosable and line.differs and not is_fixed
            found.append(_row(line, people, weights, out, is_open=is_open, kind=kinds.get(name, "")))
    return found


def _kinds() -> dict[str, str]:
    """The types of custom fields."""
    rows = db.session.execute(select(CustomerField.id, CustomerField.type))
    return {f"{CUSTOM}{row.id}": str(row.type) for row in rows}


def _value(line: merging.Line, person: Customer) -> Any:
    return line.values[person.id] if person.id in line.values else getattr(person, line.field, None)


def _has(name: str, value: Any) -> bool:
    return value not in (None, "", 0) and not (name == "gender" and value == Gender.UNKNOWN)


def _weights(reasons: Sequence[Any], person: Customer, other: Customer) -> Mapping[str, float]:
    """The weights by column; that of the telephones stands where they agree."""
    total: dict[str, float] = {}
    for reason in reasons:
        place = reason.field
        if place == "mobile" and person.mobile != other.mobile and person.telephone == other.telephone:
            place = "telephone" if person.telephone else place
        total[place] = total.get(place, 0.0) + reason.weight
    return total


def _row(
    line: merging.Line,
    people: Sequence[Customer],
    weights: Mapping[int, Mapping[str, float]],
    out: Collection[int],
    *,
    is_open: bool,
    kind: str,
) -> Row:
    texts = [words.shown(line.field, _value(line, person), kind) for person in people]
    is_joined = is_open and line.may_join and line.source_id is None and _texts(line) > 1
    cells = [
        Cell(
            text=text,
            is_different=n > 0 and text != texts[0],
            is_out=person.id in out,
            choice=str(person.id) if is_open and person.id not in out else None,
            is_chosen=not is_joined and _stands(line, person),
            bits=weights.get(n, {}).get(line.field),
        )
        for n, (person, text) in enumerate(zip(people, texts, strict=True))
    ]
    joined = None
    if is_joined:
        joined = Cell(words.shown(line.field, line.suggested), False, choice=merging.JOINED, is_chosen=True)
    is_settled = line.differs and not line.is_choosable
    becomes = words.shown(line.field, line.suggested) if is_settled else ""
    return Row(line.field, str(line.label), becomes, str(line.why), cells, joined)


def _texts(line: merging.Line) -> int:
    return sum(bool(value) for value in line.values.values())


def _stands(line: merging.Line, person: Customer) -> bool:
    """Whether it is this person's value that would stand."""
    if line.source_id is not None:
        return line.source_id == person.id
    return line.may_join and bool(line.values.get(person.id)) and _texts(line) == 1


def facts(customer: Customer, plan: merging.Plan) -> str:
    """What stands below a name: when it was registered, and how much belongs to it."""
    count = sum(kind.counts.get(customer.id, 0) for kind in plan.kinds)
    registered = gettext("registered %(day)s", day=day(customer.created_at))
    return f"{registered} · " + ngettext("%(num)d entry", "%(num)d entries", count)


def moves(plan: merging.Plan) -> list[tuple[str, int]]:
    """How many rows of each kind would follow."""
    return [(str(kind.label), kind.moving) for kind in plan.kinds if kind.moving]


def rules(plan: merging.Plan) -> list[str]:
    """What happens to rows that cannot follow as they are, and to fields that nobody chooses."""
    settled: dict[str, list[str]] = {}
    for line in plan.fields:
        if line.differs and not line.is_choosable:
            settled.setdefault(str(line.why), []).append(str(line.label))
    return [
        *(f"{kind.label} ({kind.clashing}): {kind.rule}" for kind in plan.conflicts),
        *(f"{', '.join(labels)}: {why}" for why, labels in settled.items()),
    ]
