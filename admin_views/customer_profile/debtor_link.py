"""Who pays for the customer: link, remove the link, or make a debtor of the customer."""

from __future__ import annotations

from flask import flash, request
from flask_babel import gettext as _
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.errors import Invalid
from gecko.models.debtors import Debtor
from gecko.operations import customers, debtor_links, visibility

from .information import DebtorForm
from .tabs import Profile


def link(profile: Profile) -> None:
    """Let a debtor that exists pay for the customer."""
    form, customer_id = DebtorForm(request.form), profile.customer.id
    if not form.validate() or not form.debtor_id.data:
        raise Invalid("Choose a debtor.")
    debtor_id = form.debtor_id.data
    with transaction():
        customers.find(customer_id, profile.principal)
        statement = select(Debtor.id).where(Debtor.id == debtor_id, Debtor.deleted_at.is_(None))
        if db.session.scalar(visibility.debtors(statement, profile.principal)) is None:
            raise Invalid("Choose a debtor.")
        debtor_links.link(customer_id, debtor_id)
    flash(_("The debtor is linked to the customer."), "success")


def unlink(profile: Profile) -> None:
    """End the link; postings stay with the debtor."""
    customer_id = profile.customer.id
    with transaction():
        customers.find(customer_id, profile.principal)
        debtor_links.unlink(customer_id)
    flash(_("The link to the debtor is removed. Postings stay with the debtor."), "success")


def create(profile: Profile) -> None:
    """Make a debtor with the customer's particulars."""
    customer_id = profile.customer.id
    with transaction():
        customers.find(customer_id, profile.principal)
        name = debtor_links.create_for_customer(customer_id).display_name
    flash(_("The debtor “%(name)s” is created and linked.", name=name), "success")
