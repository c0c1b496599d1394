"""Postings as vouchers: what goes to which account, debit above zero and credit below; each voucher comes to nothing.

A debtor's posting stands on the debtor account, its other side on the account of its kind. An invoice's other side is
the sales of its lines, by the account of the item's group where it has one, and their VAT.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from ...db import db
from ...models.documents import SaleLine
from ...models.items import Item, ItemGroup
from ...models.payment_types import PaymentType
from ...models.postings import DebtorPosting, PostingKind
from ...models.prepayments import PrepaymentEntry
from .. import settings

ACCOUNTS = (
    "debtor", "sales", "sales_free", "vat", "bank", "prepayment", "reminder_fee", "interest", "compensation",
    "write_off",
)  # fmt: skip
"""The accounts that an installation names, in the settings `bookkeeping.<name>`."""
VAT_CODE = "bookkeeping.vat_code"
_OF_KIND = {
    PostingKind.PAYMENT: "bank",
    PostingKind.PAYOUT: "bank",
    PostingKind.WRITE_OFF: "write_off",
    PostingKind.REMINDER_FEE: "reminder_fee",
    PostingKind.INTEREST: "interest",
    PostingKind.COMPENSATION: "compensation",
}
_CHUNK = 500
Line = tuple[int, int, int, str | None]
"""A line of a document: total, VAT, rate, and the account of its item's group."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a voucher. account: None where the installation names none for `role`. is_taxed: with VAT in it, or
    the sales that VAT belongs to. contra: the account on the other side, where it is one."""

    voucher: int
    day: date
    role: str
    account: str | None
    text: str
    amount_ore: int
    vat_bp: int = 0
    contra: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A posting as it is handed over. kind: that of the posting it takes back, where it is a reversal. is_prepaid: a
    payment with what the debtor had paid beforehand."""

    id: int
    day: date
    kind: PostingKind
    amount_ore: int
    text: str
    document_id: int | None
    payment_account: str | None
    is_prepaid: bool


def chosen() -> dict[str, str]:
    """The accounts that the settings name."""
    stored = settings.stored()
    return {name: str(stored.get(f"bookkeeping.{name}") or "") for name in ACCOUNTS}


def entries(posting_ids: Sequence[int], *, with_vat_lines: bool) -> Iterator[list[Entry]]:
    """Each posting as a voucher, read some at a time. with_vat_lines: sales without VAT, and VAT by itself; else sales
    with VAT in them."""
    accounts = chosen()
    for start in range(0, len(posting_ids), _CHUNK):
        posted = _read(posting_ids[start : start + _CHUNK])
        lines = _lines([one.document_id for one in posted if one.document_id is not None])
        for one in posted:
            yield _voucher(one, lines, accounts, with_vat_lines)


def _read(posting_ids: Sequence[int]) -> list[Posted]:
    """Postings by id, with what tells where they belong."""
    row, origin, first, second = DebtorPosting, aliased(DebtorPosting), aliased(PaymentType), aliased(PaymentType)
    statement = (
        select(
            row.id, row.posted_on, func.coalesce(origin.kind, row.kind), row.amount_ore, row.text, row.document_id,
            func.coalesce(func.nullif(first.account_no, ""), second.account_no), PrepaymentEntry.id.is_not(None),
        )
        .outerjoin(origin, origin.id == row.reverses_id)
        .outerjoin(first, first.id == row.payment_type_id)
        .outerjoin(second, second.id == origin.payment_type_id)
        .outerjoin(PrepaymentEntry, PrepaymentEntry.posting_id == row.id)
        .where(row.id.in_(posting_ids))
        .order_by(row.id)
    )  # fmt: skip
    return [Posted(*found) for found in db.session.execute(statement)]


def _voucher(
    one: Posted, lines: Mapping[int, list[Line]], accounts: dict[str, str], with_vat_lines: bool
) -> list[Entry]:
    own = Entry(one.id, one.day, "debtor", accounts["debtor"] or None, one.text, one.amount_ore)
    if one.document_id is None:
        others = [_other(one, accounts)]
    else:
        others = list(_sales(one, lines[one.document_id], accounts, with_vat_lines))
    contra = others[0].account or "" if len(others) == 1 else ""
    return [_against(own, contra), *(_against(other, own.account or "") for other in others)]


def _against(entry: Entry, contra: str) -> Entry:
    return Entry(
        entry.voucher, entry.day, entry.role, entry.account, entry.text, entry.amount_ore, entry.vat_bp, contra
    )


def _other(one: Posted, accounts: dict[str, str]) -> Entry:
    role = "prepayment" if one.is_prepaid else _OF_KIND.get(one.kind, "sales_free")
    own = one.payment_account if role in {"bank", "prepayment"} else None
    account = own or accounts[role]
    return Entry(one.id, one.day, role, account or None, one.text, -one.amount_ore)


def _sales(one: Posted, lines: list[Line], accounts: dict[str, str], with_vat_lines: bool) -> Iterator[Entry]:
    """Sales by account and rate; the VAT of all of them."""
    sums: dict[tuple[str, str | None, int], int] = defaultdict(int)
    for total, vat, vat_bp, of_group in lines:
        role = "sales" if vat_bp else "sales_free"
        sums[role, of_group or accounts[role] or None, vat_bp] -= total - vat if with_vat_lines else total
        if with_vat_lines and vat:
            sums["vat", accounts["vat"] or None, 0] -= vat
    for (role, account, vat_bp), ore in sums.items():
        yield Entry(one.id, one.day, role, account, one.text, ore, vat_bp)


def _lines(document_ids: Sequence[int]) -> dict[int, list[Line]]:
    """The lines of each document."""
    found: dict[int, list[Line]] = defaultdict(list)
    row = SaleLine
    statement = (
        select(row.document_id, row.total_ore, row.vat_ore, row.vat_bp, ItemGroup.account_no)
        .outerjoin(Item, Item.id == row.item_id)
        .outerjoin(ItemGroup, ItemGroup.id == Item.group_id)
        .order_by(row.document_id, row.position)
    )
    for document_id, total, vat, vat_bp, account in db.session.execute(
        statement.where(row.document_id.in_(document_ids))
    ):
        found[document_id].append((total, vat, vat_bp, account))
    return found
