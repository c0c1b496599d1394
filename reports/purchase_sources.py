"""Where purchases come from: lines of documents, and lines of ad hoc purchases typed in afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, exists, false, literal, null, select, type_coerce
from sqlalchemy.orm.attributes import InstrumentedAttribute

from gecko.models.customers import Customer
from gecko.models.documents import DocumentKind, SaleDocument, SaleLine
from gecko.models.purchases import AdHocLine, AdHocPurchase
from gecko.operations import visibility

from .report import Scope

AD_HOC = "ad_hoc"
Statement = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """One table of purchases with its lines, and how both fill the report's columns.

    values: in the order of the report's columns. order: along an index, so that nothing is sorted in memory.
    """

    document: type[SaleDocument] | type[AdHocPurchase]
    line: type[SaleLine] | type[AdHocLine]
    belongs: ColumnElement[bool]
    day: InstrumentedAttribute[date]
    values: Sequence[Any]
    order: Sequence[Any]

    def is_wanted(self, kind: str | None) -> bool:
        """Whether rows of the wanted kind can come from here."""
        return kind is None or (kind == AD_HOC) == (self.document is AdHocPurchase)

    def lines(self, statement: Statement, scope: Scope) -> Statement:
        """The statement over the lines of what `scope` asks for."""
        return self._narrowed(statement, scope).join(self.line, self.belongs)

    def documents(self, statement: Statement, scope: Scope) -> Statement:
        """The statement over the documents that have such lines, each once."""
        return self._narrowed(statement, scope).where(self._has_lines())

    def _has_lines(self) -> ColumnElement[bool]:
        return exists().where(self.belongs).correlate(self.document)

    def _narrowed(self, statement: Statement, scope: Scope) -> Statement:
        filters = scope.filters
        conditions = filters.period(self.day)
        if filters.customer_id is not None:
            conditions.append(self.document.customer_id == filters.customer_id)
        if filters.debtor_id is not None:
            conditions.append(_paid_by(self.document, filters.debtor_id))
        if filters.kind not in (None, AD_HOC):
            conditions.append(SaleDocument.kind == DocumentKind(filters.kind))
        conditions.append(self._of_customers(scope))
        joined = statement.select_from(self.document).outerjoin(Customer, Customer.id == self.document.customer_id)
        return joined.where(*conditions)

    def _of_customers(self, scope: Scope) -> ColumnElement[bool]:
        """Documents of the customers asked for. As EXISTS, so that the documents' index goes on giving the order."""
        conditions = [Customer.id == self.document.customer_id]
        if scope.filters.group_id is not None:
            conditions.append(Customer.group_id == scope.filters.group_id)
        rule = visibility.customer_rule(scope.principal) if scope.principal else None
        if rule is not None:
            conditions.append(rule)
        return exists(select(Customer.id).where(*conditions).correlate(self.document))


def _paid_by(document: type[SaleDocument] | type[AdHocPurchase], debtor_id: int) -> ColumnElement[bool]:
    """Documents of a debtor; an ad hoc purchase is never invoiced, so none of them."""
    return SaleDocument.debtor_id == debtor_id if document is SaleDocument else false()


DOCUMENTS = Source(
    document=SaleDocument,
    line=SaleLine,
    belongs=SaleLine.document_id == SaleDocument.id,
    day=SaleDocument.document_date,
    values=(
        Customer.number, Customer.name, SaleDocument.document_date, SaleDocument.issued_at, SaleDocument.number,
        type_coerce(SaleDocument.kind, String), SaleLine.text, SaleLine.item_no, SaleLine.quantity_milli,
        SaleLine.unit_price_ore, SaleLine.discount_ore, SaleLine.total_ore, SaleLine.vat_ore, SaleDocument.total_ore,
        SaleDocument.customer_id, SaleDocument.id, literal("sale"),
    ),
    order=(SaleDocument.customer_id, SaleDocument.issued_at, SaleDocument.id, SaleLine.position),
)  # fmt: skip
TYPED_IN = Source(
    document=AdHocPurchase,
    line=AdHocLine,
    belongs=AdHocLine.purchase_id == AdHocPurchase.id,
    day=AdHocPurchase.purchased_on,
    values=(
        Customer.number, Customer.name, AdHocPurchase.purchased_on, null(), AdHocPurchase.source_text,
        literal(AD_HOC), AdHocLine.text, AdHocLine.item_no, AdHocLine.quantity_milli,
        AdHocLine.unit_price_ore, null(), AdHocLine.total_ore, null(), AdHocPurchase.total_ore,
        AdHocPurchase.customer_id, AdHocPurchase.id, literal(AD_HOC),
    ),
    order=(AdHocPurchase.customer_id, AdHocPurchase.purchased_on, AdHocPurchase.id, AdHocLine.position),
)  # fmt: skip
SOURCES = (DOCUMENTS, TYPED_IN)
