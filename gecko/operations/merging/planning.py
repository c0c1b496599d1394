"""What a merge would do, read from the same table and rules as the act itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...db import db
from ...errors import Invalid, NotFound
from ...language import _
from ...models.customers import Customer
from ...permissions import Principal
from .. import customer_secrets, visibility
from ..audit_words import COLUMNS as LABELS
from . import rows
from .rules import COLUMNS, HIDDEN, MOVED, WHY, Clash, Rule
from .settling import JOINED, Choices, Settled, is_choosable, settle

MOST = 50


@dataclass(frozen=True, slots=True)
class Person:
    """One of the customers, as the heading of its column shows it. row_version: hand it back to `merge`."""

    id: int
    number: str | None
    name: str
    group_id: int
    group: str
    row_version: int


@dataclass(frozen=True, slots=True)
class Line:
    """One field side by side: the value of each customer, what it would become, whose that is (None: worked out), why.

    is_choosable: whether `choices[field]` may name another customer; may_join: or JOINED.
    """

    field: str
    label: Any
    values: dict[int, Any]
    suggested: Any
    source_id: int | None
    why: Any
    is_choosable: bool
    may_join: bool = False

    @property
    def differs(self) -> bool:
        """Whether the customers do not all have the same value."""
        return len(set(self.values.values())) > 1


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one kind: how many each customer has, how many of the absorbed move and clash, and the clashes' rule."""

    table: str
    label: Any
    counts: dict[int, int]
    moving: int
    clashing: int
    rule: Any


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody must answer first: `answers[key]` is the value of one of the options (value, label)."""

    key: str
    text: Any
    options: tuple[tuple[int, str], ...]
    suggested: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a merge would do."""

    survivor_id: int
    absorbed_ids: tuple[int, ...]
    people: tuple[Person, ...]
    fields: tuple[Line, ...]
    kinds: tuple[Kind, ...]
    questions: tuple[Question, ...]

    @property
    def conflicts(self) -> tuple[Kind, ...]:
        """The kinds of rows of which some cannot follow as they are, with the rule that settles it."""
        return tuple(kind for kind in self.kinds if kind.clashing)

    @property
    def versions(self) -> dict[int, int]:
        """What `merge` is to find unchanged."""
        return {person.id: person.row_version for person in self.people}


def plan(
    survivor_id: int,
    absorbed_ids: Iterable[int],
    *,
    choices: Choices | None = None,
    answers: Mapping[str, int] | None = None,
    principal: Principal | None = None,
) -> Plan:
    """What merging the absorbed into the survivor would do; raises NotFound for one who is not there to be seen."""
    ids = order(survivor_id, absorbed_ids)
    people = read(ids, principal)
    links = rows.open_links(ids)
    asked = questions(people, links)
    settled = settle(people, {**(choices or {}), **chosen_by(people, answers or {})})
    refuse_unanswered(ids, choices or {})
    return Plan(
        survivor_id,
        tuple(ids[1:]),
        tuple(_person(one) for one in people),
        (*_lines(people, settled), *_custom(ids, choices or {})),
        tuple(_kinds(ids, links)),
        tuple(asked),
    )


def order(survivor_id: int, absorbed_ids: Iterable[int]) -> list[int]:
    """The survivor, then each of the others once; raises Invalid where nobody would be absorbed."""
    others = list(dict.fromkeys(absorbed_ids))
    if survivor_id in others:
        raise Invalid(_("A customer cannot be merged with itself."))
    if not others:
        raise Invalid(_("Choose at least two customers to merge."))
    if len(others) >= MOST:
        raise Invalid(_("At most %(most)d customers can be merged at once."), most=MOST)
    return [survivor_id, *others]


def read(ids: Sequence[int], principal: Principal | None, *, locked: bool = False) -> list[Customer]:
    """The living customers with these ids, in this order; `locked` holds their rows, taken in order of id."""
    statement = select(Customer).where(Customer.id.in_(ids), Customer.deleted_at.is_(None))
    if principal is not None:
        statement = visibility.customers(statement, principal)
    statement = statement.options(joinedload(Customer.group, innerjoin=True)).order_by(Customer.id)
    if locked:
        statement = statement.with_for_update(of=Customer)
    found = {one.id: one for one in db.session.scalars(statement.execution_options(populate_existing=True))}
    if len(found) < len(ids):
        raise NotFound
    return [found[customer_id] for customer_id in ids]


def questions(people: Sequence[Customer], links: Sequence[rows.OpenLink]) -> list[Question]:
    """What must be answered before these customers can become one."""
    asked = []
    debtors = {link.debtor_id: link.debtor for link in links}
    if len(debtors) > 1:
        text = _("Different debtors pay for these customers. Who is to pay from now on?")
        asked.append(Question("debtor", text, tuple(debtors.items()), links[0].debtor_id))
    groups = {one.group_id: one.group.name for one in people}
    if len(groups) > 1:
        text = _("The customers are in different groups. Which group is the surviving customer to be in?")
        asked.append(Question("group", text, tuple(groups.items()), people[0].group_id))
    numbers = {one.cpr_index: one for one in reversed(people) if one.cpr_index}
    if len(numbers) > 1:
        text = _("The customers have different social security numbers. Which one is right?")
        options = [(one.id, f"{customer_secrets.masked_cpr(one)} ({one.name})") for one in numbers.values()]
        asked.append(Question("cpr", text, tuple(sorted(options, key=lambda o: _place(people, o[0]))), people[0].id))
    return asked


def refuse_unanswered(ids: Sequence[int], choices: Choices) -> None:
    """Raise Invalid where the answer to a custom field is to be that of a customer without any."""
    chosen = {field: choice for field, choice in choices.items() if field.startswith("custom_")}
    if not chosen:
        return
    there = {f"custom_{field_id}": values for field_id, (_name, values) in rows.answers_of(ids).items()}
    for field, choice in chosen.items():
        if choice not in there.get(field, {}):
            raise Invalid(_("One of the chosen values does not exist."), field=field)


def _place(people: Sequence[Customer], customer_id: int) -> int:
    return [one.id for one in people].index(customer_id)


def chosen_by(people: Sequence[Customer], answers: Mapping[str, int]) -> dict[str, int]:
    """Answers about group and CPR as choices of a customer's value."""
    found = {}
    if "group" in answers:
        owners = [one.id for one in people if one.group_id == answers["group"]]
        found["group_id"] = owners[0] if owners else 0
    if "cpr" in answers:
        found["cpr_index"] = answers["cpr"]
    return found


def _person(one: Customer) -> Person:
    return Person(one.id, one.number, one.name, one.group_id, one.group.name, one.row_version)


def _lines(people: Sequence[Customer], settled: Mapping[str, Settled]) -> Iterable[Line]:
    for field, rule in COLUMNS.items():
        if field in HIDDEN:
            continue
        outcome = settled[field]
        values = {one.id: getattr(one, field) for one in people}
        yield Line(
            field, LABELS[field], values, outcome.value, outcome.source_id, outcome.why, is_choosable(field),
            rule == Rule.JOIN,
        )  # fmt: skip
    if any(one.cpr_encrypted for one in people):
        masked = {one.id: customer_secrets.masked_cpr(one) for one in people}
        source = settled["cpr_index"].source_id or people[0].id
        yield Line("cpr", LABELS["cpr_encrypted"], masked, masked[source], source, settled["cpr_index"].why, False)


def _custom(ids: Sequence[int], choices: Choices) -> Iterable[Line]:
    for field_id, (name, values) in rows.answers_of(ids).items():
        field = f"custom_{field_id}"
        chosen = choices.get(field)
        source = next(customer_id for customer_id in ids if customer_id in values)
        if chosen in values:
            source = int(chosen)
        why = WHY[Rule.FILL] if chosen is None or chosen == JOINED else _("chosen")
        yield Line(field, name, {one: values.get(one) for one in ids}, values[source], source, why, True)


def _kinds(ids: Sequence[int], links: Sequence[rows.OpenLink]) -> Iterable[Kind]:
    counted, clashing = rows.counts(ids), rows.clashes(ids)
    for key, moved in MOVED.items():
        count = counted[key]
        lost = len(clashing.get(key, ()))
        closing = max(len(links) - 1, 0) if moved.clash == Clash.CLOSE_OTHERS else 0
        total = sum(count.get(customer_id, 0) for customer_id in ids[1:])
        yield Kind(key[0], moved.label, count, total - lost, lost or closing, moved.rule)
