"""Mail merge for many: the customers that a list shows or that were ticked, one template, one PDF."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.errors import NotFound
from gecko.language import _
from gecko.models.customers import Customer
from gecko.models.jobs import JobRun
from gecko.models.texts import MessageTemplate
from gecko.operations import customers, job_listing, job_runs, message_templates
from gecko.operations.letters import addressing, reading, writing
from gecko.permissions import Permission
from jobs import queue

from ..base import PageView, holds, principal
from ..grid import state as states
from ..grid.bulk import Chosen
from ..jobs import LIVE, STATES
from ..lookups import target_view
from ..messages import words
from . import merge_job
from .writing_form import letter_template, template_choices

MOST_SKIPPED = 200
"""How many of those left out are named."""


class LetterMergesView(PageView):
    """From a selection of customers to their letters."""

    permission = (Permission.MESSAGE_BULK, Permission.CUSTOMER_VIEW)
    slug = "letter_merges"
    title = _("Mail merge")
    icon = "file-text"

    @expose("/")
    def index(self) -> Any:
        """The mail merges that the signed-in user has made, and how a new one begins."""
        runs = job_listing.own(principal(), kinds=[merge_job.KIND])
        return self.render("letters/merges.html", runs=runs, states=STATES)

    @expose("/choose", methods=("POST",))
    def choose(self) -> Any:
        """Choose a template for the customers that were chosen; see the first letter, and who has no address."""
        return self._page(_chosen(), request.form.get("template"))

    @expose("/start", methods=("POST",))
    def start(self) -> Any:
        """Start the job; the same form sent twice starts one."""
        chosen, once = _chosen(), request.form.get("once", "")[:40]
        template = _template(request.form.get("template"))
        if template is None or not once or not target_view("customers").count_chosen(chosen):
            flash(gettext("Choose customers and a template."), "danger")
            return self._page(chosen, request.form.get("template")), 422
        user_id, told = principal().user_id, merge_job.parameters(chosen, template)
        key = f"{user_id}:{once}"
        with transaction():
            run_id = job_listing.by_key(merge_job.KIND, key)
            is_new = run_id is None
            if run_id is None:
                run_id = job_runs.create(kind=merge_job.KIND, key=key, parameters=told, user_id=user_id)
        if is_new:
            queue.wake(run_id)
        return redirect(url_for(".show", run_id=run_id), 303)

    @expose("/<int:run_id>")
    def show(self, run_id: int) -> Any:
        """How far a mail merge is, its PDF, and whom it left out; a request by htmx gets only that part."""
        run = _find(run_id)
        batch = merge_job.batch_of(run_id)
        template = "letters/merge_state.html" if request.headers.get("HX-Request") == "true" else "letters/merge.html"
        return self.render(
            template,
            run=run,
            states=STATES,
            is_live=run.state in LIVE,
            words=words,
            skipped=[] if run.state in LIVE else reading.skipped(batch, principal(), limit=MOST_SKIPPED),
        )

    def _page(self, chosen: Chosen, wanted: str | None) -> str:
        view, template = target_view("customers"), _template(wanted)
        count = view.count_chosen(chosen)
        return self.render(
            "letters/choose.html",
            chosen=chosen,
            count=count,
            missing=_missing(view, chosen) if count else 0,
            choices=template_choices(),
            text=template,
            shown=_sample(view, chosen, template) if template and count else None,
            may_edit_templates=holds(Permission.TEXT_EDIT),
            once=secrets.token_urlsafe(12),
        )


def _chosen() -> Chosen:
    chosen: Chosen = target_view("customers").chosen()
    return chosen


def _template(typed: str | None) -> MessageTemplate | None:
    try:
        return letter_template(typed)
    except NotFound:
        return None


def _missing(view: Any, chosen: Chosen) -> int:
    """How many of the chosen have no postal address."""
    if chosen.query is not None:
        source, _applied = view.source(states.read_query(chosen.query))
        return db.session.scalar(source.base(func.count()).where(addressing.is_missing())) or 0
    seen, found = view.visible(chosen.ids), 0
    for start in range(0, len(seen), 500):
        among = Customer.id.in_(seen[start : start + 500])
        found += (
            db.session.scalar(select(func.count()).select_from(Customer).where(among, addressing.is_missing())) or 0
        )
    return found


def _sample(view: Any, chosen: Chosen, template: MessageTemplate) -> writing.Preview | None:
    """The first customer's letter, in that customer's language."""
    first = next(view.matching(chosen), None)
    if first is None:
        return None
    customer = customers.find(first, principal())
    text = message_templates.in_languages(template)[customer.language]
    wanted = writing.Writing(message_templates.source(text), text.language, message_templates.page(text))
    return writing.preview(customer, wanted, principal=principal())


def _find(run_id: int) -> JobRun:
    """A mail merge of one's own."""
    run = job_listing.get(principal(), run_id)
    if run.kind != merge_job.KIND or run.created_by_id != principal().user_id:
        raise NotFound
    return run
