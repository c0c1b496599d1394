"""The tab Communication log: everything that was said to the customer, and what became of it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from sqlalchemy import func, select

from gecko.models.messages import Message
from gecko.operations.messaging import reading

from ..grid.records import read_id
from ..messages import words
from .tabs import Profile


def count(profile: Profile) -> Any:
    """How many messages there are."""
    return select(func.count()).select_from(Message).where(Message.customer_id == profile.customer.id).scalar_subquery()


def render(profile: Profile) -> str:
    """One page of the log, newest first; a row opens to the text as it was sent."""
    page = reading.of_customer(profile.customer.id, before=read_id(request.args.get("before")))
    return render_template(
        "customer_profile/communication.html",
        customer=profile.customer,
        page=page,
        words=words,
        failures=words.failures(page.messages),
        headline=reading.headline,
    )
