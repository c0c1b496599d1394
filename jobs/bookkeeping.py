"""Handing over many postings to the bookkeeping: as many batches as it takes, each in a transaction of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid, NotFound
from gecko.language import _
from gecko.models.bookkeeping import BatchFormat
from gecko.operations import job_runs
from gecko.operations.bookkeeping import batches
from gecko.operations.bookkeeping.batches import Wish
from gecko.permissions import Permission

from .asking import asker
from .registry import job
from .work import Work

HAND_OVER = "bookkeeping.hand_over"
_NAMED = 20


def start(wish: Wish, *, key: str, user_id: int) -> int:
    """Ask for it, inside the open transaction; returns the job's id. What is posted later is not handed over."""
    bounded = replace(wish, last_id=batches.extent(wish).last_id)
    days = {"starts_on": wish.starts_on.isoformat() if wish.starts_on else None, "ends_on": wish.ends_on.isoformat()}
    return job_runs.create(kind=HAND_OVER, key=key, parameters=asdict(bounded) | days, user_id=user_id)


@job(HAND_OVER, label=_("Handing over to the bookkeeping"), permission=Permission.LEDGER_EXPORT)
def hand_over(work: Work) -> dict[str, Any]:
    """Look through everything first, so that nothing is handed over where something is missing; then batch by batch.

    What was handed over and how far that went are committed together: a job that was broken off, or ran beside another
    one, hands no posting over twice, and goes on where it stopped.
    """
    if asker(work, Permission.LEDGER_EXPORT).groups is not None:
        raise NotFound(_("The one who asked for this may no longer do it."))
    wish = _wish(work.parameters)
    done = work.checkpoint or {"after": 0, "batches": 0, "postings": 0}
    if not done["batches"]:
        _look_through(work, wish)
    total = done["postings"] + batches.extent(replace(wish, after_id=done["after"])).postings
    while (found := batches.prepare(replace(wish, after_id=done["after"]))).posting_ids:
        db.session.rollback()
        after = {
            "after": found.posting_ids[-1],
            "batches": done["batches"] + 1,
            "postings": done["postings"] + len(found.posting_ids),
        }
        try:
            with transaction():
                batches.hand_over(found, key=f"job:{work.id}:{after['batches']}")
                work.progress(after["postings"], total, _("Making the batches"), checkpoint=after)
        except Conflict:  # somebody else handed some of these over: look again
            continue
        done = after
    db.session.rollback()
    return {"batches": done["batches"], "postings": done["postings"]}


def _wish(told: dict[str, Any]) -> Wish:
    starts_on = date.fromisoformat(told["starts_on"]) if told["starts_on"] else None
    ends_on = date.fromisoformat(told["ends_on"])
    return Wish(BatchFormat(told["format"]), ends_on, starts_on, told["is_repeat"], last_id=told["last_id"])


def _look_through(work: Work, wish: Wish) -> None:
    """Raise Invalid, with everything that stands in the way, where a posting cannot be handed over."""
    missing: Counter[str] = Counter()
    odd: list[int] = []
    total, seen = batches.extent(wish).postings, 0
    while (found := batches.prepare(wish)).posting_ids:
        db.session.rollback()
        missing += found.missing
        odd += found.unbalanced
        seen += len(found.posting_ids)
        wish = replace(wish, after_id=found.posting_ids[-1])
        work.progress(seen, total, _("Looking through the postings"))
    db.session.rollback()
    if missing or odd:
        lacking = [f"{batches.ROLES[role]} ({count})" for role, count in missing.items()]
        what = ", ".join([*lacking, *(str(one) for one in odd[:_NAMED])])
        raise Invalid(
            _("Nothing was handed over: accounts are missing, or postings do not balance. %(what)s"), what=what
        )
