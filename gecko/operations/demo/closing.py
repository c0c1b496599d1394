"""The demo's books: closed up to the last quarter, handed over month by month, and sealed."""

from __future__ import annotations

from datetime import date, datetime, time

from ... import actor
from ...clock import from_local
from ...db import db, transaction
from ...models.bookkeeping import BatchFormat
from ...models.period_locks import PeriodLock
from .. import settings
from ..bookkeeping import batches, vouchers
from ..bookkeeping.batches import Wish
from ..sealing import seals
from . import moments

_STEPS = (
    (date(2025, 12, 31), date(2026, 1, 22), "Årsafslutning 2025, revideret"),
    (date(2026, 6, 30), date(2026, 7, 14), "2. kvartal er afstemt"),
    (date(2026, 5, 31), date(2026, 7, 16), "En kreditnota fra juni manglede"),
    (date(2026, 6, 30), date(2026, 7, 17), "Kreditnotaen er bogført, 2. kvartal er afstemt igen"),
    (date(2026, 9, 30), date(2026, 10, 13), "3. kvartal er afstemt, moms indberettet"),
)
"""Closed up to when, on which day, and why."""
_ACCOUNTS = {
    "debtor": "6100", "sales": "1000", "sales_free": "1005", "vat": "6902", "bank": "6510", "prepayment": "6840",
    "reminder_fee": "1900", "interest": "1910", "compensation": "1920", "write_off": "3620",
}  # fmt: skip
_BATCHES = (
    (date(2026, 7, 1), date(2026, 7, 31), date(2026, 8, 5)),
    (date(2026, 8, 1), date(2026, 8, 31), date(2026, 9, 4)),
    (date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 5)),
)
"""First and last day, and when they were handed over."""


def build(staff: dict[str, int]) -> None:
    """Close, hand over and seal, as the accountant. Opens its own transactions."""
    user_id = staff["accountant"]
    with actor.acting_as(actor.Actor(user_id=user_id, name="demo", source="system")):
        with transaction():
            _hand_over()
            for until, on, reason in _STEPS:
                db.session.add(PeriodLock(closed_until=until, reason=reason, created_at=_at(on), created_by_id=user_id))
                db.session.flush()
        seals.seal_all()


def _hand_over() -> None:
    """The months of the third quarter, to the cash book."""
    for name in vouchers.ACCOUNTS:
        settings.put(f"bookkeeping.{name}", _ACCOUNTS[name])
    settings.put(vouchers.VAT_CODE, "U25")
    for number, (starts_on, ends_on, on) in enumerate(_BATCHES, start=1):
        with moments.at(_at(on)):
            batches.hand_over(batches.prepare(Wish(BatchFormat.ECONOMIC, ends_on, starts_on)), key=f"demo:{number}")


def _at(day: date) -> datetime:
    return from_local(datetime.combine(day, time(14, 30)))
