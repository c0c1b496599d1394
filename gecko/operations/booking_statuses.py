"""Booking statuses: the company's own labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select

from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..language import _
from ..models.bookings import Booking, BookingStatus
from .markings import COLOURS
from .names import require_unused_name


def create(values: Mapping[str, Any]) -> BookingStatus:
    """Add a status."""
    status = BookingStatus(name=require_unused_name(BookingStatus, values.get("name")))
    _fill(status, values)
    db.session.add(status)
    db.session.flush()
    return status


def change(status_id: int, values: Mapping[str, Any], *, row_version: int | None = None) -> BookingStatus:
    """Change a status, on every booking that carries it."""
    status = _get(status_id)
    if row_version is not None and status.row_version != row_version:
        raise Conflict
    if "name" in values:
        status.name = require_unused_name(BookingStatus, values["name"], but=status_id)
    _fill(status, values)
    db.session.flush()
    return status


def _fill(status: BookingStatus, values: Mapping[str, Any]) -> None:
    if "colour" in values:
        if values["colour"] not in COLOURS:
            raise Invalid("“%(text)s” is not one of the choices.", field="colour", text=str(values["colour"]))
        status.colour = values["colour"]
    if "position" in values:
        status.position = values["position"] or 0


def delete(status_id: int) -> None:
    """Delete a status that no booking carries."""
    status = _get(status_id)
    if db.session.scalar(select(exists().where(Booking.status_id == status_id))):
        raise Invalid(_("Bookings carry the status %(name)s; give them another one first."), name=status.name)
    db.session.delete(status)
    db.session.flush()


def listed() -> list[BookingStatus]:
    """Every status in the order of the set-up."""
    return list(db.session.scalars(select(BookingStatus).order_by(BookingStatus.position, BookingStatus.id)))


def _get(status_id: int) -> BookingStatus:
    status = db.session.get(BookingStatus, status_id)
    if status is None:
        raise NotFound
    return status
