"""Which form field a column gets: ours for money, dates, telephone numbers, e-mail addresses and look-ups."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask_admin.contrib.sqla.form import AdminModelConverter
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from gecko.db import db
from gecko.operations import visibility

from .fields import DanishDateField, EmailField, LookupField, MoneyField, PhoneField
from .login import principal

PHONES = frozenset({"phone", "mobile", "telephone"})
EMAILS = frozenset({"email"})
LONG_TEXTS = frozenset({"note", "important_note", "text"})


def _blank_is_none(value: Any) -> Any:
    return value or None


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class GeckoModelConverter(AdminModelConverter):
    """Chooses by the column's type and name. A view may say more: `form_choices` and `form_lookups`.

    form_lookups: {foreign key column: endpoint of the grid to search}; a foreign key without one becomes a select
    of all rows of its (small) table.
    """

    def get_converter(self, column: Any) -> Callable[..., Any] | None:
        """The function that makes a column's field."""
        if column.foreign_keys:
            return self._reference
        kind = column.type.python_type.__name__ if column.type.__class__.__name__ != "JSON" else "dict"
        makers = {"int": self._number, "str": self._text, "date": self._date, "bool": self._switch}
        if getattr(column.type, "enum_class", None) is not None:
            return self._choice
        return makers.get(kind) or super().get_converter(column)

    def _get_field_override(self, name: str) -> Callable[..., Any] | None:
        override = super()._get_field_override(name)
        choices = (getattr(self.view, "form_choices", None) or {}).get(name)
        if override is not None or choices is None:
            return override
        return partial(self._listed, name, choices)

    def _listed(self, name: str, choices: Any, **field_args: Any) -> Any:
        column = self.view.model.__table__.c[name]
        kind = getattr(column.type, "enum_class", None) or column.type.python_type
        field_args.pop("filters", None)
        blank = [SelectChoice("", _("None"))] if column.nullable else []
        return SelectField(
            choices=[*blank, *(SelectChoice(getattr(value, "value", value), label) for value, label in choices)],
            coerce=partial(_coerced, kind),
            **field_args,
        )

    def _number(self, *, column: Any, field_args: dict[str, Any], **_more: Any) -> Any:
        field = MoneyField if column.name.endswith("_ore") else IntegerField
        return field(**field_args)

    def _text(self, *, column: Any, field_args: dict[str, Any], **_more: Any) -> Any:
        name = column.name
        if name in PHONES:
            return PhoneField(**field_args)
        if name in EMAILS:
            return EmailField(**field_args)
        filters = [*field_args.pop("filters", []), _stripped, *([_blank_is_none] if column.nullable else [])]
        field = TextAreaField if name in LONG_TEXTS else StringField
        return field(filters=filters, **field_args)

    def _date(self, *, field_args: dict[str, Any], **_more: Any) -> Any:
        return DanishDateField(**field_args)

    def _switch(self, *, field_args: dict[str, Any], **_more: Any) -> Any:
        field_args["validators"] = [v for v in field_args["validators"] if not isinstance(v, InputRequired)]
        return BooleanField(**field_args)

    def _choice(self, *, prop: Any, column: Any, field_args: dict[str, Any], **_more: Any) -> Any:
        return self._listed(column.name, [(member, member.value) for member in column.type.enum_class], **field_args)

    def _reference(self, *, prop: Any, column: Any, field_args: dict[str, Any], **_more: Any) -> Any:
        endpoint = (getattr(self.view, "form_lookups", None) or {}).get(prop.key)
        field_args.pop("filters", None)
        if endpoint:
            return LookupField(endpoint=endpoint, **field_args)
        target = _target_of(prop)
        return SelectField(
            choices=lambda: _rows_of(target, blank=column.nullable),
            coerce=_id_or_none,
            **field_args,
        )


def _coerced(kind: type, value: Any) -> Any:
    if value is None or value in ("", "None"):
        return None
    return value if isinstance(value, kind) else kind(value)


def _id_or_none(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


def _target_of(prop: Any) -> Any:
    table = next(iter(prop.columns[0].foreign_keys)).column.table
    return next(mapper.class_ for mapper in prop.parent.registry.mappers if mapper.local_table is table)


def _rows_of(model: Any, *, blank: bool) -> list[SelectChoice]:
    statement = visibility.narrowed(model, select(model), principal())
    rows = sorted(db.session.scalars(statement), key=str)
    return [*([SelectChoice("", _("None"))] if blank else []), *(SelectChoice(str(row.id), str(row)) for row in rows)]
