"""The names of groups to choose among."""

from __future__ import annotations

from sqlalchemy import select

from ..db import db
from ..models.customer_groups import CustomerGroup
from ..models.debtors import DebtorGroup
from ..permissions import Principal


def customers(principal: Principal) -> list[tuple[int, str]]:
    """The customer groups that `principal` may see."""
    statement = select(CustomerGroup.id, CustomerGroup.name).order_by(CustomerGroup.name)
    if principal.groups is not None:
        statement = statement.where(CustomerGroup.id.in_(principal.groups))
    return [(row.id, row.name) for row in db.session.execute(statement)]


def debtor_groups() -> list[tuple[int, str]]:
    """Every group of debtors."""
    statement = select(DebtorGroup.id, DebtorGroup.name).order_by(DebtorGroup.name)
    return [(row.id, row.name) for row in db.session.execute(statement)]
