"""The demo's newsletters: one that went out some weeks ago, and one that somebody is still writing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from ...channels import MessageChannel
from ...clock import midnight, today
from ...models.campaigns import Campaign, CampaignState, CampaignText
from ...models.customers import Customer
from .draw import Dice

SUBJECT = "Efterårets nyheder"
TEXT = """Hej [KUNDEFORNAVN]

Efteråret er kommet, og vi har fået nye behandlinger på hylderne. Som kunde får du dem til introduktionspris måneden ud.

Venlig hilsen
Klinikken"""
_DRAFT = """Hej [KUNDEFORNAVN]

Mellem jul og nytår holder vi åbent som på en lørdag. Book i god tid.

Venlig hilsen
Klinikken"""
_AUDIENCE = "f_accepts_marketing_email=1"
SECONDS_EACH = 2
"""How far apart its messages left: half an hour for all of the demo's customers."""


def build(session: Any, dice: Dice, staff: dict[str, int]) -> tuple[int, datetime, list[Customer]]:
    """Add both, and who allows being followed; returns which went out, when, and whom it went to, in order."""
    at = midnight(today() - timedelta(days=18)) + timedelta(hours=10)
    agreed = select(Customer).where(Customer.accepts_marketing_email, Customer.email.is_not(None))
    people = session.scalars(agreed.where(Customer.deleted_at.is_(None)).order_by(Customer.id)).all()
    followed = [one.id for one in people if dice.some(0.7)]
    session.execute(update(Customer).where(Customer.id.in_(followed)).values(allows_open_tracking=True))
    gone = Campaign(
        name="Efterårsnyt", audience_query=_AUDIENCE, state=CampaignState.DONE, is_written=True, created_at=at,
        started_at=at, finished_at=at + timedelta(seconds=SECONDS_EACH * len(people)),
        approved_by_id=staff["office"], created_by_id=staff["receptionist"],
        texts=[CampaignText(channel=MessageChannel.EMAIL, language="da", subject=SUBJECT, body=TEXT)],
    )  # fmt: skip
    draft = Campaign(
        name="Åbent mellem jul og nytår", audience_query=_AUDIENCE, created_by_id=staff["office"],
        created_at=midnight(today() - timedelta(days=2)) + timedelta(hours=14),
        texts=[
            CampaignText(
                channel=MessageChannel.EMAIL, language="da", subject="Vi holder åbent mellem jul og nytår", body=_DRAFT
            )
        ],
    )  # fmt: skip
    session.add_all([gone, draft])
    session.flush()
    return gone.id, at, list({one.email: one for one in reversed(people)}.values())[::-1]
