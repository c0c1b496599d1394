"""What people read about recalls: a customer's sign-ups with their history, and who has none that is active."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from ...db import db
from ...errors import NotFound
from ...models.bookings import Service
from ...models.customers import Customer
from ...models.recalls import OPEN, Recall, RecallState, RecallTemplate, RecallTurn
from ...modules import Feature
from .. import settings

TURNS = 10


@dataclass(frozen=True, slots=True)
class SignUp:
    """A sign-up with its last times, the newest first; `open` is the one that is not settled."""

    recall: Recall
    turns: Sequence[RecallTurn]

    @property
    def open(self) -> RecallTurn | None:
        """The time that is not settled yet."""
        return next((one for one in self.turns if one.state in OPEN), None)


@dataclass(frozen=True, slots=True)
class Line:
    """Whom and what a time is about."""

    customer_id: int
    customer: str
    is_deleted: bool
    service: str
    template: str


def count_active(customer_id: int) -> Select[Any]:
    """A statement that counts a customer's active sign-ups."""
    return (
        select(func.count())
        .select_from(Recall)
        .where(Recall.customer_id == customer_id, Recall.state == RecallState.ACTIVE)
    )


def own(customer_id: int, recall_id: int) -> int:
    """The id of a sign-up where it is this customer's; raises NotFound."""
    found = db.session.scalar(select(Recall.id).where(Recall.id == recall_id, Recall.customer_id == customer_id))
    if found is None:
        raise NotFound
    return found


def of_customer(customer_id: int) -> list[SignUp]:
    """All sign-ups of a customer: those that go on first, then by their next date; each with its last times."""
    wanted = (
        select(Recall)
        .where(Recall.customer_id == customer_id)
        .options(joinedload(Recall.template), joinedload(Recall.service), joinedload(Recall.state_by))
        .order_by((Recall.state != RecallState.ACTIVE), Recall.next_on, Recall.id)
    )
    rows = list(db.session.scalars(wanted))
    turns = _turns([row.id for row in rows])
    return [SignUp(row, turns.get(row.id, ())) for row in rows]


def _turns(recall_ids: Sequence[int]) -> dict[int, list[RecallTurn]]:
    rank = func.row_number().over(partition_by=RecallTurn.recall_id, order_by=RecallTurn.id.desc())
    ranked = select(RecallTurn.id, rank.label("rank")).where(RecallTurn.recall_id.in_(recall_ids)).subquery()
    wanted = (
        select(RecallTurn)
        .where(RecallTurn.id.in_(select(ranked.c.id).where(ranked.c.rank <= TURNS)))
        .options(joinedload(RecallTurn.by), joinedload(RecallTurn.booking))
        .order_by(RecallTurn.id.desc())
    )
    found: dict[int, list[RecallTurn]] = {}
    for row in db.session.scalars(wanted) if recall_ids else ():
        found.setdefault(row.recall_id, []).append(row)
    return found


def lines(turn_ids: Collection[int]) -> dict[int, Line]:
    """Whom and what each of these times is about, in one query."""
    wanted = (
        select(
            RecallTurn.id, Customer.id.label("customer_id"), Customer.name, Customer.deleted_at,
            Service.name.label("service"), RecallTemplate.name.label("template"),
        )
        .join(Recall, Recall.id == RecallTurn.recall_id)
        .join(Customer, Customer.id == Recall.customer_id)
        .join(Service, Service.id == Recall.service_id)
        .join(RecallTemplate, RecallTemplate.id == Recall.template_id)
        .where(RecallTurn.id.in_(turn_ids))
    )  # fmt: skip
    return {
        row.id: Line(row.customer_id, row.name, row.deleted_at is not None, row.service, row.template)
        for row in db.session.execute(wanted)
    }


def shows_icon() -> bool:
    """Whether customers without an active sign-up are marked."""
    return str(Feature.RECALL) in settings.switched_on() and bool(settings.get("recall.show_icon"))


def without_active(customer_ids: Sequence[int]) -> set[int]:
    """Those of these customers who have no active sign-up; nobody where they are not to be marked. One query."""
    if not customer_ids or not shows_icon():
        return set()
    wanted = select(Recall.customer_id).where(Recall.customer_id.in_(customer_ids), Recall.state == RecallState.ACTIVE)
    return set(customer_ids) - set(db.session.scalars(wanted))
