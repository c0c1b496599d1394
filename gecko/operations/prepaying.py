"""What is done with a debtor's prepayment: money is paid in, pays what is owed, is paid out, and all of it taken back.

Using it is an entry here and a payment on the debtor's account, in one transaction; taking either of them back takes
the other back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from ..clock import today
from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.payment_types import PaymentMeans
from ..models.postings import PostingKind
from ..models.prepayments import PrepaymentEntry, PrepaymentKind
from ..models.settlements import SettlementMethod
from ..money import LARGEST_ORE
from . import ledger, payment_types, prepayments, reversing, settling


def pay_in(
    debtor_id: int,
    amount_ore: int,
    *,
    paid_on: date | None = None,
    text: str = "",
    payment_type_id: int | None = None,
    key: str | None = None,
) -> PrepaymentEntry:
    """Record money that the debtor paid beforehand, today or on a day before. One `key`, once."""
    return _move(debtor_id, PrepaymentKind.PAID_IN, amount_ore, paid_on, text, payment_type_id, key)


def pay_out(
    debtor_id: int,
    amount_ore: int,
    *,
    paid_on: date | None = None,
    text: str = "",
    payment_type_id: int | None = None,
    key: str | None = None,
) -> PrepaymentEntry:
    """Record that so much of the prepayment was paid back; raises Invalid where it does not reach. One `key`, once."""
    return _move(debtor_id, PrepaymentKind.PAID_OUT, amount_ore, paid_on, text, payment_type_id, key)


def use(
    debtor_id: int,
    posting_ids: Iterable[int],
    *,
    amount_ore: int | None = None,
    key: str | None = None,
    seen: Mapping[int, int] | None = None,
) -> PrepaymentEntry:
    """Pay the chosen postings that are owed, from the top down, today: as much as there is, or `amount_ore` of it.

    seen: as in `settling.chosen`. One `key`, once.
    """
    ledger.lock_debtor(debtor_id)
    known = prepayments.by_key(key)
    if known is not None:
        return known
    owed = settling.chosen(debtor_id, posting_ids, seen)
    if not owed or any(one.remaining_ore < 0 for one in owed):
        raise Invalid(_("Choose what is owed and shall be paid with the prepayment."))
    day = today()
    left = prepayments.room(debtor_id, day)
    if left <= 0:
        raise Invalid(_("The debtor has no prepayment left."))
    most = min(left, sum(one.remaining_ore for one in owed))
    ore = most if amount_ore is None else amount_ore
    if not 0 < ore <= most:
        raise Invalid(
            _("The amount must be greater than zero and no more than the prepayment and what is owed."),
            field="amount_ore",
        )
    of_prepayment = payment_types.first_of(PaymentMeans.PREPAYMENT)
    type_id = of_prepayment.id if of_prepayment else None
    payment = ledger.post(debtor_id, PostingKind.PAYMENT, -ore, posted_on=day, text="", payment_type_id=type_id)
    matches = settling.match([*owed, *settling.open_of(debtor_id, (payment.id,))])
    settling.write(debtor_id, matches, SettlementMethod.MANUAL)
    return prepayments.enter(
        debtor_id, PrepaymentKind.USED, -ore, posted_on=day, text="", posting_id=payment.id, key=key
    )


def reverse(entry_id: int, *, reason: str, key: str | None = None) -> PrepaymentEntry:
    """Take an entry back by its opposite, today; of a use also the payment, so that what it paid is open again.

    Once only, and a reversal stays. Raises Invalid where there is no reason, and where money that came in was used.
    """
    row = db.session.get(PrepaymentEntry, entry_id)
    if row is None:
        raise NotFound
    ledger.lock_debtor(row.debtor_id)
    known = prepayments.by_key(key)
    if known is not None:
        return known
    if row.kind == PrepaymentKind.REVERSAL:
        raise Invalid(_("A reversal cannot be reversed."))
    if prepayments.reversal_of(entry_id) is not None:
        raise Invalid(_("The entry has already been reversed."))
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    if row.posting_id is not None:
        reversing.reverse(row.posting_id, text=reason, key=key)
    else:
        day, kind = max(today(), row.posted_on), PrepaymentKind.REVERSAL
        prepayments.enter(
            row.debtor_id, kind, -row.amount_ore, posted_on=day, text=reason, reverses_id=row.id, key=key,
            payment_type_id=row.payment_type_id,
        )  # fmt: skip
    made = prepayments.reversal_of(entry_id)
    if made is None:  # both ways above write it
        raise NotFound
    return made


def _move(
    debtor_id: int,
    kind: PrepaymentKind,
    amount_ore: int,
    paid_on: date | None,
    text: str,
    payment_type_id: int | None,
    key: str | None,
) -> PrepaymentEntry:
    """Money that came in or went out."""
    ledger.lock_debtor(debtor_id)
    known = prepayments.by_key(key)
    if known is not None:
        return known
    if not 0 < amount_ore <= LARGEST_ORE:
        raise Invalid(_("The amount must be greater than zero."), field="amount_ore")
    day = paid_on or today()
    if day > today():
        raise Invalid(_("The date must not lie in the future."), field="paid_on")
    payment_types.require_usable(payment_type_id)
    ore = amount_ore if kind == PrepaymentKind.PAID_IN else -amount_ore
    return prepayments.enter(debtor_id, kind, ore, posted_on=day, text=text, payment_type_id=payment_type_id, key=key)
