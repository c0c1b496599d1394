"""The demo's marketing triggers: birthday wishes that write, and a greeting that still waits for approval."""

from __future__ import annotations

from datetime import timedelta

from ... import actor
from ...clock import midnight
from ...db import transaction
from ...models.marketing_triggers import MarketingTrigger, Occasion
from ...models.texts import MessageTemplate
from .draw import ANCHOR

_WISH = """Kære [KUNDEFORNAVN]

Hjertelig tillykke med fødselsdagen fra os alle på klinikken. Som en lille gave får du 15 % på din næste behandling,
hvis du bestiller tid inden for en måned.

Du får hilsenen, fordi du har sagt ja til nyheder og tilbud. Nej tak fremover: [AFMELDLINK]"""
_MISSED = """Kære [KUNDEFORNAVN]

Det er et stykke tid siden, vi har set dig. Har du lyst til en tid, finder vi en, der passer dig.

Du får hilsenen, fordi du har sagt ja til nyheder og tilbud. Nej tak fremover: [AFMELDLINK]"""


def build(staff: dict[str, int]) -> None:
    """Add the templates and the triggers."""
    office, at = staff["office"], midnight(ANCHOR - timedelta(days=60))
    with actor.acting_as(actor.Actor(user_id=office, name="demo", source="system")), transaction() as session:
        wish = MessageTemplate(
            name="Tillykke", channel="email", subject="Tillykke, [KUNDEFORNAVN]", body=_WISH, created_at=at
        )
        missed = MessageTemplate(
            name="Længe siden", channel="email", subject="Er det tid igen?", body=_MISSED, created_at=at
        )
        session.add_all([wish, missed])
        session.flush()
        session.add_all(
            [
                MarketingTrigger(
                    name="Fødselsdagshilsen", occasion=Occasion.BIRTHDAY, email_template_id=wish.id, waiting_days=300,
                    standby_days=7, is_approved=True, approved_at=at, created_at=at, approved_by_id=office,
                ),
                MarketingTrigger(
                    name="Længe siden sidst", occasion=Occasion.NOT_SEEN, days=180, email_template_id=missed.id,
                    waiting_days=180, standby_days=14, on_saturday=False, on_sunday=False, created_at=at,
                ),
            ]
        )  # fmt: skip
