"""What the overview of an export tells: whose it is, which filters made it, who asked and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from gecko.clock import now
from gecko.language import _
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor, DebtorGroup
from gecko.models.settings import Setting

from .filters import Filters
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
            *_period(scope.filters),
            *described(connection, report, scope.filters),
            *_scope(connection, scope),
            (_("Exported by"), author),
            (_("Exported at"), now()),
        ]


def _period(filters: Filters) -> Iterator[tuple[Any, Any]]:
    yield _("From"), filters.starts_on or str(_("the beginning"))
    yield _("To"), filters.ends_on or str(_("the end"))


def described(connection: Connection, report: Report, filters: Filters) -> Iterator[tuple[Any, str]]:
    """Every filter but the period, in words."""
    if filters.debtor_id is not None:
        yield (
            _("Debtor"),
            _named(connection, select(Debtor.number, _debtor_name()).where(Debtor.id == filters.debtor_id)),
        )
    if filters.customer_id is not None:
        found = select(Customer.number, Customer.name).where(Customer.id == filters.customer_id)
        yield _("Customer"), _named(connection, found)
    if filters.group_id is not None:
        group: Any = DebtorGroup if report.key == "debtor-postings" else CustomerGroup
        yield report.group_label, _named(connection, select(group.name).where(group.id == filters.group_id))
    if filters.kind is not None:
        yield _("Kind"), str(report.kinds.get(filters.kind, filters.kind))


def _debtor_name() -> Any:
    return func.coalesce(Debtor.company_name, Debtor.name)


def _named(connection: Connection, statement: Any) -> str:
    row = connection.execute(statement).one_or_none()
    return " ".join(str(value) for value in row if value) if row else "?"


def _scope(connection: Connection, scope: Scope) -> Iterator[tuple[Any, str]]:
    groups = scope.principal.groups if scope.principal else None
    if groups is not None:
        names = connection.scalars(select(CustomerGroup.name).where(CustomerGroup.id.in_(groups))).all()
        yield _("Limited to the customers of"), ", ".join(sorted(names)) or "-"
