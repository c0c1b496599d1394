"""Customers: the list; each row leads to the customer's profile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from flask import g, redirect, url_for
from flask_admin import expose
from flask_babel import gettext, ngettext
from sqlalchemy import or_, select

from gecko.db import db
from gecko.language import _
from gecko.models.customer_fields import FormContext
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer, Gender
from gecko.models.markings import CustomerMarking, Marking
from gecko.operations import (
    booking_lists,
    customer_secrets,
    customers,
    field_policies,
    name_counts,
    survivors,
    visibility,
)
from gecko.operations.audit_words import CHOICES
from gecko.permissions import Permission

from . import customer_cells
from .base import GridView, holds, principal
from .customer_creating import Creating
from .customer_filters import HasImportantNote, HasMarking, Missing
from .grid import filters
from .grid.bulk import BulkPage
from .grid.source import searched

_LANGUAGES = (("da", _("Danish")), ("en", _("English")))


class CustomersView(Creating, GridView):
    """Every customer the user may see; those of inactive groups only where the filter asks for their group."""

    model = Customer
    slug = "customers"
    title = _("Customers")
    icon = "users"
    permission = Permission.CUSTOMER_VIEW
    create_permission = Permission.CUSTOMER_CREATE
    edit_permission = Permission.CUSTOMER_EDIT
    delete_permission = Permission.CUSTOMER_DELETE
    export_permission = Permission.CUSTOMER_EXPORT

    list_template = "customers/list.html"

    column_list = (
        "name", "number", "mobile", "email", "group", "markings", "postal_code", "city", "created_at",
    )  # fmt: skip
    column_hidden = (
        "telephone", "address", "birth_date", "gender", "language", "remind_sms", "remind_email",
        "accepts_marketing_sms", "accepts_marketing_email", "allows_open_tracking", "clips_left",
        "important_note", "last_login_at", "next_booking", "last_booking",
    )  # fmt: skip
    column_labels = {
        "name": _("Name"), "number": _("No."), "mobile": _("Mobile"), "email": _("E-mail"), "group": _("Group"),
        "group_id": _("Group"), "markings": _("Markings"), "postal_code": _("Postal code"), "city": _("City"),
        "created_at": _("Created"), "telephone": _("Telephone"), "address": _("Address"),
        "birth_date": _("Date of birth"), "gender": _("Gender"), "language": _("Language"),
        "remind_sms": _("Reminders by SMS"), "remind_email": _("Reminders by e-mail"),
        "accepts_marketing_sms": _("Newsletter by SMS"), "accepts_marketing_email": _("Newsletter by e-mail"),
        "allows_open_tracking": _("May see whether newsletters are opened"),
        "clips_left": _("Clips left"), "important_note": _("Important note"), "last_login_at": _("Last log-in"),
        "next_booking": _("Next booking"), "last_booking": _("Last booking"),
    }  # fmt: skip
    column_sortable_list = (("name", "name_sort"), "number", "email", "mobile", "postal_code", "city", "created_at")
    column_default_sort = "name"
    column_places = {"name": name_counts.place}
    has_edit_link = False
    column_needs = {
        "": ("email", "mobile", "telephone"),
        "name": ("name", "important_note"),
        "group": ("group", "group.name"),
        "next_booking": (),
        "last_booking": (),
    }
    column_lookups: ClassVar[Any] = {customer_cells.bookings: ("next_booking", "last_booking")}
    column_choices = {
        "gender": tuple((kind, CHOICES[kind]) for kind in Gender),
        "language": _LANGUAGES,
    }
    column_formatters = {"name": customer_cells.name}
    column_filters = (
        filters.Relation("group_id", target=CustomerGroup),
        HasMarking("marking", _("Marking"), column=CustomerMarking.marking_id, target=Marking),
        filters.Text("city"),
        filters.Text("postal_code", match="begins"),
        filters.DateRange("created_at"),
        filters.Choice("language", choices=_LANGUAGES),
        filters.Boolean("remind_sms"),
        filters.Boolean("remind_email"),
        filters.Boolean("accepts_marketing_sms"),
        filters.Boolean("accepts_marketing_email"),
        HasImportantNote("important", _("Important note"), column=Customer.important_note),
        Missing("missing", _("Missing information"), column=Customer.email),
    )
    form_columns = (
        "number", "name", "group_id", "address", "postal_code", "city", "mobile", "telephone", "email", "language",
        "remind_sms", "remind_email", "accepts_marketing_sms", "accepts_marketing_email",
    )  # fmt: skip
    form_choices = {"language": _LANGUAGES}
    inline_columns = ("number", "mobile", "email", "postal_code", "city")
    bulk_edit_columns = ("group_id", "language", "remind_sms", "remind_email")

    def scope(self, statement: Any) -> Any:
        """Limited users see their own groups."""
        return visibility.customers(statement, principal())

    def source(self, state: Any) -> Any:
        """A whole CPR number finds its customer exactly; inactive groups are left out unless asked for.

        What led to a customer who was merged since, a number or an address, leads to the one who absorbed them.
        """
        by_cpr = customer_secrets.search_rule(state.search.strip()) if state.search else None
        former = survivors.known_as(state.search.strip()) if state.search and by_cpr is None else []
        found, applied = super().source(replace(state, search="") if by_cpr is not None or former else state)
        rules = [] if by_cpr is None else [by_cpr]
        if former:
            is_former = self.table.c.id.in_(former)
            found.conditions += [
                (or_(self.table.c.id.in_(self._ids(index)), is_former), or_(row, is_former))
                for index, row in searched(self.table, state.search, self.dialect)
            ]
        if not any(one.name == "group_id" for one in applied) and (inactive := _inactive_groups()):
            rules.append(self.table.c.group_id.not_in(inactive))
        found.conditions += [(rule, rule) for rule in rules]
        return found, applied

    def _ids(self, condition: Any) -> Any:
        """A search as a list of ids: the full-text table cannot be asked within an `OR`."""
        return select(self.table.c.id).where(condition).correlate(None)

    def row_values(self, rows: list[Any]) -> dict[str, dict[int, Any]]:
        """Markings and failing addresses of the page, one query each."""
        return customer_cells.row_values(rows)

    def row_url(self, row: Any) -> str | None:
        """The profile; a deleted customer has none until it is restored."""
        if row.deleted_at:
            return None
        if "profile_url" not in g:  # asked for every row of a page
            g.profile_url = url_for("customer_profile.index", customer_id=0).rpartition("0")
        before, _zero, after = g.profile_url
        return f"{before}{row.id}{after}"

    def edit_url(self, row: Any) -> str:
        """The profile is where a customer is edited."""
        return self.row_url(row)

    @expose("/details/")
    def details_view(self) -> Any:
        """The profile."""
        return redirect(self.row_url(self.one_or_404()))

    @expose("/edit/")
    def edit_view(self) -> Any:
        """The profile."""
        self.demand(self.edit_permission)
        return redirect(self.row_url(self.one_or_404()))

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """By the one operation that changes customers; the form's policy holds here as well."""
        policy = field_policies.get(FormContext.BACKEND)
        return customers.update(row.id, values, row_version=row.row_version, principal=principal(), policy=policy)

    def delete_effect(self, row: Any) -> list[str]:
        """What stays in the calendars, for those who may see it."""
        coming = booking_lists.number_active(row.id) if holds(Permission.BOOKING_VIEW) else 0
        text = ngettext(
            "%(num)d active booking stays in the calendar.", "%(num)d active bookings stay in the calendar.", coming
        )
        return [text] if coming else []

    def perform_delete(self, row: Any) -> None:
        """Hide the customer."""
        customers.delete(row.id, principal=principal())

    def perform_restore(self, row: Any) -> None:
        """Bring the customer back."""
        customers.restore(row.id, principal=principal())

    def bulk_pages(self) -> dict[str, BulkPage]:
        """Letters and newsletters to many."""
        return {
            "letters": BulkPage(_("Mail merge"), Permission.MESSAGE_BULK, "letter_merges.choose"),
            "newsletter": BulkPage(
                _("Write a newsletter to them"), Permission.MESSAGE_BULK, "campaigns.from_list_view"
            ),
        }

    def search_placeholder(self) -> str:
        """What can be searched for."""
        return gettext("Name, number, telephone, e-mail")

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("Create customer")

    def lookup_text(self, row: Any) -> str:
        """Name with number, and city."""
        parts = [row.name, f"({row.number})" if row.number else "", row.city or ""]
        return " ".join(part for part in parts if part)


def _inactive_groups() -> list[int]:
    return list(db.session.scalars(select(CustomerGroup.id).where(CustomerGroup.is_active.is_(False))))
