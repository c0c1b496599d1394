"""Newsletters as a grid; and one with what it says, whom it is for, and what became of it."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext
from markupsafe import Markup

from gecko.clock import local, now
from gecko.language import LANGUAGES, _
from gecko.models.campaigns import Campaign, CampaignState
from gecko.models.jobs import JobState
from gecko.models.messages import MessageState
from gecko.operations import job_listing, job_runs
from gecko.operations.campaigns import drafting, figures
from gecko.operations.messaging import single
from gecko.permissions import Permission

from ..base import GridView, holds, principal
from ..formats import day
from ..grid import filters
from ..grid import state as states
from ..grid.records import read_id
from ..lookups import target_view
from ..messages import words
from ..plots import Bar, Plot, bars
from . import reach, writing_job  # noqa: F401 (registers its job)
from .editing import Editing
from .forms import CampaignForm, NewCampaignForm
from .skipped_job import Exporting as SkippedExport
from .steering import Steering

STATES = (
    (CampaignState.DRAFT, _("Draft")),
    (CampaignState.RUNNING, _("Running")),
    (CampaignState.PAUSED, _("Pauses")),
    (CampaignState.DONE, _("Done")),
    (CampaignState.STOPPED, _("Stopped")),
)
COLOURS = {
    CampaignState.DRAFT: "secondary",
    CampaignState.RUNNING: "teal",
    CampaignState.PAUSED: "yellow",
    CampaignState.DONE: "green",
    CampaignState.STOPPED: "red",
}
WHATS = (
    (figures.What.SENT, _("Sent")),
    (figures.What.DELIVERED, _("Delivered")),
    (figures.What.FAILED, _("Failed")),
    (figures.What.OPENED, _("Opened")),
)
_WORDS = dict(STATES)
_SHOWN = (
    MessageState.QUEUED, MessageState.SENDING, MessageState.SENT, MessageState.DELIVERED, MessageState.FAILED,
    MessageState.SUPPRESSED, MessageState.CANCELLED, MessageState.EXPIRED, MessageState.UNKNOWN,
)  # fmt: skip


def badge(state: CampaignState) -> Markup:
    """The state in plain words."""
    return Markup('<span class="badge g-badge g-badge-{}">{}</span>').format(COLOURS[state], _WORDS[state])


class CampaignsView(Editing, Steering, SkippedExport, GridView):
    """Every newsletter; what was started is read only."""

    model = Campaign
    slug = "campaigns"
    title = _("Newsletters")
    icon = "send"
    permission = (Permission.MESSAGE_BULK, Permission.CUSTOMER_VIEW)
    create_permission = edit_permission = delete_permission = Permission.MESSAGE_BULK
    column_list = ("name", "state", "is_marketing", "send_at", "started_at", "finished_at", "created_by.name")
    column_hidden = ("created_at", "approved_by.name", "id")
    column_labels: ClassVar[Any] = {
        "id": _("Newsletter no."),
        "name": _("Name"),
        "state": _("State"),
        "is_marketing": _("Only to those who agreed to newsletters"),
        "send_at": _("Not before"),
        "started_at": _("Started"),
        "finished_at": _("Ended"),
        "created_at": _("Created"),
        "created_by.name": _("By"),
        "approved_by.name": _("Approved by"),
    }
    column_sortable_list = ("created_at", "id")
    column_default_sort = ("created_at", True)
    column_choices: ClassVar[Any] = {"state": STATES}
    column_formatters: ClassVar[Any] = {"state": lambda _view, _context, row, _name: badge(row.state)}
    column_filters = (filters.Choice("state", choices=STATES), filters.DateRange("created_at"))
    form_columns = ("name",)
    form_groups = (
        (_("Newsletter"), ("name", "group_id", "send_at")),
        (_("Consent"), ("is_marketing", "service_reason")),
    )
    has_edit_link = False

    def get_create_form(self) -> type[NewCampaignForm]:
        """Ours."""
        return NewCampaignForm

    def get_edit_form(self) -> type[CampaignForm]:
        """Ours."""
        return CampaignForm

    def bind_form(self, form_class: Any, formdata: Any, row: Any = None) -> Any:
        """Without the choice of a group where the list of customers said whom it is for."""
        form = super().bind_form(form_class, formdata, row)
        given = request.values
        if "group_id" in form and (given.get("from_list") or given.get("ids")):
            del form["group_id"]
        return form

    @expose("/from-list", methods=("POST",))
    def from_list_view(self) -> Any:
        """The form of a new one for those that the list of customers shows or has ticked; nothing is made yet."""
        chosen = target_view("customers").chosen()
        if chosen.query is not None:
            return redirect(self.get_url(".create_view", from_list="1", query=chosen.query), 303)
        return redirect(self.get_url(".create_view", ids=",".join(map(str, chosen.ids))), 303)

    def prefill(self, form: Any) -> None:
        """Whom the list of customers was asked for."""
        form.once.data = self.once()
        form.name.data = gettext("Newsletter %(on)s", on=day(local(now()).date()))
        for name in ("query", "ids", "from_list"):
            form[name].data = request.args.get(name, "")

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Begin a draft."""
        query, ids, group_id = values.pop("query"), values.pop("ids"), values.pop("group_id", None)
        once = values.pop("once")
        picked = self._visible_customers(ids or "")
        wanted = query or "" if values.pop("from_list") else reach.of_group(group_id) if group_id else None
        if wanted is not None:
            wanted = states.read_query(wanted).query_string(deleted=None)
            reach.found_by(wanted)
        return drafting.create(values, query=wanted, picked=picked, key=f"staff:{once}" if once else None)

    def _visible_customers(self, listed: str) -> list[int]:
        """The customers that a list picked, as far as the user may see them."""
        chosen = [found for text in listed.split(",") if (found := read_id(text))]
        return list(target_view("customers").visible(chosen))

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Change a draft."""
        return drafting.update(row.id, values)

    def perform_delete(self, row: Any) -> None:
        """Hide a draft."""
        drafting.delete(row.id)

    def perform_restore(self, row: Any) -> None:
        """Bring a draft back."""
        drafting.restore(row.id)

    def row_url(self, row: Any) -> str | None:
        """The newsletter's own page; a deleted draft has none until it is restored."""
        return None if row.deleted_at else str(self.get_url(".show_view", id=row.id))

    def saved_url(self, row: Any) -> str:
        """The same."""
        return str(self.get_url(".show_view", id=row.id))

    @expose("/details/")
    def details_view(self) -> Any:
        """A newsletter has a page of its own."""
        return redirect(self.row_url(self.one_or_404()))

    @expose("/<int:id>")
    def show_view(self, id: int) -> Any:  # noqa: A002
        """One newsletter: a draft to work on, or what became of it."""
        row = self.one_or_404(id)
        if row.state == CampaignState.DRAFT:
            return self.render("campaigns/draft.html", row=row, grid=self, **self._draft_facts(row))
        what = next((one for one, _label in WHATS if one == request.args.get("what")), figures.What.SENT)
        return self.render(
            "campaigns/show.html",
            row=row,
            what=what,
            whats=WHATS,
            spans=(spans := figures.course(id)),
            plot=_plot(spans, what),
            reasons=figures.reasons(id),
            reach=reach,
            log=self._log_url,
            **self._state_facts(row),
        )

    @expose("/<int:id>/state")
    def state_view(self, id: int) -> Any:  # noqa: A002
        """How it stands: the part of its page that asks again while it is on its way."""
        row = self.one_or_404(id)
        return self.render("campaigns/state.html", row=row, log=self._log_url, **self._state_facts(row))

    def _draft_facts(self, row: Campaign) -> dict[str, Any]:
        written = {(one.channel, one.language): one for one in row.texts}
        places = [(channel, language) for channel in drafting.CHANNELS for language in LANGUAGES]
        return {
            "places": [(*one, written.get(one)) for one in places if one in written or single.is_open(one[0])],
            "reach": reach,
            "badge": badge,
            "words": words,
        }  # fmt: skip

    def _state_facts(self, row: Campaign) -> dict[str, Any]:
        run = row.job_run
        return {
            "standings": figures.standings(row.id),
            "shown": _SHOWN,
            "run": run,
            "may_see_run": run is not None and job_listing.may_steer(principal(), run),
            "is_writing": run is not None and run.state in job_runs.LIVE,
            "is_broken": run is not None and not row.is_written and run.state == JobState.FAILED,
            "is_moving": row.state in (CampaignState.RUNNING, CampaignState.PAUSED)
            or (run is not None and run.state in job_runs.LIVE),
            "badge": badge,
            "words": words,
        }

    def _log_url(self, row: Campaign, **chosen: Any) -> str | None:
        """The list of messages with those of this newsletter; None for who may not see messages."""
        if not holds(Permission.MESSAGE_VIEW):
            return None
        wanted = {f"f_{name}": str(value) for name, value in chosen.items()}
        return url_for("messages.index_view", f_campaign_id=row.id, **wanted)

    def empty_text(self) -> tuple[Any, ...]:
        """What belongs here."""
        return (
            gettext("No newsletters yet"),
            gettext("Write to a group of customers, or to those that a search in the list of customers finds."),
            self.get_url(".create_view"),
            gettext("New newsletter"),
        )

    def create_title(self) -> str:
        """Heading of the create page."""
        return gettext("New newsletter")


def _plot(spans: list[figures.Span], what: figures.What) -> Plot | None:
    if not any(span.counts[what] for span in spans):
        return None
    return bars(
        [
            Bar(label_of(span, spans), span.counts[what], str(span.counts[what]), short=str(span.counts[what] or ""))
            for span in spans
        ]
    )


def label_of(span: figures.Span, spans: list[figures.Span]) -> str:
    """The hour, or the day where the whole takes days."""
    at = local(span.at)
    return f"{at:%H}" if span.hours * len(spans) <= figures.HOURS else f"{at.day}/{at.month} {at:%H}"
