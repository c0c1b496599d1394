"""What is posted on an account, credited, taken back, written off and paid out: to the ledger and to its books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from gecko.clock import today
from gecko.db import db
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import closing_out, crediting, invoicing, ledger, reversing, settling

from .prepaid_acts import note_reversal
from .trial import Draw, Trial, some_day, some_of, some_ore

DUE = 8
"""The days of the term that an installation starts with."""


def invoice(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """Something is owed."""
    ore, day = some_ore(draw), some_day(draw)
    line = invoicing.Line(quantity_milli=1_000, unit_price_ore=ore, text="Ydelse")
    document_id = trial.try_(True, lambda: invoicing.issue(debtor_id=debtor_id, lines=[line], document_date=day).id)
    posting_id = db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.document_id == document_id)).one()
    trial.note(posting_id, ore, day, day + timedelta(days=DUE))
    trial.credited[document_id or 0] = (posting_id, 0, 0)


def payment(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """Something is paid."""
    ore, day = some_ore(draw), some_day(draw)
    made = trial.try_(True, lambda: ledger.record_payment(debtor_id, ore, paid_on=day).id)
    trial.note(made or 0, -ore, day, day)


def fee(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """A reminder costs something."""
    ore, due_on = 1 + draw(10_000), today() + timedelta(days=10)

    def work() -> int:
        ledger.lock_debtor(debtor_id)
        kind = PostingKind.REMINDER_FEE
        return ledger.post(debtor_id, kind, ore, posted_on=today(), due_on=due_on, text="Rykkergebyr").id

    trial.note(trial.try_(True, work) or 0, ore, today(), due_on)


def credit(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """A part of an invoice, or more than is left of it; what is credited in all is never more than was invoiced."""
    mine = [key for key, (posting, _milli, _ore) in trial.credited.items()
            if trial.books.items[posting].debtor == debtor_id]  # fmt: skip
    if not mine:
        return
    document_id = mine[draw(len(mine))]
    posting_id, milli, ore = trial.credited[document_id]
    wanted = 1 + draw(1_100 - milli)
    line_id = crediting.remaining(document_id)[0].line.id
    whole = trial.books.items[posting_id].ore

    def work() -> int:
        return crediting.issue(document_id, quantities={line_id: wanted}).id

    note_id = trial.try_(milli + wanted <= 1_000, work)
    if note_id is None:
        return
    row = db.session.scalars(select(DebtorPosting).where(DebtorPosting.document_id == note_id)).one()
    credited = ore - row.amount_ore
    is_right = credited == whole if milli + wanted == 1_000 else 0 <= credited <= whole
    trial.same(is_right, True, "what is credited", document_id)
    trial.credited[document_id] = (posting_id, milli + wanted, credited)
    trial.note(row.id, row.amount_ore, today(), today())


def reverse(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """A posting is taken back; a document is not, nor what was taken back already."""
    mine = trial.books.of(debtor_id)
    if not mine:
        return
    one = mine[draw(len(mine))]
    is_reversed = any(other.reverses == one.number for other in mine)
    may = not (one.is_document or one.reverses or is_reversed)
    made = trial.try_(may, lambda: reversing.reverse(one.number).id)
    if made is None:
        return
    note_reversal(trial, one.number, made)


def _close_out(trial: Trial, debtor_id: int, draw: Draw, work: Callable[..., DebtorPosting], **values: Any) -> None:
    """Write some postings off, or pay them out; the books know what may be."""
    chosen = some_of(draw, trial.books.open(debtor_id))
    left = [trial.books.left(number) for number in chosen]
    total = sum(left)
    one_sided = bool(left) and (min(left) > 0 or max(left) < 0)
    is_payout = work is closing_out.pay_out
    may = one_sided and (total < 0 if is_payout else total >= -closing_out.SMALL_CREDIT_ORE)
    made = trial.try_(may, lambda: work(debtor_id, chosen, **values).id)
    if made is not None:
        trial.note(made, -total, today(), today())
        parts = trial.books.plan([*chosen, made])
        trial.note_placing(max(row.id for row in settling.standing(made)), parts)


def write_off(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """What is open is given up."""
    _close_out(trial, debtor_id, draw, closing_out.write_off, reason="Tabt")


def pay_out(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """What is open to the debtor's credit is paid out."""
    _close_out(trial, debtor_id, draw, closing_out.pay_out)
