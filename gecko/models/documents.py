"""Invoices and credit notes: snapshots that nothing changes once they are issued."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .customers import Customer
    from .debtors import Debtor
    from .items import Item


class DocumentKind(StrEnum):
    """What a document is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class Series(StrEnum):
    """Number series. Imported documents keep their own numbers in a series apart."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    IMPORTED = "imported"


class NumberSeries(Base):
    """The next number of a series, drawn in the document's own transaction so that no gap can arise."""

    __tablename__ = "number_series"
    __table_args__ = (CheckConstraint("next_no > 0", name="next_no"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    first_no: Mapped[int] = mapped_column(default=1)
    next_no: Mapped[int] = mapped_column(default=1)


class SaleDocument(Identified, Created, Base):
    """An issued document. Triggers refuse every change but the customer it is filed under.

    Amounts in øre with the document's sign: invoices positive, credit notes negative. `buyer` and `seller` are
    snapshots of names and addresses, `term` of the payment term, all as they were when it was issued.
    `number` is the printed number; `sequence_no` its place in a gapless series (None where imported).
    """

    __tablename__ = "sale_document"
    __table_args__ = (
        UniqueConstraint("series", "number"),
        CheckConstraint("total_ore = net_ore + vat_ore", name="total"),
        Index("ix_sale_document_customer", "customer_id", "issued_at", "id"),
        Index("ix_sale_document_debtor", "debtor_id", "issued_at", "id"),
        Index("ix_sale_document_issued", "issued_at", "id"),
        Index("ix_sale_document_number", "number"),
        Index("ix_sale_document_sequence", "series", "sequence_no"),
    )

    kind: Mapped[DocumentKind]
    series: Mapped[Series]
    number: Mapped[str]
    sequence_no: Mapped[int | None]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"))
    issued_at: Mapped[datetime]
    document_date: Mapped[date]
    due_on: Mapped[date]
    buyer: Mapped[dict[str, Any]]
    seller: Mapped[dict[str, Any]]
    term: Mapped[dict[str, Any]]
    buyer_name: Mapped[str]
    total_ore: Mapped[int]
    net_ore: Mapped[int]
    vat_ore: Mapped[int]
    vat_free_ore: Mapped[int] = mapped_column(default=0, server_default="0")
    refers_to_id: Mapped[int | None] = mapped_column(ForeignKey("sale_document.id"), index=True)
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    customer: Mapped[Customer | None] = relationship()
    debtor: Mapped[Debtor] = relationship()
    lines: Mapped[list[SaleLine]] = relationship(back_populates="document", order_by="SaleLine.position")
    refers_to: Mapped[SaleDocument | None] = relationship(remote_side="SaleDocument.id")

    def __str__(self) -> str:
        return self.number


class SaleLine(Identified, Base):
    """A line of a document as it was sold; quantity in thousandths, amounts in øre with VAT."""

    __tablename__ = "sale_line"
    __table_args__ = (UniqueConstraint("document_id", "position"),)

    document_id: Mapped[int] = mapped_column(ForeignKey("sale_document.id"))
    position: Mapped[int]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"), index=True)
    item_no: Mapped[str | None]
    text: Mapped[str]
    quantity_milli: Mapped[int]
    unit_price_ore: Mapped[int]
    discount_ore: Mapped[int] = mapped_column(default=0, server_default="0")
    total_ore: Mapped[int]
    vat_bp: Mapped[int]
    vat_ore: Mapped[int]
    refers_to_line_id: Mapped[int | None] = mapped_column(ForeignKey("sale_line.id"), index=True)

    document: Mapped[SaleDocument] = relationship(back_populates="lines")
    item: Mapped[Item | None] = relationship()
