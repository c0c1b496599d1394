"""The page of a run: whom to remind of what, the preview, and what became of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import flash, redirect, request, send_file
from flask_admin import expose
from flask_babel import gettext, ngettext
from sqlalchemy import select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import GeckoError, NotFound
from gecko.language import _
from gecko.models.dunning import Dunning, DunningRun
from gecko.models.jobs import JobRun
from gecko.modules import Feature, Gate
from gecko.operations import job_listing, job_runs
from gecko.operations.dunning import planning, policy, running, sending
from gecko.operations.dunning.planning import Plan, Terms
from gecko.permissions import Permission
from jobs import queue
from reports.letters import reminders

from ..base import PageView, message_of, principal
from ..grid.records import read_id
from ..jobs import LIVE, STATES
from . import listing, making, words
from .forms import RunForm

SHOWN = 200
"""Debtors that a preview lists; the sums are of all."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do. rows: the first of those who are reminded; others: the first of those left out."""

    rows: list[Plan]
    others: list[Plan]
    count: int
    left_out: int
    total_ore: int
    fee_ore: int
    interest_ore: int
    compensation_ore: int
    overdue: int
    has_missing_rate: bool


class DunningRunsView(PageView):
    """Reminding debtors."""

    permission = (Permission.REMINDER_SEND, Permission.DEBTOR_VIEW)
    gate = Gate((Feature.INVOICES,))
    slug = "dunning_runs"
    title = _("Remind debtors")
    icon = "bell"

    @expose("/")
    def index(self) -> Any:
        """Choose the terms, see who would be reminded of what, and who is left out and why."""
        is_asked = "stage" in request.args
        form = RunForm(request.args) if is_asked else RunForm.empty()
        preview = None
        if is_asked and form.validate():
            preview = _checked(form, lambda: _preview(form.terms().checked()))
        return self._page(form, preview)

    def _page(self, form: RunForm, preview: Preview | None) -> Any:
        latest = db.session.scalars(select(DunningRun).order_by(DunningRun.id.desc()).limit(10)).all()
        rendered = self.render(
            "dunning/run.html",
            form=form,
            preview=preview,
            latest=latest,
            hindrances=words.HINDRANCES,
            shown=SHOWN,
            at_once=making.AT_ONCE,
            once=secrets.token_urlsafe(12),
        )
        return rendered, (422 if form.errors else 200)

    @expose("/start", methods=("POST",))
    def start(self) -> Any:
        """Make the reminders; the same form sent twice makes them once."""
        form, once = RunForm(request.form), request.form.get("once", "")[:40]
        if not once or not form.validate():
            return self._page(form, None)
        run_id = _checked(form, lambda: _create(form.terms().checked(), f"{principal().user_id}:{once}"))
        if run_id is None:
            return self._page(form, None)
        self._go_on(_find(run_id))
        return redirect(self.get_url(".show", dunning_run_id=run_id), 303)

    def _go_on(self, run: DunningRun) -> None:
        run_id, todo = run.id, running.waiting(run, principal())
        if len(todo) > making.AT_ONCE:
            _begin_job(run_id, "make")
            return
        made = sum(making.make(run_id, debtor_id) for debtor_id in todo)
        flash(ngettext("%(num)d reminder is made.", "%(num)d reminders are made.", made), "success")

    @expose("/<int:dunning_run_id>")
    def show(self, dunning_run_id: int) -> Any:
        """The reminders of a run, and how they go out."""
        run, who = _find(dunning_run_id), principal()
        run_id = run.id
        rows = listing.of_run(run_id, who, limit=listing.SHOWN)
        jobs = [_job(run_id, does) for does in ("make", "mail")]
        live = [one for one in jobs if one is not None and one.state in LIVE]
        return self.render(
            "dunning/show.html",
            run=run,
            rows=rows,
            states=words.STATES,
            job_states=STATES,
            live=live,
            waiting=0 if live else len(running.waiting(run, who)),
            to_mail=listing.count(listing.to_mail(run_id, who)),
            to_print=listing.count(listing.to_print(run_id, who)),
        )

    @expose("/<int:dunning_run_id>/go-on", methods=("POST",))
    def go_on(self, dunning_run_id: int) -> Any:
        """Make what a broken-off run has not made yet."""
        self._go_on(_find(dunning_run_id))
        return redirect(self.get_url(".show", dunning_run_id=dunning_run_id), 303)

    @expose("/<int:dunning_run_id>/mail", methods=("POST",))
    def mail(self, dunning_run_id: int) -> Any:
        """Put the letters of everybody with an address into the outbox."""
        todo = list(db.session.scalars(listing.to_mail(_find(dunning_run_id).id, principal())))
        if len(todo) > making.AT_ONCE:
            _begin_job(dunning_run_id, "mail")
        else:
            sent = sum(making.mail(dunning_id) for dunning_id in todo)
            flash(ngettext("%(num)d e-mail waits to be sent.", "%(num)d e-mails wait to be sent.", sent), "success")
        return redirect(self.get_url(".show", dunning_run_id=dunning_run_id), 303)

    @expose("/<int:dunning_run_id>/print", methods=("POST",))
    def print_out(self, dunning_run_id: int) -> Any:
        """The letters that go on paper as one PDF; they count as sent from now on."""
        wanted = listing.to_print(_find(dunning_run_id).id, principal())
        todo = list(db.session.scalars(wanted))
        if not todo:
            flash(gettext("There is nothing to print."), "info")
            return redirect(self.get_url(".show", dunning_run_id=dunning_run_id), 303)
        for dunning_id in todo:
            with transaction():
                sending.print_out(dunning_id)
        file = BytesIO()
        found = db.session.scalars(select(Dunning).where(Dunning.id.in_(todo)).order_by(Dunning.number))
        reminders.write(file, found, title=gettext("Payment reminders"))
        file.seek(0)
        name = gettext("payment-reminders-%(run)d.pdf", run=dunning_run_id)
        return send_file(file, mimetype="application/pdf", download_name=name, as_attachment=True)


def _checked(form: RunForm, work: Any) -> Any:
    """What `work` returns; a refusal stands beside its field, and gives None."""
    try:
        return work()
    except GeckoError as error:
        name = getattr(error, "field", None)
        if name in form:
            form[name].errors = [*form[name].errors, message_of(error)]
        else:
            form.form_errors.append(message_of(error))
        return None


def _preview(terms: Terms) -> Preview:
    rows: list[Plan] = []
    others: list[Plan] = []
    for plan in planning.plans(terms, planning.candidates(terms, principal())):
        (rows if plan.goes else others).append(plan)
    ends = [claim.charge.end for plan in rows for claim in plan.claims if claim.charge]
    return Preview(
        rows=rows[:SHOWN],
        others=others[:SHOWN],
        count=len(rows),
        left_out=len(others),
        total_ore=sum(plan.total_ore for plan in rows),
        fee_ore=sum(plan.fee_ore for plan in rows),
        interest_ore=sum(plan.interest_ore for plan in rows),
        compensation_ore=sum(plan.compensation_ore for plan in rows),
        overdue=sum(plan.due_on < today() for plan in rows),
        has_missing_rate=policy.read().has_interest and any(end < terms.to_date for end in ends),
    )


def _create(terms: Terms, key: str) -> int:
    """The run of everybody who is reminded by now, but for those that were ticked to be left out."""
    unwanted = {read_id(value) for value in request.form.getlist("leave_out")}
    chosen = [
        plan.debtor.id
        for plan in planning.plans(terms, planning.candidates(terms, principal()))
        if plan.goes and plan.debtor.id not in unwanted
    ]
    with transaction():
        return running.create(terms, chosen, key=key).id


def _find(run_id: int) -> DunningRun:
    run = db.session.get(DunningRun, run_id)
    if run is None:
        raise NotFound
    return run


def _key(run_id: int, does: str) -> str:
    return f"{does}:{run_id}"


def _job(run_id: int, does: str) -> JobRun | None:
    """The job of a run that is under way, if any."""
    found = job_listing.by_key(making.KIND, _key(run_id, does))
    return db.session.get(JobRun, found) if found else None


def _begin_job(run_id: int, does: str) -> None:
    with transaction():
        job_id = job_runs.create(
            kind=making.KIND,
            key=_key(run_id, does),
            parameters={"run": run_id, "does": does},
            user_id=principal().user_id,
        )
    queue.wake(job_id)
