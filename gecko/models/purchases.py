"""Ad hoc purchases: what a customer bought through another system. No receipt, no payment, no stock, no ledger."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, Identified

if TYPE_CHECKING:
    from .customers import Customer
    from .items import Item


class AdHocPurchase(Identified, Created, Base):
    """A purchase typed in afterwards; it is undone by one reversing row, never changed."""

    __tablename__ = "ad_hoc_purchase"
    __table_args__ = (
        Index("ix_ad_hoc_purchase_customer", "customer_id", "purchased_on", "id"),
        Index("ix_ad_hoc_purchase_day", "purchased_on", "customer_id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    purchased_on: Mapped[date]
    source_text: Mapped[str | None]
    total_ore: Mapped[int]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ad_hoc_purchase.id"), unique=True)
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    customer: Mapped[Customer] = relationship()
    lines: Mapped[list[AdHocLine]] = relationship(back_populates="purchase", order_by="AdHocLine.position")


class AdHocLine(Identified, Base):
    """An item of an ad hoc purchase, as it was called and priced then; quantity in thousandths."""

    __tablename__ = "ad_hoc_line"
    __table_args__ = (
        UniqueConstraint("purchase_id", "position"),
        CheckConstraint("quantity_milli <> 0", name="quantity"),
    )

    purchase_id: Mapped[int] = mapped_column(ForeignKey("ad_hoc_purchase.id"))
    position: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    item_no: Mapped[str]
    text: Mapped[str]
    quantity_milli: Mapped[int]
    unit_price_ore: Mapped[int]
    total_ore: Mapped[int]

    purchase: Mapped[AdHocPurchase] = relationship(back_populates="lines")
    item: Mapped[Item] = relationship()
