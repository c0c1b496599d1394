"""Items: everything sold, products and services."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, SoftDeleted, Versioned
from ..folding import search_sql, sort_sql

_LIVE = text("deleted_at IS NULL")


class ItemKind(StrEnum):
    """What is sold."""

    PRODUCT = "product"
    SERVICE = "service"


class ItemGroup(Versioned, Base):
    """A group of items, with the account that bookkeeping knows it by."""

    __tablename__ = "item_group"

    name: Mapped[str] = mapped_column(unique=True)
    account_no: Mapped[str | None]

    def __str__(self) -> str:
        return self.name


class Item(Versioned, SoftDeleted, Created, Base):
    """An item with its present price (with VAT, øre); documents keep the price they were issued at."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("price_ore >= 0", name="price"),
        CheckConstraint("trim(name) <> ''", name="name"),
        Index("ix_item_live_name", "name_sort", "id", sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    item_no: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[ItemKind]
    price_ore: Mapped[int]
    cost_ore: Mapped[int | None]
    barcode: Mapped[str | None]
    is_vat_exempt: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("item_group.id"), index=True)
    search_text: Mapped[str] = mapped_column(
        Computed(search_sql("item_no", "name", "barcode"), persisted=True), deferred=True
    )
    name_sort: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"),
        Computed(sort_sql("name"), persisted=True),
        deferred=True,
    )

    group: Mapped[ItemGroup | None] = relationship()

    def __str__(self) -> str:
        return f"{self.item_no} {self.name}"
