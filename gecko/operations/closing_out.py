"""What is open without the other side ever coming: written off, or paid out. Both are postings, settled at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from ..clock import today
from ..errors import Invalid
from ..language import _
from ..models.postings import DebtorPosting, PostingKind
from ..models.settlements import SettlementMethod
from . import ledger, payment_types, settling
from .settling import Open

SMALL_CREDIT_ORE = 10_000
"""Money that is the debtor's is written off only as a difference of payment, 100 kr. at most; more is paid out."""


def write_off(
    debtor_id: int,
    posting_ids: Iterable[int],
    *,
    reason: str,
    key: str | None = None,
    seen: Mapping[int, int] | None = None,
) -> DebtorPosting:
    """Give up all that is open of the chosen postings, which are owed, or are small credits; from today.

    reason: stands as the posting's text. seen: as in `settling.chosen`. Raises Invalid where there is no reason, where
    debits and credits are chosen together, and where the credits are more than SMALL_CREDIT_ORE.
    """
    ledger.lock_debtor(debtor_id)
    known = ledger.by_key(key)
    if known is not None:
        return known
    if not reason.strip():
        raise Invalid(_("Write why it is written off."), field="reason")
    postings = _of_one_side(settling.chosen(debtor_id, posting_ids, seen))
    if -_sum(postings) > SMALL_CREDIT_ORE:
        raise Invalid(_("Only small credits are written off; pay out the others."))
    return _close(debtor_id, PostingKind.WRITE_OFF, postings, today(), text=reason, key=key)


def pay_out(
    debtor_id: int,
    posting_ids: Iterable[int],
    *,
    paid_on: date | None = None,
    payment_type_id: int | None = None,
    text: str = "",
    key: str | None = None,
    seen: Mapping[int, int] | None = None,
) -> DebtorPosting:
    """Record that all that is open of the chosen credits was paid to the debtor, today or on a day before."""
    ledger.lock_debtor(debtor_id)
    known = ledger.by_key(key)
    if known is not None:
        return known
    day = paid_on or today()
    if day > today():
        raise Invalid(_("The date must not lie in the future."), field="paid_on")
    postings = _of_one_side(settling.chosen(debtor_id, posting_ids, seen))
    if _sum(postings) > 0:
        raise Invalid(_("Only what the debtor has to their credit can be paid out."))
    payment_types.require_usable(payment_type_id)
    return _close(debtor_id, PostingKind.PAYOUT, postings, day, text=text, key=key, payment_type_id=payment_type_id)


def _of_one_side(postings: Sequence[Open]) -> Sequence[Open]:
    if not postings:
        raise Invalid(_("Choose at least one posting."))
    if len({one.remaining_ore > 0 for one in postings}) > 1:
        raise Invalid(_("Choose either what is owed or credits, not both."))
    return postings


def _sum(postings: Iterable[Open]) -> int:
    return sum(one.remaining_ore for one in postings)


def _close(
    debtor_id: int,
    kind: PostingKind,
    postings: Sequence[Open],
    day: date,
    *,
    text: str,
    key: str | None,
    payment_type_id: int | None = None,
) -> DebtorPosting:
    """Post the opposite of what is open and settle the two, so that nothing of it stays open."""
    made = ledger.post(
        debtor_id,
        kind,
        -_sum(postings),
        posted_on=day,
        text=text.strip(),
        payment_type_id=payment_type_id,
        idempotency_key=key,
    )
    matches = settling.match([*postings, *settling.open_of(debtor_id, (made.id,))])
    settling.write(debtor_id, matches, SettlementMethod.MANUAL)
    return made
