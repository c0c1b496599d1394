"""Automatic settlement of many debtors, debtor by debtor, in short transactions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from gecko.db import db
from gecko.errors import NotFound
from gecko.language import _
from gecko.operations import automatic_settling, job_runs, visibility
from gecko.operations.automatic_settling import Choice
from gecko.permissions import Permission

from .asking import asker
from .registry import job
from .work import Work

RUN = "debtors.settle"


@job(RUN, label=_("Automatic settlement"))
def run(work: Work) -> dict[str, Any]:
    """Settle the chosen debtors, or everybody that the choice finds and the one who asked may see.

    What is settled is not found again: a run that was broken off goes on with the others.
    """
    who = asker(work, Permission.DEBTOR_SETTLE)
    choice = Choice(**work.parameters["choice"])
    wanted = visibility.debtors(automatic_settling.candidates(choice), who)
    debtor_ids = sorted(db.session.scalars(wanted))
    if work.parameters["debtors"] is not None:
        debtor_ids = sorted(set(debtor_ids) & set(work.parameters["debtors"]))
    db.session.rollback()
    settled: dict[int, bool] = {}

    def write(debtor_id: int) -> None:
        try:
            settled[debtor_id] = automatic_settling.settle(debtor_id, choice) is not None
        except NotFound:  # deleted meanwhile
            settled[debtor_id] = False

    def turns() -> Iterator[int]:
        for debtor_id in debtor_ids:
            yield debtor_id
            while settled[debtor_id]:
                yield debtor_id

    work.write_in_chunks(turns(), write, message=_("Settling"))
    return {"debtors": len(debtor_ids)}


def start(choice: Choice, debtor_ids: list[int] | None, *, key: str, user_id: int) -> int:
    """Ask for a run, inside the open transaction; returns its id. debtor_ids: None for all that the choice finds."""
    return job_runs.create(
        kind=RUN,
        key=key,
        parameters={"choice": asdict(choice), "debtors": debtor_ids},
        user_id=user_id,
    )
