"""Custom fields: what an installation asks its customers beyond the built-in fields."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from wtforms import SelectChoice, SelectField
from wtforms.fields import SelectMultipleField, TextAreaField

from gecko.db import db
from gecko.language import _
from gecko.models.customer_fields import CustomerField, FieldType
from gecko.models.customer_groups import CustomerGroup
from gecko.operations import customer_fields
from gecko.operations.audit_words import CHOICES
from gecko.permissions import Permission

from .base import GridView


def _group_choices() -> list[SelectChoice]:
    rows = db.session.execute(select(CustomerGroup.id, CustomerGroup.name).order_by(CustomerGroup.name))
    return [SelectChoice(group_id, name) for group_id, name in rows]


class CustomerFieldsView(GridView):
    """All custom fields; a field's type is settled when it is made."""

    model = CustomerField
    slug = "customer-fields"
    title = _("Customer fields")
    icon = "forms"
    permission = Permission.CUSTOMER_SETUP
    create_permission = Permission.CUSTOMER_SETUP
    edit_permission = Permission.CUSTOMER_SETUP
    delete_permission = Permission.CUSTOMER_SETUP

    column_list = ("name", "type", "groups", "show_create", "show_profile", "is_required", "position")
    column_hidden = ("is_sensitive", "alert_text", "choices", "created_at")
    column_labels = {
        "name": _("Name"), "type": _("Type"), "groups": _("Groups"), "group_ids": _("Groups"),
        "all_groups": _("For all groups"), "show_create": _("Shown when a customer is created"),
        "show_profile": _("Shown on the profile"), "is_required": _("Required"), "is_sensitive": _("Sensitive"),
        "position": _("Position"),
        "alert_text": _("Text when empty"), "choices": _("Choices"), "created_at": _("Created"),
    }  # fmt: skip
    column_needs = {"groups": ("all_groups", "groups")}
    column_choices = {"type": tuple((kind, CHOICES[kind]) for kind in FieldType)}
    form_columns = (
        "name", "type", "choices", "all_groups", "group_ids", "show_create", "show_profile", "is_required",
        "alert_text", "is_sensitive", "position",
    )  # fmt: skip
    form_extra_fields = {
        "type": SelectField(_("Type"), choices=[SelectChoice(str(kind), CHOICES[kind]) for kind in FieldType]),
        "choices": TextAreaField(_("Choices"), description=_("For a choice: one on each line."), render_kw={"rows": 4}),
        "group_ids": SelectMultipleField(_("Groups"), coerce=int, choices=_group_choices),
    }
    form_args = {
        "alert_text": {"description": _("Shown when a required field is left empty.")},
        "is_sensitive": {"description": _("Health and the like: answers are kept out of text messages.")},
    }

    def _groups(self, _context: Any, row: Any, _name: str) -> str:
        return gettext("All") if row.all_groups else ", ".join(sorted(group.name for group in row.groups))

    column_formatters = {"groups": _groups}

    def bind_form(self, form_class: type[Any], formdata: Any, row: Any = None) -> Any:
        """The groups by their ids; the type cannot be chosen anew."""
        form = form_class(formdata, obj=row, data={"group_ids": [group.id for group in row.groups] if row else []})
        if row is not None:
            form.type.data = str(row.type)
            form.type.choices = [SelectChoice(str(row.type), CHOICES[row.type])]
            form.type.description = gettext("The type cannot be changed. Make a new field and delete this one.")
        return form

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a field; without a position it stands last."""
        return customer_fields.create(
            {key: value for key, value in values.items() if (key, value) != ("position", None)}
        )

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change everything but the type."""
        return customer_fields.change(row.id, values, row_version=row.row_version)

    def perform_delete(self, row: Any) -> None:
        """Take the field out of all forms."""
        customer_fields.delete(row.id)

    def perform_restore(self, row: Any) -> None:
        """Bring the field back with its answers."""
        customer_fields.restore(row.id)

    def delete_effect(self, row: Any) -> list[str]:
        """What happens to the answers."""
        return [gettext("The field leaves all forms. What customers answered is kept and comes back with the field.")]

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("Create customer field")
