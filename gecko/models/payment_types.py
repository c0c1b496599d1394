"""How money came in or went out."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Versioned


class PaymentMeans(StrEnum):
    """What a payment type is by nature."""

    BANK = "bank"
    CASH = "cash"
    CARD = "card"
    MOBILE = "mobile"
    PREPAYMENT = "prepayment"  # of what was prepaid; one type, made with the installation
    OTHER = "other"


class PaymentType(Versioned, Base):
    """A way to pay that staff choose from; account_no: the account it is posted to in the bookkeeping."""

    __tablename__ = "payment_type"

    name: Mapped[str] = mapped_column(unique=True)
    means: Mapped[PaymentMeans]
    account_no: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))

    def __str__(self) -> str:
        return self.name
