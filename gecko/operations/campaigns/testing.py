"""A campaign's text sent to whoever writes it, as an example customer would get it."""

from __future__ import annotations

from ...db import db
from ...errors import Invalid
from ...language import _
from ...models.messages import Message, MessageChannel, MessageKind
from ...models.people import StaffUser
from ..messaging import enqueuing
from ..texts.composing import Composed


def own_address(user_id: int) -> str | None:
    """The e-mail address of a user."""
    user = db.session.get(StaffUser, user_id)
    return user.email.lower() if user is not None and user.email else None


def send(
    channel: MessageChannel, composed: Composed, language: str, *, user_id: int, mobile: str | None, nonce: str
) -> Message | None:
    """Queue a test: an e-mail to the user's own address, an SMS to the number typed; None where it was sent before.

    It belongs to no campaign and no customer, so that it is counted nowhere. Raises Invalid where it must not go.
    """
    to = own_address(user_id) if channel == MessageChannel.EMAIL else mobile
    if to is None and channel == MessageChannel.EMAIL:
        raise Invalid(_("You have no e-mail address here yet: fill it in under My account."))
    if to is None:
        raise Invalid(_("Type the mobile number that the test goes to."), field="mobile")
    if not composed.is_sendable:
        raise Invalid(_("The text cannot be sent as it stands; see the preview."), field="body")
    return enqueuing.enqueue(
        enqueuing.Draft(
            channel=channel,
            kind=MessageKind.CAMPAIGN,
            dedupe_key=f"bulk-test:{user_id}:{nonce}",
            subject=composed.subject,
            body=composed.body,
            html=composed.html,
            recipient=to,
            language=language,
        )
    )
