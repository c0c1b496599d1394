"""What becomes of an entry: accepted as a payment, ignored for a reason, or opened again. Nothing is taken out.

An entry is locked first and its debtor then, so that two people cannot accept one entry twice. Each decision is a row
of its own; the state of an entry is what its last one says.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from ... import actor
from ...db import db
from ...errors import Conflict, Invalid, NotFound
from ...language import _
from ...models.bank import BankDecision, BankEntry, DecisionKind, EntryState
from ...models.payment_types import PaymentMeans
from ...models.settlements import SettlementMethod
from .. import ledger, payment_types, reversing, settling
from . import suggesting
from .suggesting import Sureness

if TYPE_CHECKING:
    from ...models.postings import DebtorPosting

_STATES = {
    DecisionKind.ACCEPT: EntryState.ACCEPTED,
    DecisionKind.IGNORE: EntryState.IGNORED,
    DecisionKind.REOPEN: EntryState.OPEN,
}


def accept(
    entry_id: int, debtor_id: int, posting_ids: Iterable[int] = (), *, on: date | None = None, key: str | None = None
) -> BankDecision:
    """Record the entry as a payment of the day it was booked, and settle it with the chosen postings of the debtor.

    They are paid from the top down, in the order of settlements; what is left stays on the account. One `key`, once.
    on: a later day than the bank's, for one that is closed. Raises ClosedDay for a day that is, Invalid where a posting
    is not open any more, Conflict where somebody else decided about the entry.
    """
    return _accept(entry_id, debtor_id, posting_ids, SettlementMethod.MANUAL, key, on)


def accept_sure(entry_id: int) -> BankDecision | None:
    """Accept the entry by its suggestion, if just one is sure as of now; None leaves it for somebody to look at."""
    entry = _lock(entry_id)
    sure = [one for one in suggesting.suggest([entry])[entry_id] if one.sureness == Sureness.SURE]
    if entry.state != EntryState.OPEN or len(sure) != 1:
        return None
    ledger.lock_debtor(sure[0].debtor_id)
    still_open = settling.open_of(sure[0].debtor_id, sure[0].posting_ids)
    if sum(one.remaining_ore for one in still_open) != entry.amount_ore:  # settled until the debtor was locked
        return None
    return _accept(entry_id, sure[0].debtor_id, sure[0].posting_ids, SettlementMethod.AUTOMATIC, None)


def ignore(entry_id: int, reason: str, *, key: str | None = None) -> BankDecision:
    """Set an entry aside that is no payment of a debtor; raises Invalid without a reason."""
    entry = _lock(entry_id)
    known = _by_key(key)
    if known is not None:
        return known
    _require_open(entry)
    if not reason.strip():
        raise Invalid(_("Say why it is set aside."), field="reason")
    return _decide(entry, DecisionKind.IGNORE, reason=reason.strip(), key=key)


def reopen(entry_id: int, *, key: str | None = None) -> BankDecision:
    """Take the decision about an entry back: its payment is reversed, unless it was already, and it is open again."""
    entry = _lock(entry_id)
    known = _by_key(key)
    if known is not None:
        return known
    if entry.state == EntryState.OPEN:
        raise Conflict(_("The entry is already open."))
    posting = payment_of(entry_id)
    if posting is not None and reversing.reversal_of(posting.id) is None:
        reversing.reverse(posting.id, text=posting.text, key=f"bank-undo:{posting.id}")
    return _decide(entry, DecisionKind.REOPEN, key=key)


def payment_of(entry_id: int) -> DebtorPosting | None:
    """The payment that an accepted entry wrote; None where it is not accepted."""
    last = history(entry_id)[-1:]
    return last[0].posting if last else None


def history(entry_id: int) -> list[BankDecision]:
    """What was decided about an entry, in order."""
    return list(
        db.session.scalars(select(BankDecision).where(BankDecision.entry_id == entry_id).order_by(BankDecision.id))
    )


def _accept(
    entry_id: int,
    debtor_id: int,
    posting_ids: Iterable[int],
    method: SettlementMethod,
    key: str | None,
    on: date | None = None,
) -> BankDecision:
    entry = _lock(entry_id)
    known = _by_key(key)
    if known is not None:
        return known
    _require_open(entry)
    day = on or entry.booked_on
    if day < entry.booked_on:
        raise Invalid(_("The day must not lie before the bank's."), field="on")
    ledger.lock_debtor(debtor_id)
    chosen = settling.chosen(debtor_id, posting_ids)
    bank = payment_types.first_of(PaymentMeans.BANK)
    payment = ledger.record_payment(
        debtor_id,
        entry.amount_ore,
        paid_on=day,
        text=(entry.text or entry.counterparty or entry.reference or "")[:200],
        payment_type_id=bank.id if bank else None,
        key=f"bank:{entry_id}:{len(history(entry_id))}",
    )
    matches = settling.match([*chosen, *settling.open_of(debtor_id, (payment.id,))])
    if matches:
        settling.write(debtor_id, matches, method, on=day)
    return _decide(entry, DecisionKind.ACCEPT, posting_id=payment.id, key=key)


def _lock(entry_id: int) -> BankEntry:
    entry = db.session.get(BankEntry, entry_id, with_for_update={"of": BankEntry}, populate_existing=True)
    if entry is None:
        raise NotFound
    return entry


def _require_open(entry: BankEntry) -> None:
    if entry.state != EntryState.OPEN:
        raise Conflict(_("Somebody has decided about this entry meanwhile."))


def _by_key(key: str | None) -> BankDecision | None:
    if key is None:
        return None
    return db.session.scalars(select(BankDecision).where(BankDecision.idempotency_key == key)).one_or_none()


def _decide(
    entry: BankEntry, kind: DecisionKind, *, reason: str = "", posting_id: int | None = None, key: str | None = None
) -> BankDecision:
    row = BankDecision(
        entry_id=entry.id,
        kind=kind,
        reason=reason,
        posting_id=posting_id,
        idempotency_key=key,
        created_by_id=actor.current().user_id,
    )
    entry.state = _STATES[kind]
    db.session.add(row)
    db.session.flush()
    return row
