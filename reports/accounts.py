"""What the reports on debtors' accounts have in common: which debtors, and the columns that name them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from gecko.language import _
from gecko.models.debtors import Debtor, DebtorGroup
from gecko.modules import Feature, Gate
from gecko.operations import debtor_numbers, visibility

from .columns import Column, Kind
from .filters import Field, Filters
from .report import Scope

GATE = Gate((Feature.INVOICES,))
FIELDS = frozenset({Field.DEBTOR, Field.DEBTORS, Field.DEBTOR_GROUP})
NAME: Any = func.coalesce(Debtor.company_name, Debtor.name)
NUMBERED = Column("debtor_no", _("Debtor no."), width=12)
NAMED = Column("debtor_name", _("Debtor"), width=32)
GROUPED = Column("debtor_group", _("Debtor group"), width=18)
KEY = Column("debtor_id", "", Kind.INTEGER)


def group_name() -> ColumnElement[str]:
    """The name of the group of the Debtor of the enclosing statement."""
    return select(DebtorGroup.name).where(DebtorGroup.id == Debtor.group_id).correlate(Debtor).scalar_subquery()


def narrowing(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on Debtor of what is asked for."""
    found: list[ColumnElement[bool]] = []
    if filters.debtor_id is not None:
        found.append(Debtor.id == filters.debtor_id)
    if filters.group_id is not None:
        found.append(Debtor.group_id == filters.group_id)
    return found + debtor_numbers.between(filters.debtor_from or "", filters.debtor_to or "")


def conditions(scope: Scope) -> list[ColumnElement[bool]]:
    """The same, and that the one who asks may see the debtor."""
    rule = visibility.debtor_rule(scope.principal) if scope.principal else None
    return narrowing(scope.filters) + ([] if rule is None else [rule])


def chosen(scope: Scope) -> Select[Any] | None:
    """The ids of those debtors; None for all."""
    found = conditions(scope)
    return select(Debtor.id).where(*found) if found else None
