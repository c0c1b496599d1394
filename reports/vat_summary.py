"""The VAT summary: turnover, VAT and what is free of it, by month or quarter and rate, from the lines of documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.engine import Connection

from gecko.language import _
from gecko.models.documents import SaleDocument, SaleLine
from gecko.permissions import Permission

from . import accounts, invoice_list, steps
from .columns import Column, Kind
from .filters import Field, Filters, Step
from .report import Bar, Behind, Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    Column("period", _("Period"), width=14),
    Column("rate", _("VAT rate"), width=10),
    Column("documents", _("Documents"), Kind.INTEGER),
    Column("net", _("Turnover without VAT"), Kind.MONEY),
    Column("vat", _("VAT"), Kind.MONEY),
    Column("vat_free", _("Free of VAT"), Kind.MONEY),
    Column("total", _("With VAT"), Kind.MONEY),
)
_KEYS = (Column("year", "", Kind.INTEGER), Column("number", "", Kind.INTEGER))


def columns(_filters: Filters) -> tuple[Column, ...]:
    """The columns of the sheet."""
    return COLUMNS


def control(connection: Connection, scope: Scope) -> Control:
    """Sums by the documents themselves, so that lines which do not come to them publish nothing."""
    documents = select(
        func.coalesce(func.sum(SaleDocument.total_ore), 0), func.coalesce(func.sum(SaleDocument.vat_ore), 0)
    )
    total, vat = connection.execute(invoice_list.narrowed(documents, scope)).one()
    rows = _rows(connection, scope)
    split = {key: sum(int(getattr(row, key)) for row in rows) for key in ("net", "vat_free")}
    return Control(rows=len(rows), totals={"vat": int(vat), **split, "total": int(total)})


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """One frame: a row for each period and rate, the oldest period first and the highest rate at its top."""
    from . import frames as reading

    rows = [
        (str(_span(row, scope.filters).label), _rate(row.vat_bp), row.documents, int(row.net), int(row.vat),
         int(row.vat_free), int(row.total), row.span_year, row.span_number)
        for row in _rows(connection, scope)
    ]  # fmt: skip
    yield reading.frame((*COLUMNS, *_KEYS), rows)


def bars(connection: Connection, scope: Scope, _control: Control) -> Sequence[Bar]:
    """The VAT by period; behind it are the period's documents."""
    sums: dict[steps.Span, int] = {}
    for row in _rows(connection, scope):
        span = _span(row, scope.filters)
        sums[span] = sums.get(span, 0) + int(row.vat)
    return [Bar(span.label, ore, _behind(scope.filters, span)) for span, ore in list(sums.items())[-steps.SHOWN :]]


def drill(filters: Filters, row: Mapping[str, Any]) -> dict[str, Behind]:
    """A period leads to its documents."""
    span = steps.Span(int(row["year"]), int(row["number"]), _step(filters))
    return {"period": _behind(filters, span)}


def _behind(filters: Filters, span: steps.Span) -> Behind:
    return Behind(invoice_list.REPORT.key, replace(invoice_list.within(filters, span), step=None))


def _rows(connection: Connection, scope: Scope) -> Sequence[Row[*tuple[Any, ...]]]:
    return connection.execute(statement(scope)).all()


def statement(scope: Scope) -> Select[*tuple[Any, ...]]:
    """The sums of lines by period and rate. What a line says of VAT counts, for imported documents as well."""
    year, number = steps.columns(SaleDocument.document_date, _step(scope.filters))
    taxed = SaleLine.vat_bp != 0
    sums = select(
        year,
        number,
        SaleLine.vat_bp,
        func.count(SaleDocument.id.distinct()).label("documents"),
        func.sum(case((taxed, SaleLine.total_ore - SaleLine.vat_ore), else_=0)).label("net"),
        func.sum(SaleLine.vat_ore).label("vat"),
        func.sum(case((taxed, 0), else_=SaleLine.total_ore)).label("vat_free"),
        func.sum(SaleLine.total_ore).label("total"),
    )
    lines = invoice_list.narrowed(sums, scope).join(SaleLine, SaleLine.document_id == SaleDocument.id)
    return lines.group_by(steps.YEAR, steps.NUMBER, SaleLine.vat_bp).order_by(
        steps.YEAR, steps.NUMBER, SaleLine.vat_bp.desc()
    )


def _span(row: Any, filters: Filters) -> steps.Span:
    return steps.Span(row.span_year, row.span_number, _step(filters))


def _step(filters: Filters) -> Step:
    return Step(filters.step or Step.MONTH)


def _rate(vat_bp: int) -> str:
    return f"{vat_bp / 100:g} %"


REPORT = Report(
    key="vat-summary",
    label=_("VAT summary"),
    sheet=_("VAT"),
    slug="momsopgoerelse",
    about=_("Turnover, VAT and what is free of VAT by month or quarter and rate, from the lines of documents."),
    permission=Permission.DEBTOR_EXPORT,
    view=Permission.INVOICE_VIEW,
    gate=accounts.GATE,
    fields=frozenset({Field.PERIOD, Field.STEP, Field.KIND, Field.DEBTOR_GROUP}),
    kinds=invoice_list.KINDS,
    columns=columns,
    control=control,
    frames=frames,
    bars=bars,
    drill=drill,
)
