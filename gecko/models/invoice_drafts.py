"""Invoices that are being written: no number, no posting, changed and thrown away at will."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Identified, Versioned

if TYPE_CHECKING:
    from .customers import Customer
    from .debtors import Debtor
    from .people import StaffUser


class InvoiceDraft(Versioned, Base):
    """One draft. It is gone once the invoice is issued.

    key: what makes it the same draft when a form is sent twice. document_date: None is the day it is issued on.
    term_id: None is the debtor's own. total_ore: what its lines come to. changed_at: a line
    that changes is a change of the draft, so that its version grows.
    """

    __tablename__ = "invoice_draft"

    key: Mapped[str] = mapped_column(unique=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtor.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    document_date: Mapped[date | None]
    term_id: Mapped[int | None] = mapped_column(ForeignKey("payment_term.id"))
    total_ore: Mapped[int]
    changed_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    debtor: Mapped[Debtor] = relationship()
    customer: Mapped[Customer | None] = relationship()
    created_by: Mapped[StaffUser | None] = relationship()
    lines: Mapped[list[InvoiceDraftLine]] = relationship(
        order_by="InvoiceDraftLine.position", cascade="all, delete-orphan", passive_deletes=True
    )


class InvoiceDraftLine(Identified, Base):
    """A line as it will be invoiced; quantity in thousandths, price and discount in øre with VAT."""

    __tablename__ = "invoice_draft_line"
    __table_args__ = (UniqueConstraint("draft_id", "position"),)

    draft_id: Mapped[int] = mapped_column(ForeignKey("invoice_draft.id", ondelete="CASCADE"))
    position: Mapped[int]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    is_vat_exempt: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    text: Mapped[str] = mapped_column(default="", server_default="")
    quantity_milli: Mapped[int]
    unit_price_ore: Mapped[int]
    discount_ore: Mapped[int] = mapped_column(default=0, server_default="0")
