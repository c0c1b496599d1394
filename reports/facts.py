"""What the overview of an export tells: whose it is, which filters made it, who asked and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.engine import Connection

from gecko.clock import now
from gecko.language import _
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor, DebtorGroup
from gecko.models.payment_types import PaymentType
from gecko.models.settings import Setting
from gecko.operations.ageing import BASES

from . import accounts
from .filters import UNSTATED, Field, Filters
from .report import Report, Scope


def heading(report: Report, locale: str) -> str:
    """The report's name in the language of the export."""
    with force_locale(locale):
        return str(report.label)


def of(connection: Connection, report: Report, scope: Scope, *, author: str) -> list[tuple[Any, Any]]:
    """The lines of the overview, labels translated when they are written."""
    stored = connection.execute(select(Setting.key, Setting.value).where(Setting.key.startswith("company.")))
    company = {row.key: row.value for row in stored}
    with force_locale(scope.filters.locale):
        return [
            (_("Company"), company.get("company.name") or ""),
            (_("CVR no."), company.get("company.cvr") or ""),
            (_("Report"), report.label),
            *_period(report, scope.filters),
            *described(connection, report, scope.filters),
            *_scope(connection, scope),
            (_("Exported by"), author),
            (_("Exported at"), now()),
        ]


def _period(report: Report, filters: Filters) -> Iterator[tuple[Any, Any]]:
    if Field.PERIOD in report.fields:
        yield _("From"), filters.starts_on or str(_("the beginning"))
        yield _("To"), filters.ends_on or str(_("the end"))
    if Field.AS_OF in report.fields:
        yield _("As of"), filters.day


def described(connection: Connection, report: Report, filters: Filters) -> Iterator[tuple[Any, str]]:
    """Every filter but the days, in words."""
    if filters.debtor_id is not None:
        yield (
            _("Debtor"),
            _named(connection, select(Debtor.number, accounts.NAME).where(Debtor.id == filters.debtor_id)),
        )
    if filters.debtor_from or filters.debtor_to:
        yield _("Debtor no."), f"{filters.debtor_from or ''} – {filters.debtor_to or ''}".strip()
    if filters.customer_id is not None:
        found = select(Customer.number, Customer.name).where(Customer.id == filters.customer_id)
        yield _("Customer"), _named(connection, found)
    if filters.group_id is not None:
        is_of_customers = Field.CUSTOMER_GROUP in report.fields
        group: Any = CustomerGroup if is_of_customers else DebtorGroup
        label = _("Customer group") if is_of_customers else _("Debtor group")
        yield label, _named(connection, select(group.name).where(group.id == filters.group_id))
    if filters.kind is not None:
        yield _("Kind"), str(report.kinds.get(filters.kind, filters.kind))
    if filters.payment_type_id == UNSTATED:
        yield _("Payment type"), str(_("Not stated"))
    elif filters.payment_type_id is not None:
        named = select(PaymentType.name).where(PaymentType.id == filters.payment_type_id)
        yield _("Payment type"), _named(connection, named)
    yield from _shaped(report, filters)


def _shaped(report: Report, filters: Filters) -> Iterator[tuple[Any, str]]:
    """How ages are counted and cut, and how long the lines of a summary are."""
    if Field.BASIS in report.fields:
        yield _("Age by"), str(BASES[filters.ageing.basis])
    if filters.bucket is not None:
        yield _("Age"), str(filters.ageing.buckets[filters.bucket].label)


def _named(connection: Connection, statement: Any) -> str:
    row = connection.execute(statement).one_or_none()
    return " ".join(str(value) for value in row if value) if row else "?"


def _scope(connection: Connection, scope: Scope) -> Iterator[tuple[Any, str]]:
    groups = scope.principal.groups if scope.principal else None
    if groups is not None:
        names = connection.scalars(select(CustomerGroup.name).where(CustomerGroup.id.in_(groups))).all()
        yield _("Limited to the customers of"), ", ".join(sorted(names)) or "-"
