"""A whole installation of plausible Danish data, the same every time: what `gecko demo` shows."""

from __future__ import annotations

from sqlalchemy import select

from ... import actor
from ...db import db, transaction
from ...models.people import StaffUser
from .. import matching, overview, settings
from ..duplicates import recording
from . import (
    bank,
    bookings,
    closing,
    consents,
    drafts,
    letters,
    marketing,
    messages,
    payers,
    people,
    prepayments,
    recalls,
    reminders,
    staff,
    stock,
    trade,
)
from .draw import Dice
from .papers import Papers

SEED = 20_261_120


def stands() -> bool:
    """Whether this database is a demo's."""
    return bool(settings.get("demo.accounts"))


def has_room() -> bool:
    """Whether nobody and nothing was registered yet, so that demo data mix with nothing real."""
    return overview.is_fresh() and db.session.scalar(select(StaffUser.id).limit(1)) is None


def build(papers: Papers, *, scale: float = 1.0) -> bool:
    """Fill a newly seeded database; False where the demo already stands. Opens its own transactions.

    papers: who makes its letters. scale: 1 makes 2,000 customers and 6,000 invoices.
    """
    if stands():
        return False
    dice = Dice(SEED)
    with actor.acting_as(actor.Actor(name="demo", source="system")):
        accounts_of_staff = staff.build()
        item_ids = stock.build(dice)
        customers = people.build(dice, accounts_of_staff, scale)
        accounts = payers.build(dice, customers, accounts_of_staff, scale)
        trade.build(dice, accounts, item_ids, accounts_of_staff, scale)
        drafts.build(accounts)
        trade.build_ad_hoc(dice, sorted(customers.customers), item_ids, accounts_of_staff)
        prepayments.build(accounts_of_staff)
        bank.build()
        bookings.build(customers, accounts_of_staff, scale)
        letters.build(dice)
        consents.build(accounts_of_staff)
        marketing.build(accounts_of_staff)
        messages.build(accounts_of_staff, scale)
        recalls.build(accounts_of_staff, scale)
        reminders.build(accounts_of_staff, papers)
        closing.build(accounts_of_staff)
        _find_duplicates()
    return True


def _find_duplicates() -> None:
    """Compare everybody, so that the queue of duplicates is full when somebody opens it."""
    for found in matching.scan():
        with transaction():
            recording.record(found)
