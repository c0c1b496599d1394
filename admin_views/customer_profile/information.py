"""The tab Customer information: see, change and save; nothing is stored until Update is pressed."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError
from wtforms import Form

from gecko import phones
from gecko.db import db, transaction
from gecko.errors import Conflict, GeckoError
from gecko.language import _ as lazy
from gecko.models.address_failures import Channel
from gecko.models.audit import AuditEntry
from gecko.models.customer_fields import CustomerField, FormContext
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.people import StaffUser
from gecko.modules import Feature, Gate, Module
from gecko.operations import (
    address_failures,
    customer_field_values,
    customer_secrets,
    customers,
    field_policies,
    purchases,
)
from gecko.operations.field_policies import Policy
from gecko.permissions import Permission

from ..fields import LookupField
from ..shell import address
from . import comparison, consents, header, information_form
from .information_form import CustomerForm
from .tabs import Profile

DEBTORS = Gate((Feature.INVOICES,))
PURCHASES = Gate((Module.CASH_REGISTER,))


class DebtorForm(Form):
    """Which debtor shall pay for the customer."""

    debtor_id = LookupField(lazy("Debtor that exists"), endpoint="debtors")


def render(profile: Profile) -> str:
    """The tab as stored."""
    form, _policy = _stored_form(profile)
    return _page(profile, form, profile.customer.row_version)


def save(profile: Profile) -> Any:
    """Save what was typed over the customer as it was read; a stale save leads to the conflict page."""
    form, policy = _typed_form(profile, request.form)
    return _save(profile, form, policy, request.form.get("row_version", type=int) or 0)


def resolve(profile: Profile) -> Any:
    """Save what was chosen on the conflict page, over the version shown there."""
    stored, _policy = _stored_form(profile)
    form, policy = _typed_form(profile, comparison.resolved(stored, request.form))
    return _save(profile, form, policy, request.form.get("row_version", type=int) or 0)


def _save(profile: Profile, form: CustomerForm, policy: Policy, row_version: int) -> Any:
    customer_id, name = profile.customer.id, profile.customer.name
    if not form.check():
        return _page(profile, form, row_version, is_dirty=True), 422
    try:
        values = customer_secrets.prepare(form.plain_values())
        with transaction():
            customers.update(
                customer_id,
                values,
                row_version=row_version,
                principal=profile.principal,
                policy=policy,
                custom=form.answers(),
            )
    except (Conflict, StaleDataError):
        return _conflict(profile, form), 409
    except GeckoError as error:
        form.blame(getattr(error, "field", None), error)
        return _page(profile, form, row_version, is_dirty=True), 422
    flash(_("“%(name)s” is updated.", name=form.plain_values().get("name", name)), "success")
    return None


def _policy_and_fields(profile: Profile) -> tuple[Policy, list[CustomerField], type[CustomerForm]]:
    policy = field_policies.get(FormContext.BACKEND)
    custom = customer_field_values.fields_of_group(profile.customer.group_id)
    has_cpr = Feature.CPR in profile.switched_on
    return policy, custom, information_form.build(policy, custom, groups_for(profile), has_cpr=has_cpr)


def groups_for(profile: Profile) -> list[CustomerGroup]:
    """The active groups the user may put the customer in, and the one it is in."""
    statement = select(CustomerGroup).where(CustomerGroup.is_active | (CustomerGroup.id == profile.customer.group_id))
    if profile.principal.groups is not None:
        statement = statement.where(CustomerGroup.id.in_(profile.principal.groups))
    return list(db.session.scalars(statement.order_by(CustomerGroup.is_primary.desc(), CustomerGroup.name)))


def _stored_form(profile: Profile) -> tuple[CustomerForm, Policy]:
    customer = profile.customer
    policy, custom, form_class = _policy_and_fields(profile)
    answers = customer_field_values.stored([customer.id]).get(customer.id, {}) if custom else {}
    form = form_class(data=information_form.data_of(customer, answers, custom))
    return information_form.mark_required(form, policy), policy


def _typed_form(profile: Profile, typed: Any) -> tuple[CustomerForm, Policy]:
    policy, _custom, form_class = _policy_and_fields(profile)
    return information_form.mark_required(form_class(typed), policy), policy


def _page(profile: Profile, form: CustomerForm, row_version: int, *, is_dirty: bool = False) -> str:
    _describe_secrets(profile.customer, form)
    return render_template(
        "customer_profile/information.html",
        profile=profile,
        customer=profile.customer,
        form=form,
        groups=information_form.grouped(form),
        row_version=row_version,
        is_dirty=is_dirty,
        may_edit=profile.may(Permission.CUSTOMER_EDIT),
        facts=_facts(profile),
        addresses=_addresses(profile),
        answers=consents.lines(profile),
        original=request.form.get("original") or comparison.snapshot(form),
    )


def _describe_secrets(customer: Customer, form: CustomerForm) -> None:
    """Say beside CPR and password whether there is one; neither is ever put into the page."""
    for name, stored, mark in (
        ("cpr", customer.cpr_encrypted, customer_secrets.masked_cpr(customer)),
        ("password", customer.password_hash, "******"),
    ):
        if name in form:
            form[name].description = (
                _("Stored: %(mark)s. Leave empty to keep it.", mark=mark) if stored else _("None is stored.")
            )
            form[name].flags.required = False
        if not stored and f"{name}_remove" in form:
            delattr(form, f"{name}_remove")


def _facts(profile: Profile) -> dict[str, Any]:
    """What nobody types: who made the customer, who pays, and what the purchases amount to."""
    customer = profile.customer
    made_by = customer.created_by_id
    author = None if made_by is None else db.session.scalar(select(StaffUser.name).where(StaffUser.id == made_by))
    shows_totals = profile.may(Permission.PURCHASE_VIEW) and profile.is_open(PURCHASES)
    shows_debtor = profile.may(Permission.DEBTOR_VIEW) and profile.is_open(DEBTORS)
    debtor = header.debtor_of(profile) if shows_debtor else None
    return {
        "author": author,
        "totals": purchases.totals(customer.id) if shows_totals else None,
        "masked_cpr": customer_secrets.masked_cpr(customer) if Feature.CPR in profile.switched_on else "",
        "shows_debtor": shows_debtor,
        "debtor": debtor,
        "debtor_field": None if debtor or not address("debtors.lookup_view") else DebtorForm().debtor_id,
    }


def _addresses(profile: Profile) -> list[dict[str, Any]]:
    """Where the customer can be reached, each with its failure."""
    pairs = address_failures.of_customer(profile.customer)
    failures = header.failures_of(profile)
    return [
        {
            "channel": str(channel),
            "address": text,
            "shown": phones.display(text) if channel is Channel.SMS else text,
            "failure": failures.get((channel, text)),
        }
        for channel, text in pairs
    ]


def _conflict(profile: Profile, form: CustomerForm) -> str:
    """Both versions side by side; nothing is lost, nothing is overwritten."""
    customer = customers.find(profile.customer.id, profile.principal)
    fresh = Profile(customer, profile.principal, profile.switched_on)
    stored, _policy = _stored_form(fresh)
    newest = select(func.max(AuditEntry.id)).where(AuditEntry.customer_id == customer.id).scalar_subquery()
    last = db.session.scalar(select(AuditEntry).where(AuditEntry.id == newest))
    return render_template(
        "customer_profile/conflict.html",
        profile=fresh,
        customer=customer,
        last=last,
        differences=comparison.compare(form, stored, request.form.get("original", "")),
        original=comparison.snapshot(stored),
    )
