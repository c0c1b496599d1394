"""A grid of its own for the tests of the base: every feature switched on over the customer table."""

from __future__ import annotations

from flask import Flask

from admin_views.base import GridView, principal
from admin_views.grid import filters
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer, Gender
from gecko.operations import visibility
from gecko.permissions import Permission


class PeopleView(GridView):
    """Customers under another address."""

    model = Customer
    slug = "people"
    title = "People"
    permission = Permission.CUSTOMER_VIEW
    create_permission = Permission.CUSTOMER_CREATE
    edit_permission = Permission.CUSTOMER_EDIT
    delete_permission = Permission.CUSTOMER_DELETE
    export_permission = Permission.CUSTOMER_EXPORT
    column_list = ("name", "number", "email", "mobile", "city", "group", "created_at")
    column_hidden = ("postal_code", "birth_date", "clips_left", "group.description")
    column_labels = {"name": "Name", "number": "Number", "city": "City", "group": "Group", "created_at": "Created"}
    column_sortable_list = (("name", "name_sort"), "number", "city", "created_at", ("group", "group_id"))
    column_default_sort = "name"
    column_filters = (
        filters.Relation("group_id", "Group", target=CustomerGroup),
        filters.Text("city", "City"),
        filters.Text("email", "E-mail", match="contains"),
        filters.Choice("gender", "Gender", choices=[(one, one.value) for one in Gender]),
        filters.Boolean("remind_sms", "Reminders"),
        filters.DateRange("created_at", "Created"),
        filters.MoneyRange("clips_left", "Clips"),
    )
    inline_columns = ("email", "city")
    bulk_edit_columns = ("city",)
    form_columns = ("group_id", "name", "number", "email", "mobile", "city", "remind_sms")

    def scope(self, statement):
        return visibility.customers(statement, principal())


def register(app: Flask, *views: GridView) -> None:
    """Add views to an app that has served nothing yet."""
    admin = app.extensions["admin"][0]
    for view in views or (PeopleView(),):
        admin.add_view(view)
