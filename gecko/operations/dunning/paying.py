"""How a reminder is paid: what stands at its foot, kept in its snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def how(seller: Mapping[str, Any], number: int) -> dict[str, str]:
    """The account to pay to and what to state, digits only; empty where the company has filled in no account."""
    if not seller.get("bank_reg_no") or not seller.get("bank_account_no"):
        return {}
    return {
        "bank_reg_no": str(seller["bank_reg_no"]),
        "bank_account_no": str(seller["bank_account_no"]),
        "state": str(number),
    }
