"""The invoice list: every invoice and credit note of a period with its amounts, in the order of issue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, String, func, select, type_coerce
from sqlalchemy.engine import Connection

from gecko.language import _
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor
from gecko.models.documents import DocumentKind, SaleDocument
from gecko.operations import visibility
from gecko.permissions import Permission

from . import accounts, steps
from .columns import Column, Kind
from .filters import Field, Filters
from .report import Bar, Behind, Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

KINDS: dict[str, Any] = {str(DocumentKind.INVOICE): _("Invoice"), str(DocumentKind.CREDIT_NOTE): _("Credit note")}
_READ = (
    (Column("document_no", _("Document no."), width=14), SaleDocument.number),
    (Column("kind", _("Kind"), Kind.CHOICE, choices=KINDS), type_coerce(SaleDocument.kind, String)),
    (Column("document_date", _("Date"), Kind.DATE), SaleDocument.document_date),
    (Column("due_on", _("Due date"), Kind.DATE), SaleDocument.due_on),
    (accounts.NUMBERED, Debtor.number),
    (Column("buyer", _("Buyer"), width=32), SaleDocument.buyer_name),
    (Column("customer_no", _("Customer no."), width=12), Customer.number),
    (Column("net", _("Without VAT"), Kind.MONEY), SaleDocument.net_ore),
    (Column("vat", _("VAT"), Kind.MONEY), SaleDocument.vat_ore),
    (Column("total", _("With VAT"), Kind.MONEY), SaleDocument.total_ore),
)
_KEYS = (
    (accounts.KEY, SaleDocument.debtor_id),
    (Column("document_id", "", Kind.INTEGER), SaleDocument.id),
)
_SUMMED = {"total": SaleDocument.total_ore, "net": SaleDocument.net_ore, "vat": SaleDocument.vat_ore}


def columns(_filters: Filters) -> tuple[Column, ...]:
    """The columns of the sheet."""
    return tuple(column for column, _source in _READ)


def control(connection: Connection, scope: Scope) -> Control:
    """Rows and sums by the database."""
    sums = (func.coalesce(func.sum(column), 0) for column in _SUMMED.values())
    rows, *ore = connection.execute(narrowed(select(func.count(), *sums), scope)).one()
    return Control(rows=rows, totals={key: int(found) for key, found in zip(_SUMMED, ore, strict=True)})


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """The documents, the oldest first."""
    from . import frames as reading

    yield from reading.stream(connection, statement(scope), [column for column, _source in (*_READ, *_KEYS)])


def statement(scope: Scope) -> Select[*tuple[Any, ...]]:
    """The rows in the order of issue, along its index."""
    found = narrowed(select(*(source for _column, source in (*_READ, *_KEYS))), scope)
    return found.order_by(SaleDocument.issued_at, SaleDocument.id)


def narrowed(statement: Select[*tuple[Any, ...]], scope: Scope) -> Select[*tuple[Any, ...]]:
    """A statement over the documents that are asked for and may be seen."""
    filters = scope.filters
    conditions = [*filters.period(SaleDocument.document_date), *accounts.narrowing(filters)]
    if filters.kind is not None:
        conditions.append(SaleDocument.kind == DocumentKind(filters.kind))
    if filters.customer_id is not None:
        conditions.append(SaleDocument.customer_id == filters.customer_id)
    joined = (
        statement.select_from(SaleDocument)
        .join(Debtor, Debtor.id == SaleDocument.debtor_id)
        .outerjoin(Customer, Customer.id == SaleDocument.customer_id)
        .where(*conditions)
    )
    return visibility.documents(joined, scope.principal) if scope.principal else joined


def bars(connection: Connection, scope: Scope, _control: Control) -> Sequence[Bar]:
    """What was invoiced by month, credit notes subtracted."""
    year, number = steps.columns(SaleDocument.document_date)
    sums = narrowed(select(year, number, func.sum(SaleDocument.total_ore)), scope).group_by(steps.YEAR, steps.NUMBER)
    found = sorted((steps.Span(*row[:2]), int(row[2])) for row in connection.execute(sums))[-steps.SHOWN :]
    return [Bar(span.label, ore, Behind(REPORT.key, within(scope.filters, span))) for span, ore in found]


def within(filters: Filters, span: steps.Span) -> Filters:
    """The filters in so far as their period lies in the span."""
    return replace(
        filters,
        starts_on=max(span.first, filters.starts_on or span.first),
        ends_on=min(span.last, filters.ends_on or span.last),
    )


REPORT = Report(
    key="invoice-list",
    label=_("Invoice list"),
    sheet=_("Invoices"),
    slug="fakturaliste",
    about=_("Invoices and credit notes of a period with their amounts without and with VAT."),
    permission=Permission.DEBTOR_EXPORT,
    view=Permission.INVOICE_VIEW,
    gate=accounts.GATE,
    fields=frozenset({Field.PERIOD, Field.CUSTOMER, Field.KIND, *accounts.FIELDS}),
    kinds=KINDS,
    columns=columns,
    control=control,
    frames=frames,
    bars=bars,
)
