"""The form of a customer, for creating and for the profile: built from the policy and the custom fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import BooleanField, Field, Form, PasswordField, SelectChoice, SelectField, StringField, TextAreaField

from gecko import phones
from gecko.errors import Invalid
from gecko.models.customer_fields import CustomerField, FieldType
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer, Gender
from gecko.operations import customer_field_values, customer_values
from gecko.operations.audit_words import CHOICES
from gecko.operations.field_policies import LABELS, Policy

from ..grid.records import read_id
from ..guard import message_of

GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        "person",
        ("important_note", "name", "number", "group_id", "birth_date", "cpr", "cpr_remove", "gender", "language"),
    ),
    ("address", ("address", "postal_code", "city", "mobile", "telephone", "email")),
    (
        "consent",
        (
            "remind_sms",
            "remind_email",
            "accepts_marketing_sms",
            "accepts_marketing_email",
            "allows_open_tracking",
            "right_of_access",
        ),
    ),
    ("notes", ("note", "clips_left", "password", "password_remove")),
)
_TICKS = frozenset(
    {
        "remind_sms", "remind_email", "accepts_marketing_sms", "accepts_marketing_email", "allows_open_tracking",
        "right_of_access",
    }
)  # fmt: skip
_TEXTS = frozenset({"note", "important_note"})
_PHONES = frozenset({"mobile", "telephone"})
_OUTSIDE_COLUMNS = frozenset({"group_id", "cpr", "cpr_remove", "password", "password_remove"})


class CustomerForm(Form):
    """The base; `build` adds the fields that this installation and context have."""

    custom: tuple[CustomerField, ...] = ()

    def plain_values(self) -> dict[str, Any]:
        """What was typed, by built-in field."""
        values = {field.name: field.data for field in self if not field.name.startswith("custom_")}
        for secret in {"cpr", "password"} & values.keys():
            values[secret] = values[secret] or ""  # left alone; only the tick beside it takes it away
            if values.pop(f"{secret}_remove", False):
                values[secret] = None
        return values

    def answers(self) -> dict[int, Any]:
        """What was answered, by id of the custom field."""
        return {field.id: self[f"custom_{field.id}"].data for field in self.custom}

    def check(self) -> bool:
        """Try every value against its rule and put what it says beside the field."""
        self.validate()
        for name, value in self.plain_values().items():
            if name not in _OUTSIDE_COLUMNS:
                self._try(name, lambda name=name, value=value: customer_values.clean_one(name, value))
        for field in self.custom:
            value = self[f"custom_{field.id}"].data
            self._try(f"custom_{field.id}", lambda field=field, value=value: customer_field_values.clean(field, value))
        return not self.errors

    def _try(self, name: str, rule: Any) -> None:
        try:
            rule()
        except Invalid as error:
            self.blame(name, error)

    def blame(self, name: str | None, error: Any) -> None:
        """Show a refusal beside its field, or on top of the form."""
        if name and name in self:
            self[name].errors = [*self[name].errors, message_of(error)]
        else:
            self.form_errors.append(message_of(error))


def build(
    policy: Policy,
    custom: list[CustomerField],
    groups: list[CustomerGroup],
    *,
    has_cpr: bool,
    creating: bool = False,
) -> type[CustomerForm]:
    """The form class for one page: hidden fields do not exist in it, so they cannot be posted."""
    fields: dict[str, Any] = {"custom": tuple(custom)}
    for _heading, names in GROUPS:
        for name in names:
            if _exists(name, policy, has_cpr=has_cpr, creating=creating):
                fields[name] = _built_in(name, groups)
    for field in custom:
        fields[f"custom_{field.id}"] = _custom(field)
    made: type[CustomerForm] = type("BuiltCustomerForm", (CustomerForm,), fields)
    return made


def _exists(name: str, policy: Policy, *, has_cpr: bool, creating: bool) -> bool:
    if name.startswith("cpr") and not has_cpr:
        return False
    if name.endswith("_remove"):
        return not creating and policy.shows(name.removesuffix("_remove"))
    return policy.shows(name)


def _built_in(name: str, groups: list[CustomerGroup]) -> Any:
    if name == "group_id":
        choices = [SelectChoice(group.id, group.name) for group in groups]
        return SelectField(_("Customer group"), coerce=_number, choices=choices, validate_choice=False)
    label = {"name": _("Name"), "cpr_remove": _("Remove the number"), "password_remove": _("Remove the password")}.get(
        name
    )
    label = label or str(LABELS[name])
    if name in _TICKS or name.endswith("_remove"):
        return BooleanField(label)
    if name == "gender":
        return SelectField(
            label, choices=_choices((str(kind), str(CHOICES[kind])) for kind in Gender), validate_choice=False
        )
    if name == "language":
        return SelectField(label, choices=_choices((("da", _("Danish")), ("en", _("English")))), validate_choice=False)
    if name in _TEXTS:
        return TextAreaField(label, render_kw={"rows": 2 if name == "important_note" else 4})
    if name == "password":
        return PasswordField(label, render_kw={"autocomplete": "new-password"})
    return StringField(label, render_kw=_HINTS.get(name, {"autocomplete": "off"}))


_HINTS: dict[str, dict[str, str]] = {
    "birth_date": {"placeholder": "31-12-1990", "inputmode": "numeric", "autocomplete": "off"},
    "cpr": {"placeholder": "311290-1234", "inputmode": "numeric", "autocomplete": "off"},
    "mobile": {"type": "tel", "autocomplete": "off"},
    "telephone": {"type": "tel", "autocomplete": "off"},
    "email": {"inputmode": "email", "autocomplete": "off", "spellcheck": "false"},
    "clips_left": {"inputmode": "numeric", "autocomplete": "off"},
    "postal_code": {"autocomplete": "off"},
}


def _number(value: Any) -> int:
    return read_id(value) or 0


def _choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def _custom(field: CustomerField) -> Any:
    if field.type is FieldType.TEXT:
        return TextAreaField(field.name, render_kw={"rows": 3})
    if field.type is FieldType.YES_NO:
        return SelectField(
            field.name, choices=_choices((("", ""), ("1", _("Yes")), ("0", _("No")))), validate_choice=False
        )
    if field.type is FieldType.CHOICE:
        choices = _choices([("", ""), *((choice, choice) for choice in customer_field_values.choices_of(field))])
        return SelectField(field.name, choices=choices, validate_choice=False)
    hint = {"placeholder": "31-12-2026"} if field.type is FieldType.DATE else {}
    return StringField(field.name, render_kw={"autocomplete": "off", **hint})


def mark_required(form: CustomerForm, policy: Policy) -> CustomerForm:
    """Tell the fields that must be filled in, for the star beside their labels."""
    required = {"name", "group_id", *policy.required} | {f"custom_{one.id}" for one in form.custom if one.is_required}
    for field in form:
        if field.name in required and not isinstance(field, BooleanField):
            field.flags.required = True
    return form


def data_of(customer: Customer, answers: Mapping[int, str], custom: list[CustomerField]) -> dict[str, Any]:
    """A customer as the form shows it."""
    data: dict[str, Any] = {
        name: getattr(customer, name) for name in [*customer_values.CLEANERS, "group_id"] if name not in _PHONES
    }
    data |= {name: phones.display(getattr(customer, name)) for name in _PHONES}
    data["gender"] = str(customer.gender)
    data["birth_date"] = f"{customer.birth_date:%d-%m-%Y}" if customer.birth_date else ""
    data |= {f"custom_{field.id}": shown_answer(field, answers.get(field.id)) for field in custom}
    return data


def shown_answer(field: CustomerField, value: str | None) -> str:
    """An answer as people type and read it."""
    if not value:
        return ""
    if field.type is FieldType.DATE:
        return f"{value[8:10]}-{value[5:7]}-{value[:4]}"
    if field.type is FieldType.NUMBER and str(get_locale() or "da") == "da":
        return value.replace(".", ",")
    return value


def headings() -> dict[str, str]:
    """What the groups of fields are called."""
    return {
        "person": _("Person"),
        "address": _("Address and contact"),
        "consent": _("Reminders and consent"),
        "notes": _("Note and access"),
    }


def grouped(form: CustomerForm) -> list[tuple[str, list[Field]]]:
    """The form's fields under their headings; custom fields last."""
    words = headings()
    groups = [(words[key], [form[name] for name in names if name in form]) for key, names in GROUPS]
    groups.append((_("Own fields"), [form[f"custom_{field.id}"] for field in form.custom]))
    return [group for group in groups if group[1]]
