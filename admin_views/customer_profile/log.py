"""The tab Log: what was changed for the customer, and by whom."""

from __future__ import annotations

from flask import render_template, request

from gecko.operations import audit_log

from ..grid.records import read_id
from ..log_filter import read_filter
from .tabs import Profile


def render(profile: Profile) -> str:
    """One page of the customer's log, newest first."""
    wanted = read_filter(customer_id=profile.customer.id)
    page = audit_log.page(wanted.filter, principal=profile.principal, before=read_id(request.args.get("before")))
    return render_template(
        "customer_profile/log.html", profile=profile, customer=profile.customer, page=page, wanted=wanted
    )
