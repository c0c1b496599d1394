"""The demo's messages: a month of confirmations and reminders about its bookings, and what staff wrote by hand.

Their texts speak of the booking's time alone, so that they read like the shipped ones. What waits goes within the demo
into files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from ...clock import local, midnight, today
from ...db import transaction
from ...gateways.sms import segments
from ...models.address_failures import AddressFailure
from ...models.bookings import Booking
from ...models.customers import Customer
from ...models.messages import (
    Message,
    MessageAttachment,
    MessageBooking,
    MessageChannel,
    MessageEvent,
    MessageKind,
    MessageLetter,
    MessagePhase,
    MessageReason,
    MessageState,
)
from ...models.texts import MessageTemplate
from ...modules import Module
from .. import message_templates, settings
from ..letters import batches
from ..messaging.reminding import Rule
from ..texts import loading, markup
from . import bulk, campaigns
from .draw import Dice

SEED_OF_MESSAGES = 20_261_123
SEED_OF_LETTERS = 20_261_124
SEED_OF_CAMPAIGNS = 20_261_125
SMS_PRICE_ORE = 45
_BACK = timedelta(days=30)
_BY_HAND = (
    (
        "Din glemte halskæde",
        "Hej {first}\n\nDu glemte en halskæde hos os. Den ligger i kassen, når du kommer næste gang.",
    ),
    ("Vores prisliste", "Hej {first}\n\nHer er prislisten, som vi talte om. Ring endelig, hvis du har spørgsmål."),
    ("Ledig tid i næste uge", "Hej {first}\n\nDer er blevet en tid ledig onsdag formiddag. Skal vi holde den til dig?"),
    ("Kvittering for dit besøg", "Hej {first}\n\nTak for besøget. Kvitteringen ligger klar til dig i receptionen."),
)
_REMINDER = Rule(MessageChannel.SMS, 1, timedelta(days=1))
"""Under the key of the real one: whoever switches reminders on in the demo sends none of these twice."""
_PRICES = "Klipning, dame: 449 kr.\nKlipning, herre: 349 kr.\nKlipning, barn: 249 kr.\nFarvning: 799 kr.\n"
_GREETING = "Venlig hilsen\nKlinikken"


@dataclass(slots=True)
class _Made:
    """A message, its steps (after so many seconds, state, phase, what was said), and the booking it speaks of."""

    row: dict[str, Any]
    steps: list[tuple[int, MessageState, MessagePhase | None, str | None]] = field(default_factory=list)
    booking: Booking | None = None
    sheet: dict[str, Any] | None = None


def build(staff: dict[str, int], scale: float) -> None:
    """Write the log of the last month and what waits for tomorrow; switch SMS on."""
    dice = Dice(SEED_OF_MESSAGES)
    with transaction() as session:
        settings.put(f"module.{Module.SMS}", True)
        settings.put("message.sms_price_ore", SMS_PRICE_ORE)
        settings.put("confirmation.email", True)
        settings.put(f"reminder.{_REMINDER.channel}_{_REMINDER.slot}", True)
        failed = {row.address: row.reason for row in session.scalars(select(AddressFailure))}
        made = sorted(
            [
                *_about_bookings(dice, session, failed),
                *_by_hand(dice, session, staff, scale),
                *_on_paper(Dice(SEED_OF_LETTERS), session, staff, scale),
                *_newsletter(Dice(SEED_OF_CAMPAIGNS), session, staff, failed),
            ],
            key=lambda one: (one.row["created_at"], one.row["dedupe_key"]),
        )
        for number, one in enumerate(made, start=1):
            one.row["reference"] = f"{dice.getrandbits(96):024x}"
            one.row["provider_ref"] = f"demo-{number}" if one.row["channel"] == MessageChannel.SMS else None
        ids = bulk.add(session, Message, [one.row for one in made])
        bulk.add(session, MessageEvent, [step for id_, one in zip(ids, made, strict=True) for step in _steps(id_, one)])
        session.execute(insert(MessageBooking), [
            {"message_id": id_, "booking_id": one.booking.id, "starts_at": one.booking.start_at}
            for id_, one in zip(ids, made, strict=True)
            if one.booking
        ])  # fmt: skip
        session.execute(insert(MessageLetter), [
            {"message_id": id_, "sheet": one.sheet} for id_, one in zip(ids, made, strict=True) if one.sheet
        ])  # fmt: skip
        lists = [id_ for id_, one in zip(ids, made, strict=True) if one.row["subject"] == _BY_HAND[1][0]]
        file = {"position": 1, "filename": "Prisliste.txt", "media_type": "text/plain", "content": _PRICES.encode()}
        bulk.add(session, MessageAttachment, [{"message_id": id_, **file} for id_ in lists])


def _about_bookings(dice: Dice, session: Any, failed: dict[str, str]) -> Iterator[_Made]:
    """A confirmation when it was booked, a reminder the day before."""
    begin = midnight(today()) - _BACK
    wanted = (
        select(Booking, Customer)
        .join(Customer, Customer.id == Booking.customer_id)
        .where(Booking.deleted_at.is_(None), Booking.created_at >= begin)
        .order_by(Booking.id)
    )
    for booking, customer in session.execute(wanted):
        at, when = booking.created_at, _when(booking.start_at)
        if customer.email and dice.some(0.8):
            text = f"Hej {_first(customer)}\n\nTak for din booking. Vi glæder os til at se dig {when}.\n\n{_GREETING}"
            one = _email(
                customer,
                f"demo:confirmation:{booking.id}",
                MessageKind.CONFIRMATION,
                f"Din tid {when}",
                text,
                at,
                failed,
            )
            one.booking = booking
            yield one
        before = booking.start_at - timedelta(days=1)
        if customer.mobile and before < midnight(today()) + timedelta(days=2) and dice.some(0.8):
            text = f"Hej {_first(customer)}. Husk din tid {when}. Er du forhindret, så ring til os."
            one = _sms(customer, _REMINDER.key(booking.id, booking.start_at), text, before, booking.start_at)
            one.booking = booking
            yield one


def _by_hand(dice: Dice, session: Any, staff: dict[str, int], scale: float) -> Iterator[_Made]:
    """What staff wrote; of the last one nobody knows whether it arrived."""
    reachable = select(Customer).where(
        Customer.email.is_not(None),
        Customer.deleted_at.is_(None),
        Customer.email.not_in(select(AddressFailure.address)),
    )
    customers = list(session.scalars(reachable.order_by(Customer.id).limit(400)))
    last = max(8, round(40 * scale))
    for number in range(last):
        customer, (subject, body) = dice.one(customers), dice.one(_BY_HAND)
        at = dice.instant(today() - timedelta(days=1 if number == last - 1 else dice.randint(1, 29)))
        text = f"{body.format(first=_first(customer))}\n\n{_GREETING}"
        one = _email(customer, f"demo:manual:{number}", MessageKind.MANUAL, subject, text, at, {})
        one.row["created_by_id"] = staff["receptionist"]
        if number == last - 1:
            one.row |= {"state": MessageState.UNKNOWN, "sent_at": None, "reply": None}
            one.steps[-1] = (121, MessageState.UNKNOWN, None, "its holder went silent while sending")
        yield one


def _on_paper(dice: Dice, session: Any, staff: dict[str, int], scale: float) -> Iterator[_Made]:
    """Letters of welcome from the last weeks."""
    template = session.scalars(select(MessageTemplate).where(MessageTemplate.channel == MessageChannel.LETTER)).first()
    source, page = message_templates.source(template), message_templates.page(template)
    settled = select(Customer).where(Customer.deleted_at.is_(None), Customer.language == template.language)
    customers = list(session.scalars(settled.where(Customer.address.is_not(None)).order_by(Customer.id).limit(300)))
    for number, customer in enumerate(dice.sample(customers, max(6, round(25 * scale)))):
        at = dice.instant(today() - timedelta(days=dice.randint(1, 29)))
        facts = loading.for_customers([customer.id], loading.needed(source), at=at)[customer.id]
        key = f"demo:letter:{number}"
        made = batches.composed(batches.Order(facts, source, template.language, page, key))
        row = _row(customer, MessageChannel.LETTER, MessageKind.MANUAL, key, at)
        row |= {"recipient": made.draft.recipient, "body": made.draft.body, "html": made.draft.html}
        row |= {"state": MessageState.SENT, "sent_at": at, "created_by_id": staff["receptionist"]}
        row["attempt"] = 0
        if made.address:
            yield _Made(row, [(0, MessageState.SENT, None, None)], sheet=made.sheet.stored())


def _newsletter(dice: Dice, session: Any, staff: dict[str, int], failed: dict[str, str]) -> Iterator[_Made]:
    """The newsletter that went out, and who of those that may be followed opened it when."""
    campaign_id, began_at, people = campaigns.build(session, dice, staff)
    for number, customer in enumerate(people):
        at = began_at + timedelta(seconds=campaigns.SECONDS_EACH * number)
        key = f"bulk:{campaign_id}:{customer.id}:{MessageChannel.EMAIL}"
        text = campaigns.TEXT.replace("[KUNDEFORNAVN]", _first(customer))
        one = _email(customer, key, MessageKind.CAMPAIGN, campaigns.SUBJECT, text, at, failed)
        one.row |= {"campaign_id": campaign_id, "is_marketing": True, "created_by_id": staff["office"]}
        if one.row["sent_at"] and customer.allows_open_tracking and dice.some(0.55):
            one.row["opened_at"] = at + timedelta(minutes=round(5 + 4000 * dice.random() ** 3))
        yield one


def _email(
    customer: Customer, key: str, kind: MessageKind, subject: str, text: str, at: datetime, failed: dict[str, str]
) -> _Made:
    row = _row(customer, MessageChannel.EMAIL, kind, key, at)
    row |= {"recipient": customer.email, "subject": subject, "body": text, "html": markup.paragraphs(text)}
    if customer.email in failed:
        reply = failed[customer.email]
        failed[customer.email] = ""  # the first message found out, the others were not sent any more
        return _refused(row, at, reply) if reply else _kept_back(row, MessageReason.ADDRESS_FAILED)
    return _sent(row, at, "250 2.0.0 Ok: queued")


def _sms(customer: Customer, key: str, text: str, at: datetime, expires_at: datetime) -> _Made:
    row = _row(customer, MessageChannel.SMS, MessageKind.REMINDER, key, at)
    parts = segments.measure(text).segments
    row |= {"recipient": customer.mobile, "body": text, "expires_at": expires_at, "segments": parts}
    row["price_ore"] = parts * SMS_PRICE_ORE
    if at >= midnight(today()):
        row["created_at"] = midnight(today()) - timedelta(hours=8)
    if not customer.remind_sms:
        return _kept_back(row, MessageReason.OPTED_OUT)
    if at >= midnight(today()):
        row |= {"state": MessageState.QUEUED, "attempt": 0}
        return _Made(row, [(0, MessageState.QUEUED, None, None)])
    one = _sent(row, at, None)
    one.row |= {"state": MessageState.DELIVERED, "delivered_at": at + timedelta(seconds=9)}
    one.steps.append((9, MessageState.DELIVERED, None, None))
    return one


def _row(customer: Customer, channel: MessageChannel, kind: MessageKind, key: str, at: datetime) -> dict[str, Any]:
    empty = (
        "subject", "html", "reason", "reply", "sent_at", "delivered_at", "opened_at", "segments", "price_ore",
        "created_by_id", "campaign_id",
    )  # fmt: skip
    return dict.fromkeys(empty) | {
        "is_marketing": False,
        "customer_id": customer.id,
        "channel": channel,
        "kind": kind,
        "language": customer.language,
        "dedupe_key": key,
        "not_before": at,
        "expires_at": at + timedelta(days=3),
        "created_at": at,
        "attempt": 1,
    }


def _sent(row: dict[str, Any], at: datetime, reply: str | None) -> _Made:
    row |= {"state": MessageState.SENT, "sent_at": at + timedelta(seconds=3), "reply": reply}
    return _Made(row, [
        (0, MessageState.QUEUED, None, None), (1, MessageState.SENDING, MessagePhase.CLAIMED, None),
        (2, MessageState.SENDING, MessagePhase.HANDED, None), (3, MessageState.SENT, None, reply),
    ])  # fmt: skip


def _refused(row: dict[str, Any], at: datetime, reply: str) -> _Made:
    one = _sent(row, at, reply)
    one.row |= {"state": MessageState.FAILED, "reason": MessageReason.REJECTED, "sent_at": None}
    one.steps[-1] = (3, MessageState.FAILED, None, reply)
    return one


def _kept_back(row: dict[str, Any], reason: MessageReason) -> _Made:
    row |= {"state": MessageState.SUPPRESSED, "reason": reason, "attempt": 0}
    return _Made(row, [(0, MessageState.SUPPRESSED, None, None)])


def _steps(message_id: int, one: _Made) -> Iterator[dict[str, Any]]:
    for after, state, phase, detail in one.steps:
        is_ours = phase is None and (one.sheet or state in (MessageState.QUEUED, MessageState.SUPPRESSED))
        yield {
            "message_id": message_id,
            "at": one.row["created_at"] + timedelta(seconds=after),
            "state": state,
            "phase": phase,
            "reason": one.row["reason"] if state == one.row["state"] else None,
            "detail": detail,
            "owner": None,
            "user_id": one.row["created_by_id"] if is_ours else None,
        }


def _first(customer: Customer) -> str:
    return customer.name.split()[0]


def _when(at: datetime) -> str:
    clock = local(at)
    return f"d. {clock:%d-%m-%Y} kl. {clock:%H:%M}"
