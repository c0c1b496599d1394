"""What an installation has chosen about payment reminders; no choice goes beyond what the law allows.

Renteloven (lov om renter og andre forhold ved forsinket betaling): § 9 b has the fee of 100 kr., three reminders of one
claim and ten days between them, § 9 a and its bekendtgørelse the compensation of 310 kr. between traders, § 5 the rate
of interest. Public-law claims have a fee of 250 kr. (lov om gebyrer og morarenter vedrørende visse ydelser § 2).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from ...errors import Invalid
from ...language import _
from .. import settings

MOST_FEES = 3
LEAST_DAYS = 10
COMPENSATION_ORE = 31_000
SUPPLEMENT_BP = 800
"""Percentage points over the reference rate, in hundredths (§ 5)."""
HIGHEST_STAGE = 9
_LONGEST = 365


class ClaimKind(StrEnum):
    """Of which law the claims are."""

    CIVIL = "civil"
    PUBLIC = "public"


FEE_CAPS = {ClaimKind.CIVIL: 10_000, ClaimKind.PUBLIC: 25_000}
"""Øre for one reminder."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The choices. fee_ore: for a reminder; fees_per_claim: reminders of one claim that may bear a fee.

    days_between: from one reminder of a claim to the next. is_due_by_term: a reminder is due by the debtor's payment
    term instead of days_to_pay.
    """

    claim_kind: ClaimKind = ClaimKind.CIVIL
    fee_ore: int = 10_000
    fees_per_claim: int = MOST_FEES
    days_between: int = LEAST_DAYS
    days_to_pay: int = LEAST_DAYS
    is_due_by_term: bool = False
    has_interest: bool = False
    has_compensation: bool = False

    @property
    def compensation_ore(self) -> int:
        """For a claim on a firm; nothing where it is not asked for or the claims are no trade."""
        return COMPENSATION_ORE if self.has_compensation and self.claim_kind == ClaimKind.CIVIL else 0


NAMES = tuple(field.name for field in fields(Policy))


def read() -> Policy:
    """What is chosen now."""
    chosen = settings.stored()
    known = {name: chosen[key] for name in NAMES if (key := f"dunning.{name}") in chosen}
    return Policy(**{**known, "claim_kind": ClaimKind(known.get("claim_kind", ClaimKind.CIVIL))})


def choices(policy: Policy) -> dict[str, Any]:
    """The choices as settings; raises Invalid with the field where one goes beyond the law."""
    cap = FEE_CAPS[policy.claim_kind]
    if not 0 <= policy.fee_ore <= cap:
        raise Invalid(_("The law allows a fee of at most %(kroner)d kr."), field="fee_ore", kroner=cap // 100)
    if not 0 <= policy.fees_per_claim <= MOST_FEES:
        raise Invalid(
            _("The law allows a fee for at most %(most)d reminders of one claim."),
            field="fees_per_claim",
            most=MOST_FEES,
        )
    for name in ("days_between", "days_to_pay"):
        if not LEAST_DAYS <= getattr(policy, name) <= _LONGEST:
            raise Invalid(_("The law asks for at least %(least)d days."), field=name, least=LEAST_DAYS)
    if policy.has_compensation and policy.claim_kind == ClaimKind.PUBLIC:
        raise Invalid(_("Compensation belongs to trade, not to public-law claims."), field="has_compensation")
    return {f"dunning.{name}": getattr(policy, name) for name in NAMES}
