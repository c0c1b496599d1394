"""What is prepaid, used, paid back and taken back: to the ledger and to its books."""

from __future__ import annotations

from gecko.clock import today
from gecko.db import db
from gecko.models.prepayments import PrepaymentEntry
from gecko.operations import prepaying, prepayments, settling

from .trial import Draw, Trial, some_day, some_of, some_ore


def prepay(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """Money comes in beforehand."""
    ore, day = some_ore(draw), some_day(draw)
    made = trial.try_(True, lambda: prepaying.pay_in(debtor_id, ore, paid_on=day).id)
    trial.note_prepaid(made or 0, ore, day, posting=None, reverses=None)


def pay_back(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """A part of it goes out again, on a day that may be too early for it, or more than there is."""
    day = some_day(draw)
    ore = 1 + draw(2 + max(0, trial.books.prepaid(debtor_id)))
    may = ore <= trial.books.room(debtor_id, day)
    made = trial.try_(may, lambda: prepaying.pay_out(debtor_id, ore, paid_on=day).id)
    if made is not None:
        trial.note_prepaid(made, -ore, day, posting=None, reverses=None)


def use(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """It pays some postings, as far as it reaches, a part of that, or more than there is; credits cannot be paid."""
    books = trial.books
    chosen = some_of(draw, [one for one in books.open(debtor_id) if books.left(one) > 0 or draw(9) == 0])
    left = [books.left(number) for number in chosen]
    most = min(sum(left), books.room(debtor_id, today()))
    amount = draw(most + 2) if most > 0 and draw(3) == 0 else None
    may = bool(left) and min(left) > 0 and most > 0 and (amount is None or 0 < amount <= most)
    made = trial.try_(may, lambda: prepaying.use(debtor_id, chosen, amount_ore=amount).id)
    if made is None:
        return
    ore = most if amount is None else amount
    posting = db.session.get_one(PrepaymentEntry, made).posting_id or 0
    trial.note(posting, -ore, today(), today())
    trial.note_prepaid(made, -ore, today(), posting=posting, reverses=None)
    trial.note_placing(max(row.id for row in settling.standing(posting)), books.plan([*chosen, posting]))


def take_back(trial: Trial, debtor_id: int, draw: Draw) -> None:
    """An entry is reversed; of a use also the payment, so that what it paid is open again."""
    books = trial.books
    mine = [one for one in books.entries.values() if one.debtor == debtor_id]
    if not mine:
        return
    one = mine[draw(len(mine))]
    is_done = one.reverses is not None or any(other.reverses == one.number for other in mine)
    may = not is_done and (one.ore < 0 or one.ore <= books.room(debtor_id, today()))
    made = trial.try_(may, lambda: prepaying.reverse(one.number, reason="Fejl").id)
    if made is None:
        return
    posting = db.session.get_one(PrepaymentEntry, made).posting_id
    if one.posting is not None:
        note_reversal(trial, one.posting, posting or 0)
    else:
        trial.note_prepaid(made, -one.ore, today(), posting=None, reverses=one.number)


def note_reversal(trial: Trial, number: int, made: int) -> None:
    """A posting was taken back by another: its settlements are undone, both are settled, and a prepayment is back."""
    books, day = trial.books, today()
    one = books.items[number]
    for placing in books.standing(number):
        books.undo(placing, max(day, books.placings[placing].day))
    trial.note(made, -one.ore, day, day, reverses=number)
    trial.note_placing(max(row.id for row in settling.standing(made)), books.plan([number, made]), day=day)
    used = next((entry for entry in books.entries.values() if entry.posting == number), None)
    if used is not None:
        back = prepayments.reversal_of(used.number)
        trial.note_prepaid(back.id if back else 0, -used.ore, day, posting=made, reverses=used.number)
