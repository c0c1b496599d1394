"""How a reminder is paid: what stands at its foot, kept in its snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from ... import fik
from ...db import db
from ...models.documents import SaleDocument
from ...models.postings import DebtorPosting


def how(seller: Mapping[str, Any], number: int, claimed: Sequence[int]) -> dict[str, str]:
    """The FIK reference of the invoice where one posting alone is claimed, else the account and what to state.

    Digits only; empty where the company has filled in neither a creditor number nor an account.
    """
    creditor = seller.get("fik_creditor")
    if creditor and len(claimed) == 1:
        sequence_no = db.session.scalar(
            select(SaleDocument.sequence_no)
            .join(DebtorPosting, DebtorPosting.document_id == SaleDocument.id)
            .where(DebtorPosting.id == claimed[0])
        )
        if sequence_no:
            return {"reference": fik.reference(sequence_no), "creditor": str(creditor)}
    if not seller.get("bank_reg_no") or not seller.get("bank_account_no"):
        return {}
    return {
        "bank_reg_no": str(seller["bank_reg_no"]),
        "bank_account_no": str(seller["bank_account_no"]),
        "state": str(number),
    }
