"""The facts about recalls: what customers are asked back for next."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...models.bookings import Service
from ...models.recalls import Recall, RecallState
from .facts import Recalled


def following(customer_ids: Sequence[int]) -> dict[int, Recalled]:
    """The active sign-up of each customer whose date comes first."""
    wanted = (
        select(Recall.customer_id, Recall.next_on, Service.name, Service.is_sensitive)
        .join(Service, Service.id == Recall.service_id)
        .where(Recall.customer_id.in_(customer_ids), Recall.state == RecallState.ACTIVE)
        .order_by(Recall.next_on.desc(), Recall.id.desc())
    )
    rows = db.session.execute(wanted)
    return {customer_id: Recalled(on, name, is_sensitive) for customer_id, on, name, is_sensitive in rows}
