"""The tab Recall: what the customer is signed up for, what became of each time, and the form to sign up."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from wtforms import Form

from gecko.db import transaction
from gecko.errors import Invalid
from gecko.modules import Feature, Gate
from gecko.operations.recalls import reading, signing_up
from gecko.permissions import Permission

from ..grid.records import read_id
from ..guard import message_of
from ..messages.words import channel_name
from ..recalls import form as forms
from ..recalls import words
from .tabs import Profile

GATE = Gate((Feature.RECALL,))
ACTS = {
    "pause": signing_up.pause,
    "resume": signing_up.resume,
    "end": signing_up.end,
    "cancel": signing_up.cancel,
}


def count(profile: Profile) -> Any:
    """How many sign-ups are active."""
    return reading.count_active(profile.customer.id).scalar_subquery()


def render(profile: Profile, new: Any = None, changed: Any = None) -> str:
    """Every sign-up with its last times and its form, and the form of a new one."""
    shown = reading.of_customer(profile.customer.id)
    may_edit = profile.may(Permission.BOOKING_EDIT)
    if new is None and may_edit:
        service_id = read_id(request.args.get("service"))
        new = forms.new(profile.customer, profile.principal, once=secrets.token_urlsafe(12), service_id=service_id)
    return render_template(
        "customer_profile/recalls.html",
        customer=profile.customer,
        shown=shown,
        forms={one.recall.id: _change_form(one, changed) for one in shown if one.recall.state in signing_up.GOES_ON},
        new=new,
        may_edit=may_edit,
        words=words,
        channel_name=channel_name,
        dates_of=signing_up.dates_of,
        going_on=signing_up.GOES_ON,
    )


def _change_form(shown: reading.SignUp, changed: forms.ChangeForm | None) -> forms.ChangeForm:
    """What was typed where it was refused, else what stands."""
    row = shown.recall
    if changed is not None and changed.recall.data == str(row.id):
        form = changed
    else:
        form = forms.ChangeForm(obj=row, data={"recall": row.id, "unit": str(row.unit)})
    for field in form:  # several of these forms stand on one page
        field.id = field.label.field_id = f"{field.name}-{row.id}"
    return form


def sign_up(profile: Profile) -> Any:
    """Sign the customer up; one form is one sign-up."""
    form = forms.new(profile.customer, profile.principal, request.form)
    if not form.validate():
        return render(profile, new=form), 422
    customer_id, once = profile.customer.id, form.once.data
    wish = signing_up.Wish(
        customer_id, form.template_id.data, form.service_id.data, form.first_on.data, **form.rhythm()
    )
    try:
        with transaction():
            signing_up.sign_up(wish, key=f"staff:{once}" if once else None, principal=profile.principal)
    except Invalid as error:
        _blame(form, error, "first_on")
        return render(profile, new=form), 422
    flash(_("The customer is signed up."), "success")
    return None


def change(profile: Profile) -> Any:
    """Change a sign-up; one that somebody else changed meanwhile is shown as it stands."""
    form = forms.ChangeForm(request.form)
    if not form.validate():
        return render(profile, changed=form), 422
    values = {"next_on": form.next_on.data, **form.rhythm()}
    try:
        with transaction():
            signing_up.change(_named(profile), values, row_version=_version(), principal=profile.principal)
    except Invalid as error:
        _blame(form, error, "next_on")
        return render(profile, changed=form), 422
    flash(_("The sign-up is changed."), "success")
    return None


def act(name: str) -> Any:
    """What pauses, resumes, ends or cancels a sign-up."""

    def run(profile: Profile) -> None:
        with transaction():
            ACTS[name](_named(profile), row_version=_version(), principal=profile.principal)
        flash(_("The sign-up is changed."), "success")

    return run


def _named(profile: Profile) -> int:
    """The sign-up that the form names, where it is the customer's own."""
    return reading.own(profile.customer.id, read_id(request.form.get("recall")) or 0)


def _version() -> int:
    return read_id(request.form.get("row_version")) or 0


def _blame(form: Form, error: Invalid, otherwise: str) -> None:
    """Put a refusal beside its field; the date of a new sign-up and that of an old one are called differently."""
    named = error.field or ""
    field = form[named if named in form else otherwise]
    field.errors = [*field.errors, message_of(error)]
