"""Batches: what would be handed over, and handing it over, once.

What a batch holds is read and written to its file first, without keeping anybody waiting; then it gets its number in a
short transaction, in which nobody else hands over. A batch has at most MOST postings, so that a file stays one that a
bookkeeping program takes and a person looks through, and so that its making needs little memory; more become several.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, exists, func, insert, literal, select, text

from ... import actor, audit
from ...db import db
from ...errors import Conflict, Invalid
from ...language import _
from ...models.bookkeeping import ONCE, BatchFormat, LedgerBatch, LedgerBatchItem
from ...models.postings import DebtorPosting
from .. import settings
from . import files, vouchers
from .vouchers import Entry

MOST = 20_000
"""Postings in one batch."""
ROLES = {
    "debtor": _("Debtors"),
    "sales": _("Sales with VAT"),
    "sales_free": _("Sales without VAT"),
    "vat": _("VAT on sales"),
    "bank": _("Bank"),
    "prepayment": _("Prepayments from debtors"),
    "reminder_fee": _("Reminder fees"),
    "interest": _("Interest on late payment"),
    "compensation": _("Compensation for late payment"),
    "write_off": _("Losses on debtors"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be handed over: a format and the days of the postings. is_repeat: also what was handed over before.

    after_id, last_id: only postings after and up to these; what is large is handed over piece by piece.
    """

    format: BatchFormat
    ends_on: date
    starts_on: date | None = None
    is_repeat: bool = False
    after_id: int = 0
    last_id: int | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a wish comes to: postings, their sum in øre, and the last of them."""

    postings: int
    owed_ore: int
    last_id: int

    @property
    def batches(self) -> int:
        """How many batches it becomes."""
        return -(-self.postings // MOST)


@dataclass(slots=True)
class Prepared:
    """A batch before it has a number. missing: roles without an account, with how many lines; unbalanced: postings."""

    wish: Wish
    posting_ids: list[int] = field(default_factory=list)
    lines: int = 0
    accounts: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    unbalanced: list[int] = field(default_factory=list)
    debit_ore: int = 0
    owed_ore: int = 0
    content: bytes = b""

    @property
    def is_ready(self) -> bool:
        """Whether there is something, and nothing stands in its way."""
        return bool(self.posting_ids) and not self.missing and not self.unbalanced


def extent(wish: Wish) -> Extent:
    """How much there is to hand over now; raises Invalid for days that end before they begin."""
    if wish.starts_on is not None and wish.starts_on > wish.ends_on:
        raise Invalid(_("The first day lies after the last one."), field="starts_on")
    row = DebtorPosting
    sums = func.count(), func.coalesce(func.sum(row.amount_ore), 0), func.coalesce(func.max(row.id), 0)
    return Extent(*(int(value) for value in db.session.execute(_wanted(wish, *sums)).one()))


def prepare(wish: Wish) -> Prepared:
    """The first MOST postings that there are to hand over, as the file that they would make."""
    row = DebtorPosting
    found = Prepared(wish, list(db.session.scalars(_wanted(wish, row.id).order_by(row.id).limit(MOST))))
    with_vat_lines = wish.format == BatchFormat.PLAIN
    made = vouchers.entries(found.posting_ids, with_vat_lines=with_vat_lines)
    found.content = files.write(wish.format, _tallied(found, made), vat_code=str(settings.get(vouchers.VAT_CODE)))
    return found


def _wanted(wish: Wish, *columns: Any) -> Select[Any]:
    row = DebtorPosting
    statement = select(*columns).where(row.posted_on <= wish.ends_on, row.amount_ore != 0, row.id > wish.after_id)
    if wish.starts_on is not None:
        statement = statement.where(row.posted_on >= wish.starts_on)
    if wish.last_id is not None:
        statement = statement.where(row.id <= wish.last_id)
    if not wish.is_repeat:
        item = LedgerBatchItem
        statement = statement.where(~exists().where(item.posting_id == row.id, item.format == wish.format, ONCE))
    return statement


def _tallied(found: Prepared, made: Iterator[list[Entry]]) -> Iterator[Entry]:
    """The lines of the vouchers, counted as they go by."""
    for voucher in made:
        if sum(entry.amount_ore for entry in voucher):
            found.unbalanced.append(voucher[0].voucher)
        found.owed_ore += voucher[0].amount_ore
        for entry in voucher:
            found.lines += 1
            found.debit_ore += max(entry.amount_ore, 0)
            if entry.account is None:
                found.missing[entry.role] += 1
            else:
                found.accounts[entry.account] += entry.amount_ore
            yield entry


def hand_over(found: Prepared, *, key: str | None = None) -> LedgerBatch:
    """Give what was prepared its number; one `key`, once.

    Raises Invalid where there is nothing, an account is missing or a posting is odd, and Conflict where some of it was
    handed over meanwhile.
    """
    if db.session.connection().dialect.name != "sqlite":
        db.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('gecko.bookkeeping'))"))
    known = by_key(key)
    if known is not None:
        return known
    if not found.posting_ids:
        raise Invalid(_("There is nothing to hand over."))
    if not found.is_ready:
        raise Invalid(_("Nothing was handed over: accounts are missing, or postings do not balance."))
    wish = found.wish
    batch = LedgerBatch(
        number=(db.session.scalar(select(func.max(LedgerBatch.number))) or 0) + 1,
        format=wish.format,
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        is_repeat=wish.is_repeat,
        postings=len(found.posting_ids),
        lines=found.lines,
        debit_ore=found.debit_ore,
        owed_ore=found.owed_ore,
        sha256=hashlib.sha256(found.content).hexdigest(),
        content=found.content,
        idempotency_key=key,
        created_by_id=actor.current().user_id,
    )
    db.session.add(batch)
    db.session.flush()
    _take(batch, found)
    facts = {"number": batch.number, "rows": batch.postings, "control_ore": batch.debit_ore, "sha256": batch.sha256}
    audit.record("bookkeeping.batch", entity="ledger_batch", entity_id=batch.id, facts=facts)
    return batch


def _take(batch: LedgerBatch, found: Prepared) -> None:
    """Put the postings into the batch; raises Conflict where they are not just those that were prepared any more."""
    item, row, ids = LedgerBatchItem, DebtorPosting, found.posting_ids
    values = literal(batch.id), row.id, literal(batch.format, item.format.type), literal(batch.is_repeat)
    wanted = _wanted(found.wish, *values).where(row.id.between(ids[0], ids[-1]))
    db.session.execute(insert(item).from_select(["batch_id", "posting_id", "format", "is_repeat"], wanted))
    sums = select(func.count(), func.coalesce(func.sum(item.posting_id), 0)).where(item.batch_id == batch.id)
    count, total = db.session.execute(sums).one()
    if (count, total) != (len(ids), sum(ids)):
        raise Conflict(_("Somebody else handed over some of these postings meanwhile. Look at it again."))


def by_key(key: str | None) -> LedgerBatch | None:
    """The batch that was made with this idempotency key."""
    if key is None:
        return None
    return db.session.scalars(select(LedgerBatch).where(LedgerBatch.idempotency_key == key)).one_or_none()


def listed(most: int = 200) -> list[LedgerBatch]:
    """The last batches, newest first."""
    return list(db.session.scalars(select(LedgerBatch).order_by(LedgerBatch.number.desc()).limit(most)))


def filename(batch: LedgerBatch) -> str:
    """What the batch's file is called."""
    return f"bogfoering-{batch.number:05d}-{batch.format}.csv"
