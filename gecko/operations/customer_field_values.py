"""What custom fields hold for a customer: typed, checked and stored as canonical text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from sqlalchemy import or_, select

from ..db import db
from ..errors import Invalid, NotAllowed
from ..models.customer_fields import CustomerField, CustomerFieldValue, FieldType, customer_field_group
from ..models.customers import Customer
from . import customer_values

_NUMBER = {
    "da": re.compile(r"^-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$"),
    "en": re.compile(r"^-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$"),
}


def fields_of_group(group_id: int | None, *, creating: bool = False) -> list[CustomerField]:
    """The custom fields that a form for this group shows, in order."""
    chosen = select(customer_field_group.c.field_id).where(customer_field_group.c.group_id == group_id)
    shown = CustomerField.show_create if creating else CustomerField.show_profile
    return list(
        db.session.scalars(
            select(CustomerField)
            .where(CustomerField.deleted_at.is_(None), shown)
            .where(or_(CustomerField.all_groups, CustomerField.id.in_(chosen)))
            .order_by(CustomerField.position, CustomerField.id)
        )
    )


def choices_of(field: CustomerField) -> list[str]:
    """The answers a choice field allows."""
    return [choice for choice in (line.strip() for line in (field.choices or "").splitlines()) if choice]


def stored(customer_ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """The canonical answers of several customers: {customer id: {field id: value}}."""
    answers: dict[int, dict[int, str]] = {}
    rows = db.session.scalars(select(CustomerFieldValue).where(CustomerFieldValue.customer_id.in_(list(customer_ids))))
    for row in rows:
        answers.setdefault(row.customer_id, {})[row.field_id] = row.value
    return answers


def write(customer: Customer, answers: Mapping[int, Any], *, creating: bool = False) -> bool:
    """Store the answers to the fields this form shows; returns whether anything changed.

    Raises NotAllowed for a field the form does not have, Invalid (field `custom_<id>`) for a wrong or missing answer.
    """
    fields = {field.id: field for field in fields_of_group(customer.group_id, creating=creating)}
    known = {
        row.field_id: row
        for row in db.session.scalars(select(CustomerFieldValue).where(CustomerFieldValue.customer_id == customer.id))
    }
    if stray := answers.keys() - fields.keys():
        raise NotAllowed("The field %(field)s is not part of this form.", field=min(stray))
    changed = False
    for field_id, field in fields.items():
        if field_id in answers or (creating and field.is_required):
            value = clean(field, answers.get(field_id))
            changed |= _store(customer.id, field_id, known.get(field_id), value)
    db.session.flush()
    return changed


def _store(customer_id: int, field_id: int, row: CustomerFieldValue | None, value: str | None) -> bool:
    if value is None:
        if row is not None:
            db.session.delete(row)
        return row is not None
    if row is None:
        db.session.add(CustomerFieldValue(customer_id=customer_id, field_id=field_id, value=value))
        return True
    changed = row.value != value
    row.value = value
    return changed


def clean(field: CustomerField, value: Any) -> str | None:
    """An answer as stored: dates as ISO text, yes/no as 1 and 0, numbers with a point; None where there is none."""
    name = f"custom_{field.id}"
    try:
        found: str | None = _CLEANERS[field.type](field, value)
    except Invalid as error:
        error.field = name
        raise
    if found is None and field.is_required:
        raise (
            Invalid("%(text)s", field=name, text=field.alert_text)
            if field.alert_text
            else Invalid("This field must be filled in.", field=name)
        )
    return found


def _date(_field: CustomerField, value: Any) -> str | None:
    if value in (None, ""):
        return None
    if isinstance(value, date):
        return value.isoformat()
    return customer_values.read_day(str(value)).isoformat()


def _number(_field: CustomerField, value: Any) -> str | None:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return format(Decimal(str(value)), "f")
    typed = (customer_values.line(value, limit=40) or "").replace(" ", "").replace("\N{MINUS SIGN}", "-")
    if not typed:
        return None
    danish = str(get_locale() or "da") == "da"
    if not _NUMBER["da" if danish else "en"].match(typed):
        raise Invalid("“%(text)s” is not a number.", text=typed)
    group, point = (".", ",") if danish else (",", ".")
    return format(Decimal(typed.replace(group, "").replace(point, ".")), "f")


def _yes_no(_field: CustomerField, value: Any) -> str | None:
    if value in (None, ""):
        return None
    if value in (True, "1", "true", "True"):
        return "1"
    if value in (False, "0", "false", "False"):
        return "0"
    raise Invalid("“%(text)s” is not one of the choices.", text=str(value))


def _choice(field: CustomerField, value: Any) -> str | None:
    found = customer_values.line(value)
    if found is not None and found not in choices_of(field):
        raise Invalid("“%(text)s” is not one of the choices.", text=found)
    return found


_CLEANERS: dict[FieldType, Any] = {
    FieldType.LINE: lambda _field, value: customer_values.line(value),
    FieldType.TEXT: lambda _field, value: customer_values.text(value),
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.YES_NO: _yes_no,
    FieldType.CHOICE: _choice,
}
