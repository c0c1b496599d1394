"""Setting triggers up. Nothing is written before somebody approved it as it stands; every change asks for it anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import actor, audit, unsubscribe_links
from ...channels import MessageChannel
from ...clock import now
from ...db import db
from ...errors import Conflict, Invalid, NotFound
from ...language import _
from ...models.customer_groups import CustomerGroup
from ...models.marketing_triggers import COUNTING, WEEKDAYS, MarketingTrigger, Occasion
from ...models.messages import Message, MessageReason, MessageState
from ...models.texts import MessageTemplate
from ...permissions import Principal
from .. import customer_values
from ..messaging import withdrawing
from ..texts import loading
from ..texts.codes import Part
from . import writing

FIELDS = (
    "name", "occasion", "days", "on_date", "email_template_id", "sms_template_id", "group_id", "waiting_days",
    "standby_days", *WEEKDAYS,
)  # fmt: skip
LONGEST = 3_650
TEMPLATES = {"email_template_id": MessageChannel.EMAIL, "sms_template_id": MessageChannel.SMS}


def get(trigger_id: int) -> MarketingTrigger:
    """One trigger; raises NotFound."""
    row = db.session.get(MarketingTrigger, trigger_id)
    if row is None or row.deleted_at is not None:
        raise NotFound
    return row


def create(values: Mapping[str, Any], principal: Principal | None = None) -> MarketingTrigger:
    """Add a trigger, which waits for approval. Raises Invalid with the field to blame."""
    row = MarketingTrigger(**_checked(values, principal))
    db.session.add(row)
    db.session.flush()
    return row


def update(trigger_id: int, values: Mapping[str, Any], principal: Principal | None = None) -> MarketingTrigger:
    """Change a trigger; one that was approved has to be approved anew."""
    row = get(trigger_id)
    for name, value in _checked({name: getattr(row, name) for name in FIELDS} | dict(values), principal).items():
        setattr(row, name, value)
    if db.session.is_modified(row):
        _stop(row)
    db.session.flush()
    return row


def delete(trigger_id: int) -> None:
    """Hide a trigger; what waits to be sent is taken back."""
    row = get(trigger_id)
    _stop(row)
    row.deleted_at = now()
    db.session.flush()


def restore(trigger_id: int) -> MarketingTrigger:
    """Bring a hidden trigger back, to be approved anew."""
    row = db.session.get(MarketingTrigger, trigger_id)
    if row is None:
        raise NotFound
    row.deleted_at = None
    db.session.flush()
    return row


def approve(trigger_id: int, *, row_version: int) -> None:
    """Let it write from its next run on, as it was seen at `row_version`; raises Conflict where it changed since.

    Marketing has to say how one says no to it: without a link in each text it is refused.
    """
    row = _locked(trigger_id, row_version)
    if not unsubscribe_links.are_possible():
        raise Invalid(_("The installation does not know where customers reach it (PUBLIC_URL): they could not say no."))
    for by_language in writing.texts_of(row).values():
        if any(Part.LINK not in loading.needed(source) for source in by_language.values()):
            raise Invalid(_("Put [AFMELDLINK] into each of its texts: marketing has to say how one says no to it."))
    if not row.is_approved:
        row.is_approved, row.approved_at, row.approved_by_id = True, now(), actor.current().user_id
        db.session.flush()


def stop(trigger_id: int, *, row_version: int) -> None:
    """Take the approval back, and what waits to be sent with it."""
    _stop(_locked(trigger_id, row_version))
    db.session.flush()


def _locked(trigger_id: int, row_version: int) -> MarketingTrigger:
    row = db.session.get(MarketingTrigger, get(trigger_id).id, with_for_update=True, populate_existing=True)
    if row is None or row.deleted_at is not None:
        raise NotFound
    if row.row_version != row_version:
        raise Conflict
    return row


def _stop(row: MarketingTrigger) -> None:
    if not row.is_approved:
        return
    row.is_approved, row.approved_at, row.approved_by_id = False, None, None
    taken = withdrawing.take_back(
        Message.trigger_id == row.id, state=MessageState.CANCELLED, reason=MessageReason.WITHDRAWN
    )
    audit.record("trigger.stop", entity="marketing_trigger", entity_id=row.id, facts={"taken_back": taken})


def _checked(values: Mapping[str, Any], principal: Principal | None) -> dict[str, Any]:
    checked: dict[str, Any] = {"name": str(customer_values.clean_one("name", values.get("name")))}
    try:
        occasion = Occasion(values.get("occasion") or "")
    except ValueError:
        raise Invalid(_("Choose an occasion."), field="occasion") from None
    checked["occasion"] = occasion
    checked["days"] = _days(values.get("days"), "days", least=1) if occasion in COUNTING else None
    checked["on_date"] = values.get("on_date") if occasion == Occasion.CHOSEN_DATE else None
    if occasion == Occasion.CHOSEN_DATE and checked["on_date"] is None:
        raise Invalid(_("Choose the date."), field="on_date")
    for name, channel in TEMPLATES.items():
        checked[name] = _template(values.get(name), name, channel)
    if not any(checked[name] for name in TEMPLATES):
        raise Invalid(_("Choose a template for e-mail, for SMS, or for both."), field="email_template_id")
    for name in ("waiting_days", "standby_days"):
        checked[name] = _days(values.get(name), name, least=0)
    checked |= {name: bool(values.get(name, True)) for name in WEEKDAYS}
    if not any(checked[name] for name in WEEKDAYS):
        raise Invalid(_("Choose at least one day of the week."), field=WEEKDAYS[0])
    return checked | {"group_id": _group(values.get("group_id"), principal)}


def _days(value: Any, name: str, *, least: int) -> int:
    if value is None or not least <= int(value) <= LONGEST:
        raise Invalid(_("Give a number of days from %(least)d to %(most)d."), field=name, least=least, most=LONGEST)
    return int(value)


def _template(value: Any, name: str, channel: MessageChannel) -> int | None:
    if not value:
        return None
    row = db.session.get(MessageTemplate, int(value))
    if row is None or row.deleted_at is not None or row.channel != channel:
        raise Invalid(_("This template is for another channel."), field=name)
    return row.id


def _group(value: Any, principal: Principal | None) -> int | None:
    limited = principal is not None and principal.groups is not None
    row = db.session.get(CustomerGroup, int(value)) if value else None
    if (value and row is None) or (limited and (row is None or row.id not in (principal.groups or ()))):  # type: ignore[union-attr]
        raise Invalid(_("Choose a customer group."), field="group_id")
    return row.id if row else None
