"""Which built-in fields each customer form shows and demands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ..db import db
from ..errors import Invalid, NotAllowed
from ..language import _
from ..models.customer_fields import FieldPolicy, FormContext
from . import settings

PHONE_RULE = "customer.phone_required"
# Fields an installation may hide or demand; the name and the group are always there.
LABELS: dict[str, Any] = {
    "important_note": _("Important note"),
    "number": _("No."),
    "address": _("Address"),
    "postal_code": _("Postal code"),
    "city": _("City"),
    "mobile": _("Mobile"),
    "telephone": _("Telephone"),
    "email": _("E-mail"),
    "birth_date": _("Date of birth"),
    "cpr": _("Social security number"),
    "gender": _("Gender"),
    "language": _("Language"),
    "remind_sms": _("Reminders by SMS"),
    "remind_email": _("Reminders by e-mail"),
    "accepts_marketing_sms": _("Newsletter by SMS"),
    "accepts_marketing_email": _("Newsletter by e-mail"),
    "allows_open_tracking": _("May see whether newsletters are opened"),
    "note": _("Note"),
    "clips_left": _("Clips left"),
    "right_of_access": _("Right of access"),
    "password": _("Password"),
}
# Ticks and choices with a default are always answered: they cannot be demanded.
DEMANDABLE = frozenset(
    {"important_note", "number", "address", "postal_code", "city", "mobile", "telephone", "email", "birth_date", "cpr",
     "gender", "note"}
)  # fmt: skip
_ALWAYS = frozenset({"name", "group_id"})


@dataclass(frozen=True, slots=True)
class Policy:
    """What one form shows and demands."""

    hidden: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    phone_required: bool = True

    def shows(self, field: str) -> bool:
        """Whether the form has the field."""
        return field not in self.hidden

    def refuse_hidden(self, fields: Collection[str]) -> None:
        """Raise NotAllowed where a value was sent for a field this form does not have."""
        named = {"password" if field == "password_hash" else field for field in fields}
        if stray := self.hidden.intersection(named) - _ALWAYS:
            raise NotAllowed("The field %(field)s is not part of this form.", field=sorted(stray)[0])

    def demand(self, values: Mapping[str, Any], fields: Collection[str], *, phone: bool) -> None:
        """Raise Invalid where one of `fields` is required and empty; `phone`: whether that rule is asked as well."""
        for field in sorted(self.required.intersection(fields)):
            if values.get(field) in (None, "", "unknown"):
                raise Invalid("This field must be filled in.", field=field)
        if phone and self.phone_required:
            self._demand_phone(values)

    def _demand_phone(self, values: Mapping[str, Any]) -> None:
        forms = [field for field in ("mobile", "telephone") if self.shows(field)]
        if forms and not values.get("mobile") and not values.get("telephone"):
            raise Invalid("Fill in a mobile or a telephone number.", field=forms[0])


OPEN = Policy(phone_required=False)


def get(context: FormContext) -> Policy:
    """The policy of one form as stored; without rows everything is shown and nothing but a telephone demanded."""
    rows = db.session.scalars(select(FieldPolicy).where(FieldPolicy.context == context)).all()
    return Policy(
        hidden=frozenset(row.field for row in rows if not row.is_shown and row.field not in _ALWAYS),
        required=frozenset(row.field for row in rows if row.is_required),
        phone_required=phone_rule(),
    )


def phone_rule() -> bool:
    """Whether a customer needs a mobile or a telephone number."""
    return bool(settings.get(PHONE_RULE, True))


def put(context: FormContext, *, shown: Collection[str], required: Collection[str]) -> None:
    """Store what one form shows and demands; what is demanded is shown."""
    if unknown := (set(shown) | set(required)) - LABELS.keys():
        raise Invalid("“%(text)s” is not one of the choices.", text=sorted(unknown)[0])
    stored = {row.field: row for row in db.session.scalars(select(FieldPolicy).where(FieldPolicy.context == context))}
    for field in LABELS:
        is_required = field in required and field in DEMANDABLE
        is_shown = field in shown or is_required
        row = stored.get(field)
        if row is None:
            db.session.add(FieldPolicy(context=context, field=field, is_shown=is_shown, is_required=is_required))
        elif (row.is_shown, row.is_required) != (is_shown, is_required):
            row.is_shown, row.is_required = is_shown, is_required


def put_phone_rule(is_on: bool) -> None:
    """Switch the rule “mobile or telephone” on or off."""
    settings.put(PHONE_RULE, is_on)
