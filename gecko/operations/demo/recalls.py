"""The demo's recalls: customers of some treatments are signed up, one time behind them, and today's run has been.

Like the bookings they hang on today. The run is the real one, so that what waits, what is booked and what is due with
its reason is what the product makes of these customers; only its time is put to the morning of the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select, update

from ...channels import MessageChannel
from ...clock import midnight, now, today
from ...db import transaction
from ...models.bookings import Booking, Service
from ...models.customers import Customer
from ...models.messages import Message, MessageEvent, MessageKind
from ...models.recalls import Recall, RecallTemplate, RecallTurn, RecallUnit, TurnState
from ...models.texts import MessageTemplate
from ...modules import Feature
from .. import settings
from ..messaging import enqueuing, quiet
from ..recalls import dates, running, templates
from . import bulk
from .draw import ANCHOR, YEARS, Dice

SEED_OF_RECALLS = 20_261_124
_EMAIL, _SMS, _LETTER = MessageChannel.EMAIL, MessageChannel.SMS, MessageChannel.LETTER
_MOST = 60
_OWN_TEXT = "Indkaldelse til kontrol"


@dataclass(frozen=True, slots=True)
class _Kind:
    """A template, and how often its customers come."""

    name: str
    channels: tuple[MessageChannel, ...]
    services: tuple[str, ...]
    every: int
    unit: RecallUnit
    tolerance_days: int
    is_win_back: bool = False


_KINDS = (
    _Kind("Fodbehandling, fast tid", (_SMS, _EMAIL, _LETTER), ("Fodbehandling",), 8, RecallUnit.WEEK, 21),
    _Kind("Kontrol hos fysioterapeut", (_LETTER, _EMAIL), ("Fysioterapi, opfølgning",), 6, RecallUnit.MONTH, 45),
    _Kind("Tid til klipning", (_EMAIL, _SMS), ("Klipning, dame", "Klipning, herre"), 6, RecallUnit.WEEK, 14),
    _Kind("Vi savner dig", (_EMAIL,), ("Ansigtsbehandling", "Massage, 60 min."), 4, RecallUnit.MONTH, 60, True),
)
_NOTES = ("Ring, hvis der ikke kommer svar.", "Helst om formiddagen.", "Aftalt med datteren.", "Vil gerne have brev.")


def build(staff: dict[str, int], scale: float) -> None:
    """Switch recall on, sign customers up by what they booked before, and run."""
    dice = Dice(SEED_OF_RECALLS)
    with transaction() as session:
        settings.put(f"feature.{Feature.RECALL}", True)
        by = [staff["receptionist"], staff["office"]]
        for kind in _KINDS:
            _sign_up(session, dice, kind, by, max(3, round(_MOST * scale)))
    with transaction() as session:
        for recall_id in running.due():
            running.run_one(recall_id)
        _ran_this_morning(session, dice)


def _ran_this_morning(session: Any, dice: Dice) -> None:
    """Put the run to the beginning of the day, under numbers that are the same in every build."""
    at = midnight(today())
    ids = list(session.scalars(select(Message.id).where(Message.kind == MessageKind.RECALL).order_by(Message.id)))
    for message_id in ids:
        written = {"reference": f"{dice.getrandbits(96):024x}", "created_at": at, "not_before": quiet.next_allowed(at)}
        session.execute(
            update(Message).where(Message.id == message_id).values(**written, expires_at=at + enqueuing.LIFE)
        )
    session.execute(update(MessageEvent).where(MessageEvent.message_id.in_(ids)).values(at=at))
    fresh = RecallTurn.step > 0
    session.execute(update(RecallTurn).where(fresh).values(changed_at=at, created_at=at))


def _template(session: Any, kind: _Kind) -> RecallTemplate:
    services = select(Service.id).where(Service.name.in_(kind.services)).order_by(Service.id)
    values: dict[str, Any] = {
        "name": kind.name, "is_win_back": kind.is_win_back, "tolerance_days": kind.tolerance_days,
        "service_ids": list(session.scalars(services)), **dict(zip(templates.CHANNELS, kind.channels, strict=False)),
    }  # fmt: skip
    if kind.channels[0] == _LETTER:
        values["text_letter_da"] = session.scalar(select(MessageTemplate.id).where(MessageTemplate.name == _OWN_TEXT))
    template = templates.create(values)
    template.created_at = midnight(ANCHOR - YEARS)
    return template


def _sign_up(session: Any, dice: Dice, kind: _Kind, by: list[int], most: int) -> None:
    """Those who came to the template's services: their first time was booked, the next comes in the weeks from now."""
    template = _template(session, kind)
    recalls, turns = [], []
    for visit in session.execute(_visits([service.id for service in template.services], most)):
        ahead = dice.randint(0, 9) if dice.some(0.3) else dice.randint(11, 120)  # near, so that the run looks at it
        first_on = dates.nth(today() + timedelta(days=ahead), kind.every, kind.unit, -1)
        booked_at = visit.start_at - timedelta(days=1)
        recalls.append({
            "customer_id": visit.customer_id, "template_id": template.id, "service_id": visit.service_id,
            "first_on": first_on, "every": kind.every, "unit": kind.unit, "step": 1, "done": 1, "state": "active",
            "next_on": dates.nth(first_on, kind.every, kind.unit, 1), "created_by_id": dice.one(by),
            "note": dice.one(_NOTES) if dice.some(0.15) else None,
            "created_at": dice.instant(min(first_on, today()) - timedelta(days=60)),
        })  # fmt: skip
        turns.append({
            "turn_on": first_on, "step": 0, "state": TurnState.FULFILLED, "booking_id": visit.id,
            "changed_at": booked_at, "created_at": booked_at,
        })  # fmt: skip
    ids = bulk.add(session, Recall, recalls)
    bulk.add(session, RecallTurn, [{"recall_id": id_, **turn} for id_, turn in zip(ids, turns, strict=True)])


def _visits(service_ids: list[int], most: int) -> Select[Any]:
    """Living customers who came to one of the services, one visit each."""
    rank = func.row_number().over(partition_by=Booking.customer_id, order_by=(Booking.start_at.desc(), Booking.id))
    came = (
        select(Booking.customer_id, Booking.service_id, Booking.id, Booking.start_at, rank.label("rank"))
        .join(Customer, Customer.id == Booking.customer_id)
        .where(
            Booking.service_id.in_(service_ids), Booking.deleted_at.is_(None), Booking.start_at < now(),
            Booking.is_no_show.is_(False), Customer.deleted_at.is_(None),
        )
        .subquery()
    )  # fmt: skip
    return select(came).where(came.c.rank == 1).order_by(came.c.id).limit(most)
