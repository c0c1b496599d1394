"""What a document says, read from its snapshot alone: parties, VAT by rate, and the way to pay.

The particulars of an invoice are those of momsbekendtgørelsen § 58: number, date, both parties with the seller's CVR
number, each line's quantity and price without VAT, the basis and the VAT by rate, and what is exempt on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from gecko import fik
from gecko.models.documents import DocumentKind, SaleDocument, Series

FIK_KIND = "71"


@dataclass(frozen=True, slots=True)
class Rate:
    """Everything on a document that is taxed alike. vat_bp: the rate in basis points, 0 where exempt."""

    vat_bp: int
    net_ore: int
    vat_ore: int


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """How an invoice is paid: by a FIK reference to a creditor number, or by transfer to an account; digits only."""

    reference: str = ""
    creditor: str = ""
    bank_reg_no: str = ""
    bank_account_no: str = ""

    @property
    def printed(self) -> str:
        """The payment line as the banks read it; empty for a transfer."""
        return f"+{FIK_KIND}<{self.reference}+{self.creditor}<" if self.creditor else ""


def is_transcript(document: SaleDocument) -> bool:
    """Whether another system issued it: then its VAT may be unknown here, and the original is not ours to make."""
    return document.series == Series.IMPORTED


def rates(document: SaleDocument) -> list[Rate]:
    """The document's lines by rate, the highest first; the øre add up to its totals, as VAT is rounded per line."""
    sums: dict[int, list[int]] = {}
    for line in document.lines:
        found = sums.setdefault(line.vat_bp, [0, 0])
        found[0] += line.total_ore - line.vat_ore
        found[1] += line.vat_ore
    return [Rate(vat_bp, *sums[vat_bp]) for vat_bp in sorted(sums, reverse=True)]


def without_vat(ore: int, vat_bp: int) -> int:
    """An amount with VAT as the one without, in øre, rounded half away from zero."""
    exact = Decimal(ore * 10_000) / (10_000 + vat_bp)
    return int(exact.to_integral_value(rounding=ROUND_HALF_UP))


def payment_line(document: SaleDocument) -> PaymentLine | None:
    """How to pay: FIK where the seller had a creditor number, else the account; None where nothing is to be paid.

    A transcript names no FIK reference: its number is another system's, and may be one of ours, too.
    """
    seller = document.seller
    if document.kind != DocumentKind.INVOICE or document.total_ore <= 0:
        return None
    if seller.get("fik_creditor") and document.sequence_no:
        return PaymentLine(reference=fik.reference(document.sequence_no), creditor=seller["fik_creditor"])
    if seller.get("bank_reg_no") and seller.get("bank_account_no"):
        return PaymentLine(bank_reg_no=seller["bank_reg_no"], bank_account_no=seller["bank_account_no"])
    return None


def name_of(party: dict[str, Any]) -> str:
    """Who it is: the company, or else the person."""
    return str(party.get("company_name") or party.get("name") or "")


def address_of(party: dict[str, Any]) -> list[str]:
    """Street, postal code with city, and the country where it is not Denmark; nothing empty."""
    streets = [" ".join(line.split()) for line in str(party.get("address") or "").splitlines()]
    town = f"{party.get('postal_code') or ''} {party.get('city') or ''}".strip()
    country = party.get("country") or "DK"
    return [line for line in (*streets, town, country if country != "DK" else "") if line]


def language_of(document: SaleDocument) -> str:
    """The language the buyer is written to."""
    return str(document.buyer.get("language") or "da")
