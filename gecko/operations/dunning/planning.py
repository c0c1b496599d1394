"""Who is reminded of what, at which price, and what is left out and why. The preview and the run share all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select

from ...clock import today
from ...db import db
from ...errors import Invalid
from ...language import _
from ...models.debtors import Debtor
from ...models.postings import PostingKind
from ...models.settlements import OpenPosting
from ...permissions import Principal
from .. import debtor_numbers, payment_terms, visibility
from . import claims, interest, policy, rates
from .claims import Account, History, OpenDebit
from .policy import Policy

_TOGETHER = 500


class Hindrance(StrEnum):
    """Why a debtor or a claim is left out."""

    BLOCKED = "blocked"
    OWES_NOTHING = "owes_nothing"
    NOT_DUE = "not_due"
    DISPUTED = "disputed"
    EARLIER_STAGE = "earlier_stage"
    REMINDED = "reminded"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for. stage: which reminder; to_date: its day. Numbers of debtors from and to, empty for all."""

    stage: int
    to_date: date
    first_no: str = ""
    last_no: str = ""
    group_id: int | None = None

    @property
    def sent_on(self) -> date:
        """The day on which the letters can go at the earliest: a reminder that is dated back goes today."""
        return max(self.to_date, today())

    def checked(self) -> Terms:
        """The same; raises Invalid with the field that cannot be."""
        if not 1 <= self.stage <= policy.HIGHEST_STAGE:
            raise Invalid(_("The choice no longer exists."), field="stage")
        if self.to_date > today():
            raise Invalid(_("The date must not lie in the future."), field="to_date")
        return self


@dataclass(frozen=True, slots=True)
class Claim:
    """An invoice that is reminded, with what the reminder adds for it."""

    debit: OpenDebit
    charge: interest.Charge | None
    compensation_ore: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An invoice that is not reminded. on: the first day on which it could be, where time alone hinders it."""

    debit: OpenDebit
    why: Hindrance
    on: date | None = None


@dataclass(slots=True)
class Plan:
    """What a debtor would get. hindrance: why nothing; earlier: former fees and interest that are open.

    credit_ore: what the debtor paid or was credited and nobody placed yet, above zero.
    """

    debtor: Debtor
    due_on: date
    hindrance: Hindrance | None = None
    claims: list[Claim] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    earlier: list[OpenDebit] = field(default_factory=list)
    credit_ore: int = 0
    fee_ore: int = 0

    @property
    def goes(self) -> bool:
        """Whether a reminder is made."""
        return bool(self.claims) and self.hindrance is None

    @property
    def claims_ore(self) -> int:
        """What is open of the reminded invoices."""
        return sum(one.debit.remaining_ore for one in self.claims)

    @property
    def earlier_ore(self) -> int:
        """What is open of former fees and interest."""
        return sum(one.remaining_ore for one in self.earlier)

    @property
    def interest_ore(self) -> int:
        """What the reminder adds in interest."""
        return sum(one.charge.ore for one in self.claims if one.charge)

    @property
    def compensation_ore(self) -> int:
        """What the reminder adds in compensation."""
        return sum(one.compensation_ore for one in self.claims)

    @property
    def total_ore(self) -> int:
        """What the letter asks for."""
        return self.claims_ore + self.earlier_ore + self.fee_ore + self.interest_ore + self.compensation_ore


def candidates(terms: Terms, who: Principal) -> list[int]:
    """Debtors within the terms who owe something that is due, by name; only those the one who asks may see."""
    overdue = select(OpenPosting.debtor_id).where(OpenPosting.remaining_ore > 0, OpenPosting.falls_on < terms.to_date)
    statement = select(Debtor.id).where(
        Debtor.deleted_at.is_(None), Debtor.id.in_(overdue), *debtor_numbers.between(terms.first_no, terms.last_no)
    )
    if terms.group_id is not None:
        statement = statement.where(Debtor.group_id == terms.group_id)
    return list(db.session.scalars(visibility.debtors(statement, who).order_by(Debtor.name_sort, Debtor.id)))


def plans(terms: Terms, debtor_ids: Iterable[int]) -> Iterator[Plan]:
    """What each of the debtors would get, in their order; those of whom nothing is to be said are passed over."""
    chosen, known = policy.read(), rates.known()
    wanted = list(debtor_ids)
    for start in range(0, len(wanted), _TOGETHER):
        some = wanted[start : start + _TOGETHER]
        accounts = claims.of_debtors(some, terms.to_date)
        for debtor_id in some:
            if debtor_id in accounts:
                plan = _plan(accounts[debtor_id], terms, chosen, known)
                if plan.claims or any(one.why != Hindrance.NOT_DUE for one in plan.left_out):
                    yield plan


def _plan(account: Account, terms: Terms, chosen: Policy, known: dict[date, int]) -> Plan:
    debtor = account.debtor
    plan = Plan(debtor, due_on(debtor, terms.to_date, chosen), credit_ore=account.credit_ore)
    for debit in account.debits:
        if debit.kind == PostingKind.INVOICE:
            hindered = _hindrance(debit, terms, chosen)
            if hindered is None:
                plan.claims.append(_claim(debit, debtor, terms.to_date, chosen, known))
            else:
                plan.left_out.append(hindered)
        elif debit.kind in claims.CHARGES and debit.parked is None:
            plan.earlier.append(debit)
    plan.fee_ore = _fee(plan.claims, chosen)
    if debtor.reminder_block:
        plan.hindrance = Hindrance.BLOCKED
    elif account.outstanding_ore <= 0:
        plan.hindrance = Hindrance.OWES_NOTHING
    return plan


def due_on(debtor: Debtor, day: date, chosen: Policy) -> date:
    """When a reminder of `day` is to be paid."""
    if chosen.is_due_by_term:
        return payment_terms.due_on(payment_terms.term_of(debtor), day)
    return day + timedelta(days=chosen.days_to_pay)


def _hindrance(debit: OpenDebit, terms: Terms, chosen: Policy) -> LeftOut | None:
    history = debit.history
    if debit.due_on >= terms.to_date:
        return LeftOut(debit, Hindrance.NOT_DUE, debit.due_on + timedelta(days=1))
    if debit.parked is not None:
        return LeftOut(debit, Hindrance.DISPUTED)
    if history.stage >= terms.stage:
        return LeftOut(debit, Hindrance.REMINDED)
    if history.stage < terms.stage - 1:
        return LeftOut(debit, Hindrance.EARLIER_STAGE)
    if (soonest := _soonest(history, terms, chosen)) is not None:
        return LeftOut(debit, Hindrance.TOO_EARLY, soonest)
    return None


def _soonest(history: History, terms: Terms, chosen: Policy) -> date | None:
    """The first day of another reminder, where the terms come before it (renteloven § 9 b).

    Ten days lie between the days that the letters bear, and between those on which they are sent: one that is dated
    back is sent no earlier for it.
    """
    if history.reminded_on is None or history.made_on is None:
        return None
    between = timedelta(days=chosen.days_between)
    if terms.to_date < history.reminded_on + between or terms.sent_on < history.made_on + between:
        return max(history.reminded_on, history.made_on) + between
    return None


def _claim(debit: OpenDebit, debtor: Debtor, day: date, chosen: Policy, known: dict[date, int]) -> Claim:
    """Compensation is due once for a claim, and by firms alone (renteloven § 9 a)."""
    charge = None
    if chosen.has_interest:
        start = max(debit.due_on, debit.history.interest_until or debit.due_on)
        charge = interest.charge(debit.amount_ore, debit.payments, start, day, known)
    is_due = bool(debtor.cvr) and not debit.history.compensation_ore
    return Claim(debit, charge, chosen.compensation_ore if is_due else 0)


def _fee(among: Sequence[Claim], chosen: Policy) -> int:
    """One fee for the letter, unless one of its claims has borne as many as it may (renteloven § 9 b)."""
    if not among or any(one.debit.history.fees >= chosen.fees_per_claim for one in among):
        return 0
    return chosen.fee_ore
