"""Marketing triggers: what a customer is written to by itself, when an occasion comes."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, Created, SoftDeleted, Versioned

if TYPE_CHECKING:
    from .customer_groups import CustomerGroup
    from .people import StaffUser
    from .texts import MessageTemplate


class Occasion(StrEnum):
    """What sets a trigger off."""

    BIRTHDAY = "birthday"
    BIRTH_MONTH = "birth_month"
    NOT_SEEN = "not_seen"  # so many days after the last booking or purchase, with none to come
    FIRST_VISIT = "first_visit"  # so many days after the first booking
    CHOSEN_DATE = "chosen_date"


COUNTING = (Occasion.NOT_SEEN, Occasion.FIRST_VISIT)
"""The occasions that come so many days after something."""
WEEKDAYS = ("on_monday", "on_tuesday", "on_wednesday", "on_thursday", "on_friday", "on_saturday", "on_sunday")


class MarketingTrigger(Versioned, SoftDeleted, Created, Base):
    """A trigger; only an approved one writes anything, and only to those who agreed to marketing over that channel.

    days: of the occasions that count. on_monday to on_sunday: when it may write; what falls on another day comes on the
    next one that it may. waiting_days: nobody gets it twice within so many days. standby_days: nobody gets it within so
    many days of any other trigger. group_id: for the customers of one group alone.
    """

    __tablename__ = "marketing_trigger"
    __table_args__ = (
        CheckConstraint("trim(name) <> ''", name="name"),
        CheckConstraint("email_template_id IS NOT NULL OR sms_template_id IS NOT NULL", name="channel"),
        CheckConstraint("(days IS NOT NULL) = (occasion IN ('not_seen', 'first_visit'))", name="days"),
        CheckConstraint("(on_date IS NOT NULL) = (occasion = 'chosen_date')", name="date"),
        CheckConstraint("waiting_days >= 0 AND standby_days >= 0", name="periods"),
        CheckConstraint("is_approved = (approved_at IS NOT NULL)", name="approved"),
        Index("ix_marketing_trigger_name", "name", "id"),
    )

    name: Mapped[str]
    occasion: Mapped[Occasion]
    days: Mapped[int | None]
    on_date: Mapped[date | None]
    email_template_id: Mapped[int | None] = mapped_column(ForeignKey("message_template.id"))
    sms_template_id: Mapped[int | None] = mapped_column(ForeignKey("message_template.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"))
    on_monday: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    on_tuesday: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    on_wednesday: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    on_thursday: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    on_friday: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    on_saturday: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    on_sunday: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    waiting_days: Mapped[int] = mapped_column(default=30, server_default="30")
    standby_days: Mapped[int] = mapped_column(default=7, server_default="7")
    is_approved: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    group: Mapped[CustomerGroup | None] = relationship()
    email_template: Mapped[MessageTemplate | None] = relationship(foreign_keys=[email_template_id])
    sms_template: Mapped[MessageTemplate | None] = relationship(foreign_keys=[sms_template_id])
    approved_by: Mapped[StaffUser | None] = relationship()

    def goes_on(self, day: date) -> bool:
        """Whether it may write on that day of the week."""
        return bool(getattr(self, WEEKDAYS[day.weekday()]))

    def __str__(self) -> str:
        return self.name
