"""Batches: what would be handed over, and handing it over, once."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import exists, func, insert, select, text

from ... import actor, audit
from ...db import db
from ...errors import Invalid
from ...language import _
from ...models.bookkeeping import BatchFormat, LedgerBatch, LedgerBatchItem
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
    """What shall be handed over: a format and the days of the postings. is_repeat: also what was handed over before."""

    format: BatchFormat
    ends_on: date
    starts_on: date | None = None
    is_repeat: bool = False


@dataclass(slots=True)
class Preview:
    """What a batch would hold. missing: roles without an account, with how many entries; unbalanced: postings."""

    posting_ids: list[int] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    accounts: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    unbalanced: list[int] = field(default_factory=list)
    debit_ore: int = 0
    owed_ore: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether there is something, and nothing stands in its way."""
        return bool(self.posting_ids) and not self.missing and not self.unbalanced


def preview(wish: Wish) -> Preview:
    """What a batch would hold now; raises Invalid where it is too much for one."""
    if wish.starts_on is not None and wish.starts_on > wish.ends_on:
        raise Invalid(_("The first day lies after the last one."), field="starts_on")
    found = Preview(posting_ids=_wanted(wish))
    if len(found.posting_ids) > MOST:
        raise Invalid(_("A batch has at most %(most)d postings; choose fewer days."), field="starts_on", most=MOST)
    with_vat_lines = wish.format == BatchFormat.PLAIN
    for voucher in vouchers.entries(vouchers.read(found.posting_ids), with_vat_lines=with_vat_lines):
        if sum(entry.amount_ore for entry in voucher):
            found.unbalanced.append(voucher[0].voucher)
        found.owed_ore += voucher[0].amount_ore
        for entry in voucher:
            found.entries.append(entry)
            found.debit_ore += max(entry.amount_ore, 0)
            if entry.account is None:
                found.missing[entry.role] += 1
            else:
                found.accounts[entry.account] += entry.amount_ore
    return found


def _wanted(wish: Wish) -> list[int]:
    row = DebtorPosting
    statement = select(row.id).where(row.posted_on <= wish.ends_on, row.amount_ore != 0).order_by(row.id)
    if wish.starts_on is not None:
        statement = statement.where(row.posted_on >= wish.starts_on)
    if not wish.is_repeat:
        item = LedgerBatchItem
        statement = statement.where(~exists().where(item.posting_id == row.id, item.format == wish.format))
    return list(db.session.scalars(statement.limit(MOST + 1)))


def make(wish: Wish, *, key: str | None = None) -> LedgerBatch:
    """Hand over; one `key`, once. Raises Invalid where there is nothing, an account is missing or a posting is odd."""
    if db.session.connection().dialect.name != "sqlite":
        db.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('gecko.bookkeeping'))"))
    known = by_key(key)
    if known is not None:
        return known
    found = preview(wish)
    if not found.posting_ids:
        raise Invalid(_("There is nothing to hand over."))
    if not found.is_ready:
        raise Invalid(_("Nothing was handed over: accounts are missing, or postings do not balance."))
    content = files.write(wish.format, found.entries, vat_code=str(settings.get(vouchers.VAT_CODE)))
    batch = LedgerBatch(
        number=(db.session.scalar(select(func.max(LedgerBatch.number))) or 0) + 1,
        format=wish.format,
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        is_repeat=wish.is_repeat,
        postings=len(found.posting_ids),
        lines=len(found.entries),
        debit_ore=found.debit_ore,
        owed_ore=found.owed_ore,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        idempotency_key=key,
        created_by_id=actor.current().user_id,
    )
    db.session.add(batch)
    db.session.flush()
    fixed = {"batch_id": batch.id, "format": wish.format, "is_repeat": wish.is_repeat}
    db.session.execute(insert(LedgerBatchItem), [fixed | {"posting_id": one} for one in found.posting_ids])
    facts = {"number": batch.number, "rows": batch.postings, "control_ore": batch.debit_ore, "sha256": batch.sha256}
    audit.record("bookkeeping.batch", entity="ledger_batch", entity_id=batch.id, facts=facts)
    return batch


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
