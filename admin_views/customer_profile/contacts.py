"""The tab Contacts: people around the customer, linked or made here."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy import func, select
from wtforms import Form

from gecko.db import transaction
from gecko.errors import GeckoError, Invalid
from gecko.language import _ as lazy
from gecko.models.contacts import Contact, CustomerContact
from gecko.operations import contacts
from gecko.permissions import Permission

from ..fields import LookupField
from ..grid.records import read_id
from ..guard import message_of
from .tabs import Profile


class LinkForm(Form):
    """Which contact to link."""

    contact_id = LookupField(lazy("Contact"), endpoint="contacts")


_FIELDS = ("name", "mobile", "telephone", "email", "address", "note")


def count(profile: Profile) -> Any:
    """How many living contacts the customer has."""
    return (
        select(func.count())
        .select_from(CustomerContact)
        .join(Contact, Contact.id == CustomerContact.contact_id)
        .where(CustomerContact.customer_id == profile.customer.id, Contact.deleted_at.is_(None))
        .scalar_subquery()
    )


def render(profile: Profile, typed: Any = None, error: GeckoError | None = None) -> str:
    """The customer's contacts, and the forms to link or make one."""
    return render_template(
        "customer_profile/contacts.html",
        profile=profile,
        customer=profile.customer,
        links=contacts.of_customer(profile.customer.id),
        contact_field=LinkForm().contact_id,
        may_edit=profile.may(Permission.CONTACT_EDIT),
        typed=typed or {},
        error=message_of(error) if error else "",
        blamed=getattr(error, "field", None),
    )


def link(profile: Profile) -> None:
    """Link a contact that exists, or change who it is to the customer."""
    form = LinkForm(request.form)
    if not form.validate() or not form.contact_id.data:
        raise Invalid("Choose a contact.")
    contact_id = form.contact_id.data
    customer_id = profile.customer.id
    with transaction():
        contacts.link(customer_id, contact_id, relation=request.form.get("relation"), principal=profile.principal)
    flash(_("The contact is linked."), "success")


def create(profile: Profile) -> Any:
    """Make a contact and link it."""
    values = {field: request.form.get(field, "") for field in _FIELDS}
    values["receives_copy"] = bool(request.form.get("receives_copy"))
    customer_id = profile.customer.id
    try:
        with transaction():
            contact = contacts.create(values)
            contacts.link(customer_id, contact.id, relation=request.form.get("relation"), principal=profile.principal)
    except Invalid as error:
        return render(profile, request.form, error), 422
    flash(_("“%(name)s” is created.", name=values["name"]), "success")
    return None


def unlink(profile: Profile) -> None:
    """Part a contact from the customer."""
    contact_id, customer_id = read_id(request.form.get("contact_id")) or 0, profile.customer.id
    with transaction():
        contacts.unlink(customer_id, contact_id, principal=profile.principal)
    flash(_("The contact no longer belongs to the customer; it still exists."), "success")
