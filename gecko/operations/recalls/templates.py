"""Templates of recalls: over which channels, for which services, and how long before a visit counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from ...channels import MessageChannel
from ...clock import now
from ...db import db
from ...errors import Conflict, Invalid, NotFound
from ...language import LANGUAGES, _
from ...models.bookings import Service
from ...models.recalls import Recall, RecallState, RecallTemplate, RecallTemplateText
from ...models.texts import MessageTemplate
from .. import customer_values

LONGEST_TOLERANCE = 3660
CHANNELS = ("first_channel", "second_channel", "third_channel")
TEXTS = {f"text_{channel}_{code}": (channel, code) for channel in MessageChannel for code in LANGUAGES}
"""The fields for texts of one's own: the id of a message template by channel and language."""


def get(template_id: int) -> RecallTemplate:
    """One living template; raises NotFound."""
    template = db.session.get(RecallTemplate, template_id)
    if template is None or template.deleted_at is not None:
        raise NotFound
    return template


def listed() -> list[RecallTemplate]:
    """All living ones by name."""
    wanted = select(RecallTemplate).where(RecallTemplate.deleted_at.is_(None))
    return list(db.session.scalars(wanted.order_by(RecallTemplate.name_sort, RecallTemplate.id)))


def texts_of(template: RecallTemplate) -> dict[str, int]:
    """The texts of its own, by field."""
    chosen = {(row.channel, row.language): row.message_template_id for row in template.texts}
    return {field: chosen[place] for field, place in TEXTS.items() if place in chosen}


def create(values: Mapping[str, Any]) -> RecallTemplate:
    """Add a template: name, tolerance_days, is_win_back, three channels, service_ids, and the fields of TEXTS."""
    template = RecallTemplate()
    _fill(template, values, None)
    db.session.add(template)
    db.session.flush()
    return template


def change(template_id: int, values: Mapping[str, Any], *, row_version: int | None = None) -> RecallTemplate:
    """Change a template for what comes due from now on."""
    template = get(template_id)
    if row_version is not None and template.row_version != row_version:
        raise Conflict
    present = {name: getattr(template, name) for name in ("name", "tolerance_days", "is_win_back", *CHANNELS)}
    present |= {"service_ids": [one.id for one in template.services], **texts_of(template)}
    _fill(template, present | dict(values), template_id)
    db.session.flush()
    return template


def delete(template_id: int) -> None:
    """Hide a template that nobody is signed up with any more."""
    template = get(template_id)
    count = number_going_on(template_id)
    if count:
        raise Invalid(
            _("%(count)d sign-ups with the template %(name)s go on. End them first."), count=count, name=template.name
        )
    template.deleted_at = now()
    db.session.flush()


def restore(template_id: int) -> RecallTemplate:
    """Bring a hidden template back, unless another one took its name meanwhile."""
    template = db.session.get(RecallTemplate, template_id)
    if template is None:
        raise NotFound
    _name(template.name, template_id)
    template.deleted_at = None
    db.session.flush()
    return template


def number_going_on(template_id: int) -> int:
    """How many sign-ups with the template are active or paused."""
    going_on = Recall.state.in_((RecallState.ACTIVE, RecallState.PAUSED))
    wanted = select(func.count()).select_from(Recall).where(Recall.template_id == template_id, going_on)
    return db.session.scalar(wanted) or 0


def _fill(template: RecallTemplate, values: Mapping[str, Any], template_id: int | None) -> None:
    template.name = _name(values.get("name"), template_id)
    days = values.get("tolerance_days")
    if days is None or not 0 <= days <= LONGEST_TOLERANCE:
        raise Invalid(
            _("The tolerance must be between 0 and %(most)d days."), field="tolerance_days", most=LONGEST_TOLERANCE
        )
    template.tolerance_days = days
    template.is_win_back = bool(values.get("is_win_back"))
    for name, channel in zip(CHANNELS, _channels([values.get(name) for name in CHANNELS]), strict=True):
        setattr(template, name, channel)
    template.services = _services(values.get("service_ids") or [])
    _put_texts(template, values)


def _name(typed: Any, template_id: int | None) -> str:
    name = str(customer_values.clean_one("name", typed))
    taken = select(RecallTemplate.id).where(
        RecallTemplate.name == name, RecallTemplate.deleted_at.is_(None), RecallTemplate.id != (template_id or 0)
    )
    if db.session.scalar(taken.limit(1)) is not None:
        raise Invalid(_("“%(name)s” is already in use."), field="name", name=name)
    return name


def _channels(given: Sequence[Any]) -> list[MessageChannel | None]:
    """Three places without gaps; the first is filled, and none is named twice."""
    try:
        named = [MessageChannel(one) for one in given if one]
    except ValueError:
        raise Invalid(_("Choose a channel."), field=CHANNELS[0]) from None
    if not named:
        raise Invalid(_("Choose a channel."), field=CHANNELS[0])
    if len(set(named)) < len(named):
        raise Invalid(_("Each channel stands once."), field=CHANNELS[1])
    return [*named, *[None] * (len(CHANNELS) - len(named))]


def _services(ids: Sequence[int]) -> list[Service]:
    rows = list(db.session.scalars(select(Service).where(Service.id.in_(ids)).order_by(Service.id)))
    if len(rows) != len(set(ids)):
        raise Invalid(_("The choice no longer exists."), field="service_ids")
    return rows


def _put_texts(template: RecallTemplate, values: Mapping[str, Any]) -> None:
    wanted = {place: int(values[field]) for field, place in TEXTS.items() if values.get(field)}
    for field, place in TEXTS.items():
        if place in wanted and not _is_text(wanted[place], *place):
            raise Invalid(_("The choice no longer exists."), field=field)
    standing = {(row.channel, row.language): row for row in template.texts}
    for place, row in standing.items():
        if place not in wanted:
            template.texts.remove(row)
    for (channel, code), text_id in wanted.items():
        if (channel, code) in standing:
            standing[channel, code].message_template_id = text_id
        else:
            template.texts.append(RecallTemplateText(channel=channel, language=code, message_template_id=text_id))


def _is_text(text_id: int, channel: MessageChannel, code: str) -> bool:
    text = db.session.get(MessageTemplate, text_id)
    return text is not None and text.deleted_at is None and (text.channel, text.language) == (channel, code)
