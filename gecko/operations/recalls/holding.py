"""Locks, and the step from one time of a sign-up to the next.

Locks are taken in the order customer, calendar, booking, sign-up, message. Whoever settles a time holds its customer
alone, so that a booking is either seen or comes afterwards, and then finds what was settled (see following).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from ... import actor
from ...clock import now, today
from ...db import db
from ...errors import Conflict, Invalid, NotFound
from ...language import _
from ...models.recalls import OPEN, Recall, RecallState, RecallTurn, TurnState
from ...permissions import Principal
from .. import survivors, visibility
from . import dates


def hold(recall_id: int, *, row_version: int | None = None, principal: Principal | None = None) -> Recall:
    """The sign-up, locked after its customer; raises NotFound, and Conflict where `row_version` is not its own."""
    wanted = select(Recall.customer_id).where(Recall.id == recall_id)
    customer_id = db.session.scalar(wanted if principal is None else visibility.recalls(wanted, principal))
    if customer_id is None:
        raise NotFound
    survivors.hold(customer_id, alone=True, deleted=True)
    found = _locked(Recall.id == recall_id)[0]
    require_version(found, row_version)
    return found


def require_version(row: Recall | RecallTurn, row_version: int | None) -> None:
    """Raise Conflict where somebody changed the row since it was shown in `row_version`."""
    if row_version is not None and row.row_version != row_version:
        raise Conflict


def hold_turn(turn_id: int, *, row_version: int | None = None, principal: Principal | None = None) -> RecallTurn:
    """An open time of a sign-up that goes on, held with it; raises NotFound, Invalid and Conflict."""
    recall_id = db.session.scalar(select(RecallTurn.recall_id).where(RecallTurn.id == turn_id))
    if recall_id is None:
        raise NotFound
    hold(recall_id, principal=principal)
    turn = open_turn(recall_id)
    if turn is None or turn.id != turn_id:
        raise Invalid(_("This time is settled by now."))
    require_version(turn, row_version)
    return turn


def hold_of_customer(customer_id: int, service_ids: set[int]) -> list[Recall]:
    """A customer's sign-ups for these services, locked; the caller holds the customer."""
    wanted = (Recall.customer_id == customer_id) & Recall.service_id.in_(service_ids)
    return _locked(wanted)


def _locked(condition: ColumnElement[bool]) -> list[Recall]:
    wanted = select(Recall).where(condition).order_by(Recall.id).with_for_update(of=Recall)
    return list(db.session.scalars(wanted.execution_options(populate_existing=True)))


def open_turn(recall_id: int) -> RecallTurn | None:
    """The time that is not settled yet; the caller holds the sign-up."""
    wanted = select(RecallTurn).where(RecallTurn.recall_id == recall_id, RecallTurn.state.in_(OPEN))
    return db.session.scalar(wanted.execution_options(populate_existing=True))


def latest_turn(recall_id: int) -> RecallTurn | None:
    """The last time, whatever became of it."""
    wanted = select(RecallTurn).where(RecallTurn.recall_id == recall_id).order_by(RecallTurn.id.desc()).limit(1)
    return db.session.scalar(wanted.execution_options(populate_existing=True))


def put(turn: RecallTurn, state: TurnState, **values: Any) -> None:
    """Bring a time to a state, with what belongs to it; by whoever acts, nobody where a job does."""
    turn.state, turn.reason, turn.changed_at, turn.by_id = state, None, now(), actor.current().user_id
    for name, value in values.items():
        setattr(turn, name, value)
    db.session.add(turn)
    db.session.flush()


def settle(recall: Recall, turn: RecallTurn, state: TurnState, **values: Any) -> None:
    """Close a time and go on to the next date, past those that went by; the sign-up ends where none is left."""
    put(turn, state, **values)
    recall.done += 1
    step, on = dates.following(
        recall.first_on, recall.every, recall.unit, step=recall.step, after=max(recall.next_on, today())
    )
    is_over = (recall.times is not None and recall.done >= recall.times) or (
        recall.until_on is not None and on > recall.until_on
    )
    if not is_over:
        recall.step, recall.next_on = step, on
    elif recall.state in (RecallState.ACTIVE, RecallState.PAUSED):
        recall.state, recall.state_at, recall.state_by_id = RecallState.ENDED, now(), None
    db.session.flush()


def reopen(recall: Recall, turn: RecallTurn) -> None:
    """Take back that the last time was settled: it is due again, and so is its date."""
    put(turn, TurnState.DUE, booking_id=None)
    recall.step, recall.next_on, recall.done = turn.step, turn.turn_on, recall.done - 1
    if recall.state == RecallState.ENDED:
        recall.state, recall.state_at, recall.state_by_id = RecallState.ACTIVE, now(), None
    db.session.flush()


def may_reopen(recall: Recall, turn: RecallTurn) -> bool:
    """Whether it is the sign-up's last time and nobody changed its dates, paused, ended or cancelled it since."""
    went_on = recall.state == RecallState.ACTIVE and recall.step > turn.step
    ran_out = recall.state == RecallState.ENDED and recall.state_by_id is None and recall.step == turn.step
    return went_on or ran_out
