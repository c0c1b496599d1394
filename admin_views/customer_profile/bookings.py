"""The tab Bookings: active, previous and deleted ones, and the print of what is to come."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_babel import force_locale

from gecko.clock import now
from gecko.models.bookings import Bucket
from gecko.operations import booking_lists, company
from gecko.permissions import Permission

from ..booking_cells import BUCKETS, DELETERS, note_of
from .tabs import Profile


def count(profile: Profile) -> Any:
    """How many are active."""
    return booking_lists.count_active(profile.customer.id).scalar_subquery()


def render(profile: Profile) -> str:
    """One page of each list; each goes on by itself."""
    customer_id = profile.customer.id
    after = {bucket: request.args.get(str(bucket)) for bucket, _words in BUCKETS}
    return render_template(
        "customer_profile/bookings.html",
        customer=profile.customer,
        lists={bucket: booking_lists.page(customer_id, bucket, after=after[bucket]) for bucket in Bucket},
        after=after,
        deleters=dict(DELETERS),
        note_of=note_of,
        may_book=profile.may(Permission.BOOKING_EDIT),
    )


def render_print(profile: Profile) -> str:
    """The active reservations on a sheet of their own, under the company's name and in the customer's language."""
    with force_locale(profile.customer.language):
        return render_template(
            "customer_profile/bookings_print.html",
            customer=profile.customer,
            rows=booking_lists.active(profile.customer.id),
            company=company.read(),
            at=now(),
        )
