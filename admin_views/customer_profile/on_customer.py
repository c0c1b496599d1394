"""What the header and the facts beside the form can do: markings, failing addresses, full CPR, deleting, erasing."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from gecko.db import transaction
from gecko.errors import Invalid
from gecko.models.address_failures import Channel
from gecko.operations import address_failures, customer_secrets, customers, markings, merging

from ..grid.records import read_id
from . import information
from .tabs import Profile


def put_marking(profile: Profile) -> None:
    """Put a marking on the customer, with a value where one is given."""
    marking_id, customer_id = read_id(request.form.get("marking_id")) or 0, profile.customer.id
    with transaction():
        markings.put_on(customer_id, marking_id, value=request.form.get("value"), principal=profile.principal)
        name = markings.get(marking_id).name
    flash(_("The marking %(name)s is put on the customer.", name=name), "success")


def take_marking(profile: Profile) -> None:
    """Take a marking off the customer."""
    marking_id, customer_id = read_id(request.form.get("marking_id")) or 0, profile.customer.id
    with transaction():
        markings.take_off(customer_id, marking_id, principal=profile.principal)
    flash(_("The marking is taken off the customer."), "success")


def mark_address(profile: Profile) -> None:
    """Staff know that an address fails."""
    channel, address, customer_id = _channel(), request.form.get("address", ""), profile.customer.id
    reason = request.form.get("reason", "")
    with transaction():
        address_failures.mark_for(customer_id, channel, reason=reason, address=address, principal=profile.principal)
    flash(_("The address is marked as failing."), "success")


def check_address(profile: Profile) -> None:
    """Staff checked an address and found it right."""
    channel, address, customer_id = _channel(), request.form.get("address", ""), profile.customer.id
    with transaction():
        address_failures.clear_for(customer_id, channel, address=address, principal=profile.principal)
    flash(_("The address is used again."), "success")


def _channel() -> Channel:
    try:
        return Channel(request.form.get("channel", ""))
    except ValueError:
        raise Invalid("“%(text)s” is not one of the choices.", text=request.form.get("channel", "")) from None


def show_cpr(profile: Profile) -> Any:
    """Show the whole number once; the look is logged."""
    customer_id = profile.customer.id
    with transaction():
        full = customer_secrets.full_cpr(customers.find(customer_id, profile.principal), profile.principal)
    if request.headers.get("HX-Request"):
        return render_template("customer_profile/cpr.html", full=full)
    flash(_("Social security number: %(number)s", number=full), "info")
    return information.render(profile), 200


def delete(profile: Profile) -> Any:
    """Hide the customer, with a way back."""
    customer_id, name = profile.customer.id, profile.customer.name
    with transaction():
        customers.delete(customer_id, principal=profile.principal)
    back = url_for("customers.index_view")
    undo = render_template(
        "admin/model/undo.html", title=name, row_id=customer_id, action=url_for("customers.restore_view"), back=back
    )
    flash(Markup(undo), "success")  # noqa: S704 (a template escaped it)
    return redirect(back, 303)


def erase(profile: Profile) -> Any:
    """Say what erasing means; once that is confirmed, erase the customer for good."""
    customer_id = profile.customer.id
    if not request.form.get("confirmed"):
        extent = merging.extent(customer_id)
        return render_template("customer_profile/erase.html", customer=profile.customer, extent=extent), 200
    version = read_id(request.form.get("row_version")) or 0
    with transaction():
        merging.erase(customer_id, row_version=version, principal=profile.principal)
    flash(_("The customer is erased for good. Invoices and postings stay."), "success")
    return redirect(url_for("customers.index_view"), 303)
