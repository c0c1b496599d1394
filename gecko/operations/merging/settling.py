"""What each field of the survivor becomes: pure rules over the customers' values, for the preview and the act alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import Invalid
from ...language import _
from ...models.customers import Customer, Gender
from .rules import CHOOSABLE, COLUMNS, FOLLOWING, HIDDEN, WHY, Rule

JOINED = "joined"
"""The choice that joins texts instead of taking one customer's."""
Choices = Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Settled:
    """What a field becomes: the value, whose it is (None where it was worked out), and why."""

    value: Any
    source_id: int | None
    why: Any


def settle(people: Sequence[Customer], choices: Choices) -> dict[str, Settled]:
    """Every column of the survivor, who comes first, after a merge with the others.

    choices: by field, whose value is to stand, or JOINED. Raises Invalid for a choice that there is not.
    """
    _refuse_strange(people, choices)
    settled: dict[str, Settled] = {}
    for field, rule in COLUMNS.items():
        if rule == Rule.ADDRESS:
            continue
        settled[field] = _chosen(field, people, choices) or _RULES[rule](field, people)
    settled |= _address(people, choices)
    by_id = {person.id: person for person in people}
    for field, leader in FOLLOWING.items():
        source_id = settled[leader].source_id
        settled[field] = Settled(getattr(by_id[source_id or people[0].id], field), source_id, settled[leader].why)
    return settled


def is_blank(field: str, value: Any) -> bool:
    """Whether a value says nothing."""
    return value is None or value == "" or (field == "gender" and value == Gender.UNKNOWN)


def is_choosable(field: str) -> bool:
    """Whether people pick the field's value."""
    return COLUMNS.get(field) in CHOOSABLE and field not in HIDDEN


def _refuse_strange(people: Sequence[Customer], choices: Choices) -> None:
    ids = {person.id for person in people}
    for field, choice in choices.items():
        if field.startswith("custom_") or field in ("group_id", "cpr_index"):  # answers to questions come the same way
            fits = choice in ids
        else:
            fits = is_choosable(field) and (choice in ids or (choice == JOINED and COLUMNS[field] == Rule.JOIN))
        if not fits:
            raise Invalid(_("One of the chosen values does not exist."), field=field)


def _chosen(field: str, people: Sequence[Customer], choices: Choices) -> Settled | None:
    choice = choices.get(field)
    if choice is None or choice == JOINED:
        return None
    owner = next(person for person in people if person.id == choice)
    return Settled(getattr(owner, field), owner.id, _("chosen"))


def _fill(field: str, people: Sequence[Customer]) -> Settled:
    for person in people:
        value = getattr(person, field)
        if not is_blank(field, value):
            return Settled(value, person.id, WHY[Rule.FILL])
    return _own(field, people)


def _own(field: str, people: Sequence[Customer]) -> Settled:
    return Settled(getattr(people[0], field), people[0].id, WHY[Rule.OWN])


def _ask(field: str, people: Sequence[Customer]) -> Settled:
    filled = _fill(field, people)
    return Settled(filled.value, filled.source_id, WHY[Rule.ASK])


def _join(field: str, people: Sequence[Customer]) -> Settled:
    parts: list[str] = []
    for person in people:
        text = (getattr(person, field) or "").strip()
        if text and not any(text in part for part in parts):
            parts.append(text)
    own = getattr(people[0], field)
    joined = "\n\n".join(parts) or own
    return Settled(own if joined == (own or "").strip() else joined, None, WHY[Rule.JOIN])


def _stricter(field: str, people: Sequence[Customer]) -> Settled:
    return Settled(all(getattr(person, field) for person in people), None, WHY[Rule.STRICTER])


def _sum(field: str, people: Sequence[Customer]) -> Settled:
    return Settled(sum(getattr(person, field) for person in people), None, WHY[Rule.SUM])


def _latest(field: str, people: Sequence[Customer]) -> Settled:
    known = [person for person in people if getattr(person, field) is not None]
    if not known:
        return _own(field, people)
    latest = max(known, key=lambda person: getattr(person, field))
    return Settled(getattr(latest, field), latest.id, WHY[Rule.LATEST])


_RULES = {
    Rule.FILL: _fill, Rule.OWN: _own, Rule.ASK: _ask, Rule.JOIN: _join, Rule.STRICTER: _stricter, Rule.SUM: _sum,
    Rule.LATEST: _latest,
}  # fmt: skip
_ADDRESS = tuple(field for field, rule in COLUMNS.items() if rule == Rule.ADDRESS)


def _address(people: Sequence[Customer], choices: Choices) -> dict[str, Settled]:
    """The survivor's address, completed from the first other one that contradicts it nowhere."""
    survivor = people[0]
    source = next((other for other in people[1:] if _completes(survivor, other)), survivor)
    found = {}
    for field in _ADDRESS:
        owner = survivor if not is_blank(field, getattr(survivor, field)) else source
        settled = Settled(getattr(owner, field), owner.id, WHY[Rule.ADDRESS])
        found[field] = _chosen(field, people, choices) or settled
    return found


def _completes(survivor: Customer, other: Customer) -> bool:
    pairs = [(getattr(survivor, field), getattr(other, field)) for field in _ADDRESS]
    adds = any(not own and theirs for own, theirs in pairs)
    return adds and all(not own or not theirs or own.casefold() == theirs.casefold() for own, theirs in pairs)
