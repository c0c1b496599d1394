"""A trial of a trigger's text, sent to an address that somebody types: with an example's values, to no customer."""

from __future__ import annotations

from dataclasses import replace

from ...channels import MessageChannel
from ...errors import Invalid
from ...language import LANGUAGES, _
from ...models.messages import Message, MessageKind
from .. import company, customer_values
from ..messaging import enqueuing
from ..messaging.enqueuing import Draft
from ..texts import composing, sample
from . import setting_up, writing

_ADDRESS = {MessageChannel.EMAIL: "email", MessageChannel.SMS: "mobile"}


def send(trigger_id: int, channel: MessageChannel, to: str, *, nonce: str) -> Message | None:
    """Write the trial; None where the form was sent before. Raises Invalid for an address that is none."""
    texts = writing.texts_of(setting_up.get(trigger_id))
    if channel not in texts:
        raise Invalid(_("Choose a template for e-mail, for SMS, or for both."))
    recipient = customer_values.clean_one(_ADDRESS[channel], to)
    if not recipient:
        raise Invalid(_("Where shall the trial go?"))
    language = LANGUAGES[0]
    said = composing.compose(
        texts[channel][language], replace(sample.facts(), company=company.read()), channel, language
    )
    if said.unfit:
        raise Invalid(_("The text holds something that must not go by SMS."))
    if not said.is_sendable:
        raise Invalid(_("With its codes filled in, the text is empty."))
    return enqueuing.enqueue(
        Draft(
            channel=channel, kind=MessageKind.MANUAL, dedupe_key=f"trial:{trigger_id}:{channel}:{nonce}",
            subject=said.subject, body=said.body, html=said.html, recipient=recipient, language=language,
        )
    )  # fmt: skip
