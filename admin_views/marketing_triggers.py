"""Marketing triggers: the list, the form, and a page that says whom each writes to today, with its approval."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import func, select

from gecko.channels import MessageChannel
from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import GeckoError
from gecko.language import _
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.marketing_triggers import COUNTING, WEEKDAYS, MarketingTrigger, Occasion
from gecko.models.messages import Message, MessageReason, MessageState
from gecko.operations import visibility
from gecko.operations.marketing import judging, setting_up, trying
from gecko.operations.marketing.judging import Held, Judged
from gecko.permissions import Permission
from jobs import queue

from .base import GridView, principal
from .grid import filters
from .grid.records import read_id
from .guard import message_of
from .messages import words

OCCASIONS = (
    (Occasion.BIRTHDAY, _("Birthday")),
    (Occasion.BIRTH_MONTH, _("Month of birth")),
    (Occasion.NOT_SEEN, _("Not seen for so many days")),
    (Occasion.FIRST_VISIT, _("So many days after the first visit")),
    (Occasion.CHOSEN_DATE, _("A chosen date")),
)
HELD = {
    Held.HAD_IT: _("Has been written to about this occasion"),
    Held.WAITING: _("Waiting period of this trigger"),
    Held.STANDBY: _("Standby period after another trigger"),
}
SHOWN = 200
"""How many names the page of today tells; the numbers are those of everybody."""


class MarketingTriggersView(GridView):
    """All triggers; each is approved, and looked at, on a page of its own."""

    model = MarketingTrigger
    slug = "marketing-triggers"
    title = _("Marketing triggers")
    icon = "bell"
    permission = Permission.MESSAGE_BULK
    create_permission = edit_permission = delete_permission = Permission.MESSAGE_BULK
    column_list = (
        "name", "occasion", "days", "email_template", "sms_template", "group", "waiting_days", "standby_days",
        "is_approved", "sent", "today",
    )  # fmt: skip
    column_hidden = ("on_date", "approved_at", "created_at")
    column_labels = {
        "name": _("Description"), "occasion": _("Occasion"), "days": _("Days"), "on_date": _("Date"),
        "email_template": _("E-mail"), "email_template_id": _("E-mail: template"), "sms_template": _("SMS"),
        "sms_template_id": _("SMS: template"), "group": _("Only for customer group"),
        "group_id": _("Only for customer group"), "waiting_days": _("Waiting period (days)"),
        "standby_days": _("Standby period (days)"), "is_approved": _("Approved"), "approved_at": _("Approved at"),
        "created_at": _("Created"), "sent": _("Sent"), "today": _("Today"), "on_monday": _("Monday"),
        "on_tuesday": _("Tuesday"), "on_wednesday": _("Wednesday"), "on_thursday": _("Thursday"),
        "on_friday": _("Friday"), "on_saturday": _("Saturday"), "on_sunday": _("Sunday"),
    }  # fmt: skip
    column_sortable_list = ("name",)
    column_default_sort = "name"
    column_needs = {"sent": (), "today": ()}
    column_choices = {"occasion": OCCASIONS}
    column_filters = (filters.Boolean("is_approved"), filters.Relation("group_id", target=CustomerGroup))
    form_columns = setting_up.FIELDS
    form_groups = (
        (_("Occasion"), ("name", "occasion", "days", "on_date", "group_id")),
        (_("Texts"), ("email_template_id", "sms_template_id")),
        (_("How often"), ("waiting_days", "standby_days")),
        (_("Weekdays"), WEEKDAYS),
    )
    form_choices = {"occasion": OCCASIONS}
    form_args = {
        "days": {"description": _("For the occasions that count days.")},
        "on_date": {"description": _("For the occasion of a chosen date.")},
        "group_id": {"description": _("Empty: for customers of every group")},
        "email_template_id": {
            "description": _("A template for e-mail. In other languages: the one of the same name, where there is one.")
        },
        "sms_template_id": {"description": _("A template for SMS; both may be chosen.")},
        "waiting_days": {"description": _("Nobody gets this one twice within so many days.")},
        "standby_days": {"description": _("Nobody gets this one within so many days of any other trigger.")},
    }

    def scope(self, statement: Any) -> Any:
        """Limited users have the triggers of their own groups."""
        return visibility.marketing_triggers(statement, principal())

    def page_values(self, ids: list[int]) -> dict[str, dict[int, Any]]:
        """How many messages each sent, and the way to its page of today."""
        sent = dict.fromkeys(ids, 0) | dict(
            db.session.execute(
                select(Message.trigger_id, func.count())
                .where(Message.trigger_id.in_(ids), Message.state.in_((MessageState.SENT, MessageState.DELIVERED)))
                .group_by(Message.trigger_id)
            ).all()
        )
        pages = {
            one: Markup('<a href="{}">{}</a>').format(self.get_url(".today_view", id=one), gettext("Who gets it"))
            for one in ids
        }
        return {"sent": {one: self.number(count) for one, count in sent.items()}, "today": pages}

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Add a trigger, which waits for approval."""
        return setting_up.create(values, principal())

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a trigger, which then waits for approval."""
        return setting_up.update(row.id, values, principal())

    def perform_delete(self, row: Any) -> None:
        """Hide a trigger and take back what waits."""
        setting_up.delete(row.id)

    def perform_restore(self, row: Any) -> None:
        """Bring a trigger back, unapproved."""
        setting_up.restore(row.id)

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("New marketing trigger")

    def saved_url(self, row: Any) -> str:
        """Its page of today, where it is approved."""
        return self.get_url(".today_view", id=row.id)

    @expose("/today")
    def today_view(self) -> Any:
        """Whom it would write to today, who is skipped and why. Nothing is written by looking."""
        trigger = self.one_or_404()
        judged = judging.of_day(trigger, today())
        shown = judged[:SHOWN]
        statement = select(Customer.id, Customer.name, Customer.number)
        people = db.session.execute(statement.where(Customer.id.in_([one.customer_id for one in shown])))
        return self.render(
            "marketing_triggers/today.html",
            trigger=trigger,
            is_today=trigger.goes_on(today()),
            occasion=dict(OCCASIONS)[trigger.occasion],
            counting=COUNTING,
            people={row.id: row for row in people},
            shown=[(one, _why(one)) for one in shown],
            total=len(judged),
            writing=sum(1 for one in judged if one.channels),
            states=_states(trigger.id),
            channels=judging.channels_of(trigger),
            nonce=secrets.token_hex(16),
            words=words,
        )

    @expose("/approve", methods=("POST",))
    def approve_view(self) -> Any:
        """Let it write."""
        return self._decide(setting_up.approve, gettext("Approved. It writes every morning from now on."))

    @expose("/stop", methods=("POST",))
    def stop_view(self) -> Any:
        """Let it write no more."""
        return self._decide(setting_up.stop, gettext("Stopped. What waited to be sent is taken back."))

    @expose("/test", methods=("POST",))
    def test_view(self) -> Any:
        """Send a trial to an address of one's own."""
        self.demand(self.edit_permission)
        trigger_id = self.one_or_404().id
        try:
            channel = MessageChannel(request.form.get("channel", ""))
            with transaction():
                trying.send(trigger_id, channel, request.form.get("to", ""), nonce=request.form.get("nonce", ""))
        except ValueError:
            flash(gettext("Choose a channel."), "error")
        except GeckoError as error:
            flash(message_of(error), "error")
        else:
            queue.wake_senders()
            flash(gettext("The trial is on its way; it stands in the list of messages."), "success")
        return redirect(url_for("marketing-triggers.today_view", id=trigger_id), 303)

    def _decide(self, decide: Callable[..., None], said: str) -> Any:
        self.demand(self.edit_permission)
        trigger_id = self.one_or_404().id
        try:
            with transaction():
                decide(trigger_id, row_version=read_id(request.form.get("row_version")) or 0)
        except GeckoError as error:
            flash(message_of(error), "error")
        else:
            flash(said, "success")
        return redirect(url_for("marketing-triggers.today_view", id=trigger_id), 303)


def _states(trigger_id: int) -> list[tuple[MessageState, int]]:
    """How many messages it wrote, by where they are."""
    counted = select(Message.state, func.count()).where(Message.trigger_id == trigger_id).group_by(Message.state)
    found = dict(db.session.execute(counted).all())
    return [(state, found[state]) for state in MessageState if state in found]


def _why(one: Judged) -> str:
    """What keeps somebody from it, in words; empty where nothing does."""
    if one.held is not None:
        return str(HELD[one.held])
    if one.channels:
        return ""
    reasons: dict[MessageReason, None] = dict.fromkeys(reason for _channel, reason in one.hindrances)
    return ", ".join(words.reason(reason) for reason in reasons)
