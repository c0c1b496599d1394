"""A case made ready for its page: who stands first, who is left out, and everything that a merge would do."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from gecko.clock import now
from gecko.errors import Invalid
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicatePair
from gecko.operations import merging
from gecko.operations.duplicates import cases

from ..login import principal
from . import side_by_side, words
from .filtering import Asked
from .posting import Posted
from .side_by_side import Match, Member, Row


@dataclass(frozen=True, slots=True)
class View:
    """Everything the template shows of a case. pairs: those the decision is about. key: of this very look at it."""

    members: list[Member]
    matches: list[Match]
    rows: list[Row]
    pairs: Sequence[DuplicatePair]
    questions: Sequence[merging.Question]
    answers: dict[str, int]
    moves: list[tuple[str, int]]
    rules: list[str]
    reasons_to_keep: str
    sentence: str
    key: str
    shown: int


def view(shown: cases.Shown, filters: Asked, posted: Posted, *, is_fixed: bool = False) -> View:
    """The case with the one that is kept first, as asked for or suggested. is_fixed: no value can be chosen."""
    suggested = merging.suggest_survivor(person.id for person in shown.customers)
    people = _ordered(shown, posted.survivor or suggested.id, suggested.id)
    out = _left_out(people, posted)
    inside = [person for person in people if person.id not in out]
    plan = _plan(inside, posted)
    matches = side_by_side.matches_of(people, shown.pairs)
    is_suggested = people[0].id == suggested.id
    return View(
        members=[_member(shown.case.id, person, people, out, filters, plan) for person in people],
        matches=matches,
        rows=side_by_side.rows_of(people, plan, matches, out, is_fixed=is_fixed),
        pairs=_between(shown.open_pairs, {person.id for person in inside}),
        questions=plan.questions,
        answers=posted.answers,
        moves=side_by_side.moves(plan),
        rules=side_by_side.rules(plan),
        reasons_to_keep=", ".join(str(reason) for reason in suggested.reasons) if is_suggested else "",
        sentence=words.sentence(shown.case.lane),
        key=secrets.token_urlsafe(16),
        shown=int(now().timestamp() * 1000),
    )


def _ordered(shown: cases.Shown, survivor_id: int, suggested_id: int) -> list[Customer]:
    """The kept one first, then the others, the most alike first."""
    ids = {person.id for person in shown.customers}
    first = survivor_id if survivor_id in ids else suggested_id
    near = {person_id: _likeness(person_id, first, shown.pairs) for person_id in ids}
    return sorted(shown.customers, key=lambda person: (person.id != first, -near[person.id], person.id))


def _likeness(person_id: int, other_id: int, pairs: Sequence[DuplicatePair]) -> float:
    return max((pair.probability for pair in pairs if {pair.a_id, pair.b_id} == {person_id, other_id}), default=0.0)


def _left_out(people: Sequence[Customer], posted: Posted) -> frozenset[int]:
    """Those who are left out; never the kept one, and never all the others."""
    others = {person.id for person in people[1:]}
    out = (others - posted.members) if posted.members else others & posted.out
    return frozenset(out) if out < others else frozenset()


def _plan(inside: Sequence[Customer], posted: Posted) -> merging.Plan:
    """What merging them would do; choices that no longer fit are dropped."""
    survivor_id, *absorbed = [person.id for person in inside]
    try:
        return merging.plan(
            survivor_id, absorbed, choices=posted.choices, answers=posted.answers, principal=principal()
        )
    except Invalid:
        return merging.plan(survivor_id, absorbed, principal=principal())


def _between(pairs: Sequence[DuplicatePair], ids: set[int]) -> list[DuplicatePair]:
    return [pair for pair in pairs if pair.a_id in ids and pair.b_id in ids]


def _member(
    case_id: int,
    person: Customer,
    people: Sequence[Customer],
    out: frozenset[int],
    filters: Asked,
    plan: merging.Plan,
) -> Member:
    def url(survivor_id: int, left: frozenset[int]) -> Any:
        return url_for("duplicates.case", case_id=case_id, **filters.arguments(survivor=survivor_id, out=sorted(left)))

    is_out = person.id in out
    toggled = out - {person.id} if is_out else out | {person.id}
    may_leave = is_out or len(out) < len(people) - 2
    return Member(
        id=person.id,
        name=person.name,
        facts=side_by_side.facts(person, plan),
        row_version=person.row_version,
        is_out=is_out,
        keep_url=url(person.id, out - {person.id}),
        out_url=url(people[0].id, toggled) if may_leave else "",
    )
