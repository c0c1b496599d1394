"""What every new installation starts with: roles, the primary group, payment terms and types, rates of interest."""

from __future__ import annotations

from datetime import date
from itertools import count

from sqlalchemy import select

from ..db import db
from ..models.customer_groups import CustomerGroup
from ..models.debtors import DayKind, PaymentTerm
from ..models.documents import NumberSeries, Series
from ..models.dunning import SERIES, ReferenceRate
from ..models.payment_types import PaymentMeans, PaymentType
from ..models.people import Role, RolePermission
from ..permissions import SEED_ROLES
from . import debtors
from .matching import filling

PAYMENT_TYPES = (
    ("Bankoverførsel", PaymentMeans.BANK), ("Kontant", PaymentMeans.CASH), ("Betalingskort", PaymentMeans.CARD),
    ("MobilePay", PaymentMeans.MOBILE),
)  # fmt: skip
PREPAYMENT = "Forudbetaling"
"""What the payment type of prepayments is called, unless somebody has a type of that name."""
RATES = ((date(2023, 1, 1), 190), (date(2023, 7, 1), 325), (date(2024, 1, 1), 375))
"""Danmarks Nationalbank's lending rates on those days; later ones are entered by hand."""


def seed() -> None:
    """Add what is missing; safe to run again."""
    known = set(db.session.scalars(select(Role.key)))
    for key, (name, rights) in SEED_ROLES.items():
        if key not in known:
            role = Role(key=key, name=name)
            role.permissions = [RolePermission(permission=str(right)) for right in sorted(rights)]
            db.session.add(role)
    if db.session.scalar(select(CustomerGroup.id).limit(1)) is None:
        db.session.add(CustomerGroup(name="Kunder", is_primary=True))
    if db.session.scalar(select(PaymentTerm.id).limit(1)) is None:
        db.session.add(PaymentTerm(name="Netto 8 dage", days=8, day_kind=DayKind.CALENDAR, is_default=True))
    if db.session.scalar(select(PaymentType.id).limit(1)) is None:
        for name, means in PAYMENT_TYPES:
            db.session.add(PaymentType(name=name, means=means))
    _add_type_of_prepayments()
    if db.session.scalar(select(ReferenceRate.id).limit(1)) is None:
        db.session.add_all(ReferenceRate(starts_on=day, rate_bp=rate) for day, rate in RATES)
    for code, first_no in ((Series.INVOICE, 1), (Series.CREDIT_NOTE, 1), (SERIES, 1), (debtors.NUMBERS, 10_001)):
        if db.session.get(NumberSeries, str(code)) is None:
            db.session.add(NumberSeries(code=str(code), first_no=first_no, next_no=first_no))
    filling.begin_empty()


def _add_type_of_prepayments() -> None:
    """The one way to pay that stands for money that was paid beforehand."""
    if db.session.scalar(select(PaymentType.id).where(PaymentType.means == PaymentMeans.PREPAYMENT)) is None:
        taken = set(db.session.scalars(select(PaymentType.name)))
        names = (PREPAYMENT if n == 1 else f"{PREPAYMENT} ({n})" for n in count(1))
        free = next(name for name in names if name not in taken)
        db.session.add(PaymentType(name=free, means=PaymentMeans.PREPAYMENT))
