"""Choosing several records of a small table by ticking them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from wtforms import SelectChoice, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from gecko.db import db
from gecko.models.customer_groups import CustomerGroup
from gecko.operations import access_templates, roles

from .roles import role_name


class CheckboxListField(SelectMultipleField):
    """A list of ticks over record ids; a record's relation is read as the ids of its rows."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any = None, validators: Any = None, **kw: Any) -> None:
        super().__init__(label, validators, coerce=int, **kw)

    def process_data(self, value: Any) -> None:
        """Read rows or ids."""
        self.data = [row if isinstance(row, int) else row.id for row in value or ()]


class TemplateField(SelectField):
    """One access template, or none."""

    def __init__(self, label: Any = None, validators: Any = None, **kw: Any) -> None:
        super().__init__(label, validators, coerce=int, choices=template_choices, **kw)

    def process_data(self, value: Any) -> None:
        """Read a row, an id or nothing."""
        self.data = value if isinstance(value, int) else (value.id if value else 0)


def role_choices() -> list[SelectChoice]:
    """Every role, the super administrator first."""
    return [SelectChoice(role.id, role_name(role)) for role in roles.listed()]


def group_choices() -> list[SelectChoice]:
    """Every customer group."""
    statement = select(CustomerGroup.id, CustomerGroup.name).order_by(CustomerGroup.name)
    return [SelectChoice(row.id, row.name) for row in db.session.execute(statement)]


def template_choices() -> list[SelectChoice]:
    """Every access template, and none."""
    return [SelectChoice(0, "–"), *(SelectChoice(template.id, template.name) for template in access_templates.listed())]
