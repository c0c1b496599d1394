"""Some of the demo's customers answered to marketing later: by the link in a message, and at the desk."""

from __future__ import annotations

from sqlalchemy import select

from ... import actor
from ...channels import Channel
from ...db import transaction
from ...models.customers import Customer
from .. import consents
from .draw import Dice

_BY_LINK, _AT_THE_DESK = 24, 30


def build(staff: dict[str, int]) -> None:
    """Let some say no by the link, and some say yes to the receptionist."""
    dice = Dice(20_261_122)
    with actor.acting_as(actor.Actor(name="Afmelding", source="link", ip="192.0.2.14")), transaction() as session:
        agreed = select(Customer).where(Customer.accepts_marketing_email)
        agreeing = session.scalars(agreed.order_by(Customer.id)).all()
        for customer in dice.sample(agreeing, min(_BY_LINK, len(agreeing))):
            consents.withdraw(customer, Channel.EMAIL)
    receptionist = actor.Actor(user_id=staff["receptionist"], name="Nanna Reception", source="web")
    with actor.acting_as(receptionist), transaction() as session:
        reachable = select(Customer).where(Customer.email.is_not(None), ~Customer.accepts_marketing_email)
        asked = session.scalars(reachable.order_by(Customer.id)).all()
        for customer in dice.sample(asked, min(_AT_THE_DESK, len(asked))):
            consents.write(customer, Channel.EMAIL, is_given=True)
