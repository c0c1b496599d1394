"""Creating a customer: the form that the policy asks for, and a warning about those who may be the same person."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.errors import GeckoError
from gecko.models.customer_fields import FormContext
from gecko.models.customer_groups import CustomerGroup
from gecko.modules import Feature
from gecko.operations import customer_field_values, customer_matches, customer_secrets, customers, field_policies
from gecko.operations.field_policies import Policy

from .base import principal, switched_on
from .customer_profile import information_form
from .customer_profile.information_form import CustomerForm
from .duplicates.words import LANES


class Creating:
    """The create pages of the customers' grid."""

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        """Create one customer; the next page is the profile."""
        self.demand(self.create_permission)  # type: ignore[attr-defined]
        form, policy = _form(request.form if request.method == "POST" else None)
        if request.method == "GET":
            return self._create_page(form)
        customer_id = _attempt(form, policy) if form.check() else None
        if customer_id is None:
            return self._create_page(form), 422
        flash(_("“%(name)s” is created.", name=form.plain_values()["name"]), "success")
        _warn(form, customer_id)
        return redirect(url_for("customer_profile.index", customer_id=customer_id), 303)

    @expose("/new/matches", methods=("POST",))
    def matches_view(self) -> Any:
        """While typing: who may be the same person."""
        self.demand(self.create_permission)  # type: ignore[attr-defined]
        matches = customer_matches.find(request.form, principal())
        return render_template("customers/matches.html", matches=matches, lanes=LANES)

    @expose("/new/fields", methods=("POST",))
    def fields_view(self) -> Any:
        """The form's groups of fields again, for the group that was chosen."""
        self.demand(self.create_permission)  # type: ignore[attr-defined]
        form, _policy = _form(request.form)
        return render_template("customers/fields.html", form=form, groups=information_form.grouped(form))

    def _create_page(self, form: CustomerForm) -> Any:
        matches = customer_matches.find(form.plain_values(), principal()) if request.method == "POST" else []
        return self.render(  # type: ignore[attr-defined]
            "customers/create.html",
            form=form,
            groups=information_form.grouped(form),
            matches=matches,
            lanes=LANES,
            grid=self,
        )


def _groups() -> list[CustomerGroup]:
    statement = select(CustomerGroup).where(CustomerGroup.is_active)
    if (own := principal().groups) is not None:
        statement = statement.where(CustomerGroup.id.in_(own))
    return list(db.session.scalars(statement.order_by(CustomerGroup.is_primary.desc(), CustomerGroup.name)))


def _form(typed: Any) -> tuple[CustomerForm, Policy]:
    policy, groups = field_policies.get(FormContext.CREATE), _groups()
    asked = (typed if typed is not None else request.args).get("group_id", type=int)
    chosen = next((group for group in groups if group.id == asked), groups[0] if groups else None)
    custom = customer_field_values.fields_of_group(chosen.id if chosen else None, creating=True)
    has_cpr = Feature.CPR in switched_on()
    form_class = information_form.build(policy, custom, groups, has_cpr=has_cpr, creating=True)
    start = {"group_id": chosen.id if chosen else None, "gender": "unknown", "language": "da", "remind_sms": True,
             "remind_email": True}  # fmt: skip
    if chosen is not None:
        start["clips_left"] = chosen.default_clips
    return information_form.mark_required(form_class(typed, data=start), policy), policy


def _attempt(form: CustomerForm, policy: Policy) -> int | None:
    try:
        values = customer_secrets.prepare(form.plain_values())
        with transaction():
            return customers.create(values, principal=principal(), policy=policy, custom=form.answers()).id
    except GeckoError as error:
        form.blame(getattr(error, "field", None), error)
        return None


def _warn(form: CustomerForm, customer_id: int) -> None:
    """Say after saving who may be the same person: the new customer stands, people decide."""
    matches = customer_matches.find(form.plain_values(), principal(), but=customer_id)
    if not matches:
        return
    links = [
        Markup('<a href="{}">{}</a> ({})').format(
            url_for("customer_profile.index", customer_id=match.customer.id),
            match.customer.name,
            ", ".join(str(reason) for reason in match.reasons),
        )
        for match in matches
    ]
    flash(escape(_("The same person may be registered already:")) + " " + Markup(", ").join(links), "warning")
