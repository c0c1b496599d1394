"""Templates of messages: what staff choose from when they write to customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from ..channels import MessageChannel
from ..clock import now
from ..db import db
from ..errors import Invalid, NotFound
from ..language import LANGUAGES, _
from ..models.texts import MessageTemplate
from . import customer_values
from .letters import sheets
from .texts import storing
from .texts.reviewing import Source

FIELDS = ("name", "channel", "language", "subject", "body", *sheets.PAGE_FIELDS)


def listed(channel: MessageChannel) -> list[MessageTemplate]:
    """The templates for one channel, by name."""
    wanted = select(MessageTemplate).where(MessageTemplate.deleted_at.is_(None), MessageTemplate.channel == channel)
    return list(db.session.scalars(wanted.order_by(MessageTemplate.name_sort, MessageTemplate.id)))


def get(template_id: int) -> MessageTemplate:
    """One living template; raises NotFound."""
    template = db.session.get(MessageTemplate, template_id)
    if template is None or template.deleted_at is not None:
        raise NotFound
    return template


def source(template: MessageTemplate) -> Source:
    """What it says."""
    return Source(template.subject or "", template.body)


def page(template: MessageTemplate) -> sheets.Page:
    """How its letters are laid out."""
    return sheets.Page(**{name: getattr(template, name) for name in sheets.PAGE_FIELDS})


def in_languages(template: MessageTemplate) -> dict[str, MessageTemplate]:
    """The template in every language of the product: the one of the same name there, or itself where there is none."""
    twins = select(MessageTemplate).where(
        MessageTemplate.name == template.name, MessageTemplate.channel == template.channel,
        MessageTemplate.deleted_at.is_(None),
    )  # fmt: skip
    found = {twin.language: twin for twin in db.session.scalars(twins)} | {template.language: template}
    return {language: found.get(language, template) for language in LANGUAGES}


def create(values: Mapping[str, Any]) -> MessageTemplate:
    """Add a template."""
    template = MessageTemplate(**_checked(values, None))
    db.session.add(template)
    db.session.flush()
    return template


def update(template_id: int, values: Mapping[str, Any]) -> MessageTemplate:
    """Change a template, for what is written from now on; what was sent stays as it was sent."""
    template = get(template_id)
    merged = {name: getattr(template, name) for name in FIELDS} | dict(values)
    for name, value in _checked(merged, template_id).items():
        setattr(template, name, value)
    db.session.flush()
    return template


def delete(template_id: int) -> None:
    """Hide a template."""
    get(template_id).deleted_at = now()
    db.session.flush()


def restore(template_id: int) -> MessageTemplate:
    """Bring a hidden template back, unless another one took its name meanwhile."""
    template = db.session.get(MessageTemplate, template_id)
    if template is None:
        raise NotFound
    _require_free(template.name, template.channel, template.language, template_id)
    template.deleted_at = None
    db.session.flush()
    return template


def _checked(values: Mapping[str, Any], template_id: int | None) -> dict[str, Any]:
    try:
        channel = MessageChannel(values.get("channel") or "")
    except ValueError:
        raise Invalid(_("Choose a channel."), field="channel") from None
    language = values.get("language") or LANGUAGES[0]
    if language not in LANGUAGES:
        raise Invalid(_("The choice no longer exists."), field="language")
    name = str(customer_values.clean_one("name", values.get("name")))
    _require_free(name, channel, language, template_id)
    text = storing.checked(Source(values.get("subject") or "", values.get("body") or ""), channel)
    subject = text.subject if channel == MessageChannel.EMAIL else None
    paper = sheets.checked(values)
    return {"name": name, "channel": channel, "language": language, "subject": subject, "body": text.body, **paper}


def _require_free(name: str, channel: MessageChannel, language: str, template_id: int | None) -> None:
    taken = select(MessageTemplate.id).where(
        MessageTemplate.name == name, MessageTemplate.channel == channel, MessageTemplate.language == language,
        MessageTemplate.deleted_at.is_(None), MessageTemplate.id != (template_id or 0),
    )  # fmt: skip
    if db.session.scalar(taken.limit(1)) is not None:
        raise Invalid(_("“%(name)s” is already in use."), field="name", name=name)
