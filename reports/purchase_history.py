"""Purchase history: every line customers bought, customer by customer and in the order of time.

Ad hoc purchases are among them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from gecko.language import _
from gecko.models.documents import DocumentKind
from gecko.modules import Gate, Module
from gecko.permissions import Permission

from .columns import Column, Kind
from .filters import Field, Filters
from .purchase_sources import AD_HOC, SOURCES, Source, Statement
from .report import Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

KINDS = {
    str(DocumentKind.INVOICE): _("Invoice"),
    str(DocumentKind.CREDIT_NOTE): _("Credit note"),
    AD_HOC: _("Ad hoc purchase"),
}
COLUMNS = (
    Column("customer_no", _("Customer no."), width=12),
    Column("customer_name", _("Customer"), width=32),
    Column("bought_on", _("Date"), Kind.DATE),
    Column("issued_at", _("Issued at"), Kind.INSTANT),
    Column("document_no", _("Document no."), width=14),
    Column("kind", _("Kind"), Kind.CHOICE, choices=KINDS),
    Column("text", _("Text"), width=36),
    Column("item_no", _("Item no."), width=12),
    Column("quantity", _("Quantity"), Kind.QUANTITY),
    Column("unit_price", _("Unit price"), Kind.MONEY),
    Column("discount", _("Discount"), Kind.MONEY),
    Column("line_total", _("Line total"), Kind.MONEY),
    Column("vat", _("VAT included"), Kind.MONEY),
    Column("document_total", _("Document total"), Kind.MONEY),
)
_KEYS = (Column("customer_id", "", Kind.INTEGER), Column("document_id", "", Kind.INTEGER), Column("source", ""))
_READ = (*COLUMNS, *_KEYS)
_CUSTOMER, _DAY = len(COLUMNS), 2
CHUNK = 5_000


def columns(_filters: Filters) -> tuple[Column, ...]:
    """The columns of the sheet."""
    return COLUMNS


def control(connection: Connection, scope: Scope) -> Control:
    """Rows and sums by the database: the lines, and apart from them the documents, each once."""
    rows = lines = documents = 0
    for source in _wanted(scope):
        line, document = source.line.total_ore, source.document.total_ore
        counted = source.lines(select(func.count(), func.coalesce(func.sum(line), 0)), scope)
        found, ore = connection.execute(counted).one()
        whole = source.documents(select(func.coalesce(func.sum(document), 0)), scope)
        rows, lines = rows + found, lines + int(ore)
        documents += int(connection.execute(whole).scalar_one())
    return Control(rows=rows, totals={"line_total": lines, "document_total": documents})


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """The rows. A document's total stands on its first line alone, so that the column can be summed."""
    import pandas as pd

    from . import frames as reading

    streams = [_rows(connection, source, scope) for source in _wanted(scope)]
    merged = heapq.merge(*streams, key=_place) if len(streams) > 1 else streams[0]
    last: tuple[Any, ...] = ()
    for frame in reading.chunked(_READ, merged, size=CHUNK):
        documents = list(zip(frame["source"], frame["document_id"], strict=True))
        is_first = pd.Series([now != before for now, before in zip(documents, [last, *documents[:-1]], strict=True)])
        frame["document_total"] = frame["document_total"].astype("Int64").where(is_first)
        last = documents[-1]
        yield frame


def _place(row: Any) -> tuple[Any, ...]:
    return row[_CUSTOMER], row[_DAY]


def _wanted(scope: Scope) -> list[Source]:
    return [source for source in SOURCES if source.is_wanted(scope.filters.kind)]


def statement(source: Source, scope: Scope) -> Statement:
    """The lines of one source, along an index."""
    return source.lines(select(*source.values), scope).order_by(*source.order)


def _rows(connection: Connection, source: Source, scope: Scope) -> Iterator[Any]:
    result = connection.execution_options(yield_per=CHUNK).execute(statement(source, scope))
    for rows in result.partitions(CHUNK):
        yield from rows


REPORT = Report(
    key="purchase-history",
    label=_("Purchase history"),
    sheet=_("Purchases"),
    slug="koebshistorik",
    about=_("Every line that customers bought, ad hoc purchases among them."),
    permission=Permission.PURCHASE_EXPORT,
    view=Permission.PURCHASE_EXPORT,
    gate=Gate((Module.CASH_REGISTER,)),
    fields=frozenset({Field.PERIOD, Field.DEBTOR, Field.CUSTOMER, Field.CUSTOMER_GROUP, Field.KIND}),
    kinds=dict(KINDS),
    columns=columns,
    control=control,
    frames=frames,
)
