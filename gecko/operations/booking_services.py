"""Services: what customers book, with the time they are told, the time really reserved, and the price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select

from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..language import _
from ..models.bookings import Booking, Service
from ..models.recalls import Recall, RecallTemplateService
from . import booking_rules, customer_groups, customer_values
from .names import require_unused_name


def create(values: Mapping[str, Any]) -> Service:
    """Add a service; the time reserved is the time shown where none is given."""
    service = Service(name=require_unused_name(Service, values.get("name")))
    shown, reserved = (values.get(name) for name in ("shown_minutes", "reserved_minutes"))
    _fill(service, {"price_ore": None, **values, "shown_minutes": shown, "reserved_minutes": reserved or shown})
    db.session.add(service)
    db.session.flush()
    return service


def change(service_id: int, values: Mapping[str, Any], *, row_version: int | None = None) -> Service:
    """Change a service for what is booked from now on."""
    service = db.session.get(Service, service_id)
    if service is None:
        raise NotFound
    if row_version is not None and service.row_version != row_version:
        raise Conflict
    if "name" in values:
        service.name = require_unused_name(Service, values["name"], but=service_id)
    _fill(service, values)
    db.session.flush()
    return service


def _fill(service: Service, values: Mapping[str, Any]) -> None:
    for column in ("shown_minutes", "reserved_minutes"):
        if column in values:
            setattr(service, column, booking_rules.minutes(column, values[column], None))
    if "price_ore" in values:
        service.price_ore = booking_rules.price(values["price_ore"], None)
    if "category" in values:
        service.category = customer_values.line(values["category"])
    if "group_id" in values:
        service.group_id = customer_groups.require_or_none(values["group_id"])
    for column in ("is_sensitive", "is_active"):
        if column in values:
            setattr(service, column, bool(values[column]))


def delete(service_id: int) -> None:
    """Delete a service that was never booked; others are to be made inactive."""
    service = db.session.get(Service, service_id, with_for_update={"of": Service})
    if service is None:
        raise NotFound
    if db.session.scalar(select(exists().where(Booking.service_id == service_id))):
        raise Invalid(_("The service %(name)s has been booked. Make it inactive instead."), name=service.name)
    if any(
        db.session.scalar(select(exists().where(model.service_id == service_id)))
        for model in (Recall, RecallTemplateService)
    ):
        raise Invalid(_("The service %(name)s is used in recalls. Make it inactive instead."), name=service.name)
    db.session.delete(service)
    db.session.flush()
