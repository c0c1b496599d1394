"""Addresses that could not be reached; the flag belongs to the address, not to a customer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from ..channels import Channel as Channel
from ..db import Base


class AddressFailure(Base):
    """A delivery to this address failed for good; shown as an orange mark wherever the address stands."""

    __tablename__ = "address_failure"

    channel: Mapped[Channel] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)  # normalised: lower-case e-mail, E.164 number
    reason: Mapped[str]
    failed_at: Mapped[datetime]
