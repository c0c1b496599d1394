"""Contacts: people around customers."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from gecko.language import _
from gecko.models.contacts import Contact
from gecko.modules import Feature, Gate
from gecko.operations import contacts, visibility
from gecko.permissions import Permission

from .base import GridView, principal
from .contact_customers import customers_of, links_of


class ContactsView(GridView):
    """Every contact of customers the user may see, and those that belong to nobody yet."""

    model = Contact
    slug = "contacts"
    title = _("Contacts")
    icon = "user-circle"
    permission = Permission.CUSTOMER_VIEW
    gate = Gate((Feature.CONTACTS,))
    create_permission = Permission.CONTACT_EDIT
    edit_permission = Permission.CONTACT_EDIT
    delete_permission = Permission.CONTACT_EDIT
    export_permission = Permission.CUSTOMER_EXPORT

    column_list = ("name", "belongs_to", "mobile", "telephone", "email", "receives_copy")
    column_hidden = ("address", "note", "created_at")
    column_labels = {
        "name": _("Name"), "belongs_to": _("Customers"), "mobile": _("Mobile"), "telephone": _("Telephone"),
        "email": _("E-mail"), "receives_copy": _("Receives a copy"), "address": _("Address"), "note": _("Note"),
        "created_at": _("Created"),
    }  # fmt: skip
    column_sortable_list = (("name", "name_sort"),)
    column_default_sort = "name"
    column_needs = {"belongs_to": ()}
    form_columns = ("name", "mobile", "telephone", "email", "address", "note", "receives_copy")

    def scope(self, statement: Any) -> Any:
        """Limited users see contacts of their own customers."""
        return visibility.contacts(statement, principal())

    def page_values(self, ids: list[int]) -> dict[str, dict[int, Any]]:
        """The customers of each contact, linked to their profiles."""
        return {"belongs_to": links_of(ids)}

    def details(self, row: Any) -> list[tuple[Any, Any]]:
        """With all customers and what the contact is to each."""
        shown = [pair for pair in super().details(row) if str(pair[0]) != str(self.column_labels["belongs_to"])]
        return [*shown, (self.column_labels["belongs_to"], customers_of(row.id) or Markup("–"))]

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a contact."""
        return contacts.create(values)

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a contact."""
        return contacts.change(row.id, values, row_version=row.row_version, principal=principal())

    def perform_delete(self, row: Any) -> None:
        """Hide a contact."""
        contacts.delete(row.id, principal=principal())

    def perform_restore(self, row: Any) -> None:
        """Bring a contact back."""
        contacts.restore(row.id)

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("Create contact")
