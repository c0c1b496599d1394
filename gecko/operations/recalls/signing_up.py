"""Sign-ups: made, changed, paused, resumed, ended and cancelled by staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from ... import actor
from ...clock import now, today
from ...db import db
from ...errors import Invalid
from ...language import _
from ...models.recalls import Recall, RecallState, RecallTemplate, RecallUnit, TurnState
from ...permissions import Principal
from .. import booking_rules, customer_values
from . import dates, following, holding, templates

FARTHEST = timedelta(days=20 * 366)
LONGEST = 1000
SHORTEST_DAYS = 7
GOES_ON = (RecallState.ACTIVE, RecallState.PAUSED)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer is to be signed up for. times: so many in all; until_on: no date after it; either may be None."""

    customer_id: int
    template_id: int
    service_id: int
    first_on: date | None
    every: int | None
    unit: RecallUnit
    until_on: date | None = None
    times: int | None = None
    note: str | None = None


def sign_up(wish: Wish, *, key: str | None = None, principal: Principal | None = None) -> Recall:
    """Sign a customer up; one `key`, one sign-up. Raises NotFound and Invalid."""
    customer = booking_rules.living_customer(wish.customer_id, principal)
    known = None if key is None else db.session.scalar(select(Recall).where(Recall.idempotency_key == key))
    if known is not None:
        return known
    template = templates.get(wish.template_id)
    service = booking_rules.open_service(wish.service_id, principal)
    booking_rules.require_groups(customer, None, service)
    _require_service(template, wish.service_id)
    first_on = _first(wish.first_on)
    recall = Recall(
        customer_id=customer.id if customer else wish.customer_id,
        template_id=template.id,
        service_id=wish.service_id,
        first_on=first_on,
        next_on=first_on,
        **_rhythm(wish.every, wish.unit),
        **_limits(wish.until_on, wish.times, first_on, 0),
        note=_note(wish.note),
        created_by_id=actor.current().user_id,
        idempotency_key=key,
    )
    db.session.add(recall)
    db.session.flush()
    return recall


def change(
    recall_id: int, values: Mapping[str, Any], *, row_version: int | None = None, principal: Principal | None = None
) -> Recall:
    """Change next_on, every, unit, until_on, times and note of a sign-up that goes on.

    With another interval or date the dates are counted anew from the next one. A time that is open keeps its date; it
    can be postponed.
    """
    recall = holding.hold(recall_id, row_version=row_version, principal=principal)
    _require_going_on(recall)
    present = {name: getattr(recall, name) for name in ("next_on", "every", "unit", "until_on", "times", "note")}
    wanted = present | dict(values)
    if wanted["next_on"] != recall.next_on:
        if holding.open_turn(recall_id) is not None:
            raise Invalid(_("This time is open already. Postpone it on the list of what is due."), field="next_on")
        recall.next_on = _first(wanted["next_on"])
    rhythm = _rhythm(wanted["every"], wanted["unit"])
    if rhythm != _rhythm(recall.every, recall.unit) or recall.next_on != present["next_on"]:
        recall.first_on, recall.step = recall.next_on, 0
    for name, value in (rhythm | _limits(wanted["until_on"], wanted["times"], recall.next_on, recall.done)).items():
        setattr(recall, name, value)
    recall.note = _note(wanted["note"])
    db.session.flush()
    return recall


def pause(recall_id: int, *, row_version: int | None = None, principal: Principal | None = None) -> Recall:
    """Let a sign-up rest; what is open now is left out, unless its message is on its way."""
    return _put(recall_id, RecallState.PAUSED, (RecallState.ACTIVE,), row_version, principal)


def resume(recall_id: int, *, row_version: int | None = None, principal: Principal | None = None) -> Recall:
    """Let a sign-up go on; a date that went by meanwhile is due now, once."""
    return _put(recall_id, RecallState.ACTIVE, (RecallState.PAUSED,), row_version, principal)


def end(recall_id: int, *, row_version: int | None = None, principal: Principal | None = None) -> Recall:
    """End a sign-up: it has done what it was for."""
    return _put(recall_id, RecallState.ENDED, GOES_ON, row_version, principal)


def cancel(recall_id: int, *, row_version: int | None = None, principal: Principal | None = None) -> Recall:
    """Cancel a sign-up: the customer regrets it, or it was a mistake."""
    return _put(recall_id, RecallState.CANCELLED, GOES_ON, row_version, principal)


def _put(
    recall_id: int,
    state: RecallState,
    before: tuple[RecallState, ...],
    row_version: int | None,
    principal: Principal | None,
) -> Recall:
    recall = holding.hold(recall_id, principal=principal)
    if recall.state == state:
        return recall  # the same again, as a form sent twice
    holding.require_version(recall, row_version)
    if recall.state not in before:
        raise Invalid(_("The sign-up is in another state by now."))
    turn = holding.open_turn(recall_id)
    if turn is not None and following.take_back(turn):
        holding.put(turn, TurnState.SKIPPED)
    recall.state, recall.state_at = state, now()
    recall.state_by_id = None if state == RecallState.ACTIVE else actor.current().user_id
    db.session.flush()
    return recall


def _require_going_on(recall: Recall) -> None:
    if recall.state not in GOES_ON:
        raise Invalid(_("The sign-up is over. Sign the customer up anew."))


def _require_service(template: RecallTemplate, service_id: int) -> None:
    offered = {service.id for service in template.services}
    if offered and service_id not in offered:
        raise Invalid(_("The template %(name)s is not for this service."), field="service_id", name=template.name)


def _first(on: date | None) -> date:
    if on is None:
        raise Invalid(_("This field is required."), field="first_on")
    if not today() <= on <= today() + FARTHEST:
        raise Invalid(_("The date must be today or later, within twenty years."), field="first_on")
    return on


def _rhythm(every: int | None, unit: RecallUnit) -> dict[str, Any]:
    if every is None or not 0 < every <= LONGEST:
        raise Invalid(_("The interval must be between 1 and %(most)d."), field="every", most=LONGEST)
    if unit == RecallUnit.DAY and every < SHORTEST_DAYS:
        raise Invalid(_("The interval must be a week at least."), field="every")
    return {"every": every, "unit": unit}


def _limits(until_on: date | None, times: int | None, next_on: date, done: int) -> dict[str, Any]:
    if until_on is not None and until_on < next_on:
        raise Invalid(_("The end must not lie before the next date."), field="until_on")
    if times is not None and not done < times <= LONGEST:
        raise Invalid(_("The number of times must be more than the %(done)d that are over."), field="times", done=done)
    return {"until_on": until_on, "times": times}


def _note(typed: str | None) -> str | None:
    try:
        return customer_values.text(typed, limit=1000)
    except Invalid as error:
        error.field = "note"
        raise


def dates_of(recall: Recall, *, most: int = 3) -> list[date]:
    """The next dates as they stand, for people to see: no more than `most`, and none past the end."""
    left = most if recall.times is None else min(most, recall.times - recall.done)
    found = [recall.next_on] if left > 0 else []
    step = recall.step
    while 0 < len(found) < left:
        step, on = dates.following(recall.first_on, recall.every, recall.unit, step=step, after=found[-1])
        if recall.until_on is not None and on > recall.until_on:
            break
        found.append(on)
    return found
