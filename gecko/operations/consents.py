"""Consent to marketing: the answers of a customer, and saying yes or no on the customer's own behalf.

Staff change the answer on the customer like any other field; triggers keep each change (see consent_triggers).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import joinedload

from .. import actor
from ..channels import Channel
from ..clock import now
from ..consent_triggers import COLUMNS
from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..language import _
from ..models.consents import Consent, ConsentSource, ConsentText
from ..models.customers import Customer
from . import survivors

LONGEST_WORDING = 1_000


def history(customer_id: int) -> list[Consent]:
    """Every answer of the customer and of those it absorbed, newest first."""
    family = [customer_id, *survivors.absorbed_by(customer_id)]
    statement = select(Consent).where(Consent.customer_id.in_(family)).options(joinedload(Consent.wording))
    return list(db.session.scalars(statement.order_by(Consent.id.desc())))


def is_spoken() -> ColumnElement[bool]:
    """SQL: that a person answered; what a merge worked out, and its undoing gave back, says nothing new.

    A no that an undo passes on (see merging.withdrawals) counts, so that it is passed on further.
    """
    worked_out = or_(
        Consent.source == ConsentSource.MERGE, and_(Consent.source == ConsentSource.UNDO, Consent.is_given)
    )
    return not_(worked_out)


def agrees(customer: Customer, channel: Channel) -> bool:
    """The present answer."""
    return bool(getattr(customer, COLUMNS[channel]))


def write(customer: Customer, channel: Channel, *, is_given: bool) -> None:
    """Set the present answer; the trigger keeps it."""
    setattr(customer, COLUMNS[channel], is_given)
    db.session.flush()


def withdraw(customer: Customer, channel: Channel) -> None:
    """Say no on the customer's behalf. The caller holds the customer's row.

    One whose answer is no already, because others with whom it was merged said so, may get its yes back when the merge
    is undone: so a no of its own is kept even then, once.
    """
    if agrees(customer, channel):
        write(customer, channel, is_given=False)
    elif _last_spoken(customer.id, channel) is not False:
        who = actor.current()
        db.session.add(
            Consent(
                customer_id=customer.id, channel=channel, is_given=False, source=ConsentSource.LINK, at=now(),
                user_id=who.user_id, name=who.name, ip=who.ip,
            )
        )  # fmt: skip
        db.session.flush()


def _last_spoken(customer_id: int, channel: Channel) -> bool | None:
    statement = select(Consent.is_given).where(
        Consent.customer_id == customer_id, Consent.channel == channel, is_spoken()
    )
    return db.session.scalar(statement.order_by(Consent.id.desc()).limit(1))


def in_force() -> Sequence[ConsentText]:
    """The wordings that people agree to now, by channel and language."""
    newest = select(func.max(ConsentText.id)).group_by(ConsentText.channel, ConsentText.language)
    statement = select(ConsentText).where(ConsentText.id.in_(newest)).options(joinedload(ConsentText.created_by))
    return db.session.scalars(statement.order_by(ConsentText.channel, ConsentText.language)).all()


def wording(channel: Channel, language: str) -> ConsentText:
    """The wording that people of a language agree to now."""
    return next(one for one in in_force() if (one.channel, one.language) == (channel, language))


def earlier(ids: Iterable[int]) -> Sequence[ConsentText]:
    """The wordings that were in force before those with the given ids, newest first."""
    statement = select(ConsentText).where(ConsentText.id.not_in(list(ids))).options(joinedload(ConsentText.created_by))
    return db.session.scalars(statement.order_by(ConsentText.id.desc())).all()


def reword(seen_id: int, text: str) -> ConsentText:
    """Put another wording into force instead of the one seen; who agreed before agreed to the old one, which is kept.

    Raises Conflict where somebody else did so meanwhile; the same words again change nothing.
    """
    seen = db.session.scalars(select(ConsentText).where(ConsentText.id == seen_id).with_for_update()).one_or_none()
    if seen is None:
        raise NotFound
    wanted = " ".join(text.split())
    if not wanted or len(wanted) > LONGEST_WORDING:
        raise Invalid(_("A wording has 1 to %(most)d signs."), field="text", most=LONGEST_WORDING)
    present = wording(seen.channel, seen.language)
    if present.text == wanted:
        return present
    if present.id != seen.id:
        raise Conflict
    row = ConsentText(
        channel=seen.channel, language=seen.language, text=wanted, created_by_id=actor.current().user_id
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row
