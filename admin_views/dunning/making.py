"""Making one debtor's reminder with its letter, and the job that does so for many."""

from __future__ import annotations

from typing import Any

from gecko.db import db, transaction
from gecko.errors import NotFound
from gecko.language import _
from gecko.models.dunning import DunningRun
from gecko.operations.dunning import papers, running, sending
from gecko.permissions import Permission
from jobs.registry import job
from jobs.work import Work
from reports.letters import reminders

from ..on_behalf import asker
from . import listing

KIND = "dunning.run"
AT_ONCE = 100
"""Debtors whose reminders are made while somebody waits; more become a job."""


def make(run_id: int, debtor_id: int) -> bool:
    """The reminder, its postings and its letter in one transaction; False where there is nothing to remind of."""
    with transaction():
        run = db.session.get(DunningRun, run_id)
        if run is None:
            raise NotFound
        dunning = running.write(run, debtor_id)
        if dunning is None:
            return False
        papers.keep(dunning.id, reminders.make(dunning))
        return True


def mail(dunning_id: int) -> bool:
    """One reminder into the outbox; False where it is there or went already."""
    with transaction():
        return sending.mail(dunning_id) is not None


@job(KIND, label=_("Payment reminders"), permission=Permission.REMINDER_SEND)
def run_many(work: Work) -> dict[str, Any]:
    """Make the reminders of a run that are missing, or put those made into the outbox; again does neither twice."""
    with asker(work, Permission.REMINDER_SEND, Permission.DEBTOR_VIEW) as who:
        run_id, is_mail = work.parameters["run"], work.parameters["does"] == "mail"
        run = db.session.get(DunningRun, run_id)
        if run is None:
            raise NotFound
        todo = list(db.session.scalars(listing.to_mail(run_id, who))) if is_mail else running.waiting(run, who)
        db.session.rollback()
        done = 0
        for place, one in enumerate(todo, start=1):
            done += mail(one) if is_mail else make(run_id, one)
            work.progress(place, len(todo), _("Sending reminders") if is_mail else _("Making reminders"))
        return {"mails" if is_mail else "reminders": done}
