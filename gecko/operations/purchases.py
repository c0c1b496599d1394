"""What a customer has bought: issued documents and ad hoc purchases as one list, newest first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from ..clock import local, midnight
from ..db import db
from ..errors import Invalid
from ..language import _
from ..models.documents import DocumentKind, SaleDocument
from ..models.purchases import AdHocPurchase

PAGE = 50


@dataclass(frozen=True, slots=True)
class Period:
    """From and to, both days included; None leaves that end open."""

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if self.first and self.last and self.first > self.last:
            raise Invalid(_("The first day must not come after the last."), field="first")


@dataclass(frozen=True, slots=True)
class Purchase:
    """One entry of the list: a document or an ad hoc purchase. On one instant, documents come first."""

    at: datetime
    document: SaleDocument | None = None
    ad_hoc: AdHocPurchase | None = None
    is_undone: bool = False

    @property
    def cursor(self) -> str:
        """Where the next page goes on."""
        if self.document is not None:
            return f"{self.at.isoformat()}~1~{self.document.id}"
        return f"{self.at.isoformat()}~0~{self.ad_hoc.id if self.ad_hoc else 0}"


@dataclass(frozen=True, slots=True)
class PurchasePage:
    """A page, and the cursor of the next one where there is more."""

    rows: list[Purchase]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PurchaseTotals:
    """All purchases of a period, øre. Credit notes lower the value; ad hoc purchases are told apart.

    count: invoices and ad hoc purchases that still stand.
    """

    count: int
    value_ore: int
    net_ore: int
    ad_hoc_count: int
    ad_hoc_ore: int
    last_on: date | None


def page(customer_id: int, *, period: Period | None = None, after: str | None = None, size: int = PAGE) -> PurchasePage:
    """The customer's purchases after `after` (a cursor), newest first. Reads only one page from each table."""
    span = period or Period()
    position = _parse(after)
    merged = [*_documents(customer_id, span, position, size + 1), *_ad_hocs(customer_id, span, position, size + 1)]
    merged.sort(key=_order, reverse=True)
    rows = merged[:size]
    return PurchasePage(rows, rows[-1].cursor if len(merged) > size else None)


def totals(customer_id: int, period: Period | None = None) -> PurchaseTotals:
    """How many, how much, and when last."""
    return totals_of([customer_id], period)[customer_id]


def totals_of(customer_ids: Sequence[int], period: Period | None = None) -> dict[int, PurchaseTotals]:
    """The same for several customers, with two queries; those who bought nothing are there with zeros."""
    span = period or Period()
    nothing = (0, 0, 0, None)
    invoiced = {row[0]: row[1:] for row in db.session.execute(_invoiced(customer_ids, span))}
    typed_in = {row[0]: row[1:] for row in db.session.execute(_typed_in(customer_ids, span))}
    return {one: _added_up(invoiced.get(one, nothing), typed_in.get(one, (0, 0, None))) for one in customer_ids}


def _invoiced(customer_ids: Sequence[int], span: Period) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = select(
        SaleDocument.customer_id,
        func.count().filter(SaleDocument.kind == DocumentKind.INVOICE),
        func.sum(SaleDocument.total_ore),
        func.sum(SaleDocument.net_ore),
        func.max(SaleDocument.document_date).filter(SaleDocument.kind == DocumentKind.INVOICE),
    ).where(SaleDocument.customer_id.in_(customer_ids))
    return _document_span(statement, span).group_by(SaleDocument.customer_id)


def _typed_in(customer_ids: Sequence[int], span: Period) -> Select[*tuple[Any, ...]]:
    undone = select(AdHocPurchase.reverses_id).where(
        AdHocPurchase.customer_id.in_(customer_ids), AdHocPurchase.reverses_id.is_not(None)
    )
    statement: Select[*tuple[Any, ...]] = select(
        AdHocPurchase.customer_id,
        func.count(),
        func.sum(AdHocPurchase.total_ore),
        func.max(AdHocPurchase.purchased_on),
    ).where(
        AdHocPurchase.customer_id.in_(customer_ids),
        AdHocPurchase.reverses_id.is_(None),
        AdHocPurchase.id.not_in(undone),
    )
    return _ad_hoc_span(statement, span).group_by(AdHocPurchase.customer_id)


def _added_up(invoiced: Sequence[Any], typed_in: Sequence[Any]) -> PurchaseTotals:
    invoices, value, net, last_invoiced = invoiced
    entered, entered_value, last_entered = typed_in
    return PurchaseTotals(
        count=invoices + entered,
        value_ore=int(value),
        net_ore=int(net),
        ad_hoc_count=entered,
        ad_hoc_ore=int(entered_value),
        last_on=max((day for day in (last_invoiced, last_entered) if day is not None), default=None),
    )


def count(customer_id: int) -> int:
    """How many entries the list has."""
    tables: tuple[tuple[Any, Any], ...] = (
        (SaleDocument, SaleDocument.customer_id),
        (AdHocPurchase, AdHocPurchase.customer_id),
    )
    return sum(
        db.session.scalar(select(func.count()).select_from(model).where(column == customer_id)) or 0
        for model, column in tables
    )


def _order(row: Purchase) -> tuple[datetime, int, int]:
    if row.document is not None:
        return row.at, 1, row.document.id
    return row.at, 0, row.ad_hoc.id if row.ad_hoc else 0


def _parse(cursor: str | None) -> tuple[datetime, int, int] | None:
    """A cursor somebody tampered with starts over."""
    if not cursor:
        return None
    try:
        instant, rank, row_id = cursor.split("~")
        at = datetime.fromisoformat(instant)
        place = (at, int(rank), int(row_id))
        return place if at.tzinfo and 1800 < at.year < 2200 and 0 <= place[2] < 2**63 else None
    except ValueError:
        return None


def _documents(customer_id: int, span: Period, position: tuple[datetime, int, int] | None, size: int) -> list[Purchase]:
    statement = select(SaleDocument).where(SaleDocument.customer_id == customer_id)
    statement = _document_span(statement, span)
    if position is not None:
        at, rank, row_id = position
        statement = _before(statement, SaleDocument.issued_at, SaleDocument.id, at, row_id if rank == 1 else 0)
    statement = (
        statement.order_by(SaleDocument.issued_at.desc(), SaleDocument.id.desc())
        .limit(size)
        .options(selectinload(SaleDocument.lines))
    )
    return [Purchase(row.issued_at, document=row) for row in db.session.scalars(statement)]


def _ad_hocs(customer_id: int, span: Period, position: tuple[datetime, int, int] | None, size: int) -> list[Purchase]:
    statement = select(AdHocPurchase).where(AdHocPurchase.customer_id == customer_id)
    statement = _ad_hoc_span(statement, span)
    if position is not None:
        at, rank, row_id = position
        day = local(at).date()
        if rank == 1:  # every ad hoc purchase of that day still lies ahead
            statement = statement.where(AdHocPurchase.purchased_on <= day)
        else:
            statement = _before(statement, AdHocPurchase.purchased_on, AdHocPurchase.id, day, row_id)
    statement = (
        statement.order_by(AdHocPurchase.purchased_on.desc(), AdHocPurchase.id.desc())
        .limit(size)
        .options(selectinload(AdHocPurchase.lines))
    )
    found = list(db.session.scalars(statement))
    undone = set(
        db.session.scalars(
            select(AdHocPurchase.reverses_id).where(AdHocPurchase.reverses_id.in_([row.id for row in found]))
        )
    )
    return [Purchase(midnight(row.purchased_on), ad_hoc=row, is_undone=row.id in undone) for row in found]


def _before(
    statement: Select[*tuple[Any, ...]],
    moment: InstrumentedAttribute[Any],
    key: InstrumentedAttribute[int],
    at: Any,
    row_id: int,
) -> Select[*tuple[Any, ...]]:
    """Rows strictly before (at, row_id) in descending order, by the index on both."""
    return statement.where(tuple_(moment, key) < tuple_(at, row_id))


def _document_span(statement: Select[*tuple[Any, ...]], span: Period) -> Select[*tuple[Any, ...]]:
    """By the date the document bears, as the ledger and the exports count it; it may be earlier than its issue."""
    if span.first is not None:
        statement = statement.where(SaleDocument.document_date >= span.first)
    if span.last is not None:
        statement = statement.where(SaleDocument.document_date <= span.last)
    return statement


def _ad_hoc_span(statement: Select[*tuple[Any, ...]], span: Period) -> Select[*tuple[Any, ...]]:
    if span.first is not None:
        statement = statement.where(AdHocPurchase.purchased_on >= span.first)
    if span.last is not None:
        statement = statement.where(AdHocPurchase.purchased_on <= span.last)
    return statement
