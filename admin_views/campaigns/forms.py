"""The forms of campaigns; what was typed is kept on any error."""

from __future__ import annotations

from typing import Any

from flask_admin.form import BaseForm
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from gecko.db import db
from gecko.language import _
from gecko.models.customer_groups import CustomerGroup
from gecko.models.messages import MessageChannel
from gecko.operations import message_templates, visibility
from gecko.operations.campaigns import drafting
from gecko.operations.texts import storing

from ..fields import DanishInstantField, PhoneField
from ..login import principal


def _id_or_none(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


def _groups() -> list[SelectChoice]:
    """The active groups that the reader may see."""
    wanted = select(CustomerGroup).where(CustomerGroup.is_active).order_by(CustomerGroup.name, CustomerGroup.id)
    rows = db.session.scalars(visibility.customer_groups(wanted, principal()))
    return [SelectChoice("", ""), *(SelectChoice(row.id, row.name) for row in rows)]


class CampaignForm(BaseForm):
    """What a campaign is called, what it is, and when it goes."""

    name = StringField(_("Name"), [InputRequired()], description=_("For yourselves; customers do not see it."))
    is_marketing = BooleanField(_("Only to those who agreed to newsletters"), default=True)
    service_reason = StringField(
        _("Why it is no newsletter"),
        [Length(max=drafting.LONGEST_REASON)],
        description=_(
            "Needed where it goes to all: what it has to do with what customers have with you. Kept in the log."
        ),
    )
    send_at = DanishInstantField(
        _("Not before"), description=_("Empty: as soon as it is started. Never in the quiet hours.")
    )


class NewCampaignForm(CampaignForm):
    """A new one. group_id: whom it is for, unless it came from the list of customers (query, ids).

    once: makes a second submit recognisable.
    """

    group_id = SelectField(_("Customer group"), coerce=_id_or_none, choices=_groups)
    query = HiddenField()
    from_list = HiddenField()
    ids = HiddenField()
    once = HiddenField()


class TextForm(FlaskForm):
    """What a campaign says. seen: marks what it was filled in over. once: makes a second test the same one."""

    seen = HiddenField()
    once = HiddenField()
    template = SelectField(_("Template"), choices=[], validate_choice=False)
    subject = StringField(_("Subject"), render_kw={"maxlength": storing.LONGEST_SUBJECT, "data-codes": ""})
    body = TextAreaField(_("Text"), render_kw={"rows": 14, "maxlength": storing.LONGEST_BODY, "data-codes": ""})
    mobile = PhoneField(_("Test to mobile"))

    def offer_templates(self, channel: MessageChannel) -> None:
        """The templates of the channel."""
        self.template.choices = [
            SelectChoice("", ""),
            *(SelectChoice(str(one.id), f"{one.name} ({one.language})") for one in message_templates.listed(channel)),
        ]
