"""People who are registered twice, and jobs done at once."""

from __future__ import annotations

from datetime import date

from gecko.db import db, transaction
from gecko.models.jobs import JobRun, JobState
from gecko.operations import job_runs
from jobs import runner
from tests import factories

ANNA = {
    "name": "Anna Sofie Thorup", "birth_date": date(1981, 3, 9), "mobile": "+4522334455",
    "email": "anna.thorup@firma.dk", "address": "Skovvej 12", "postal_code": "8000", "city": "Aarhus C",
}  # fmt: skip
BO = {
    "name": "Bo Winther", "birth_date": date(1975, 11, 30), "mobile": "+4561626364", "email": "bo@winther.dk",
    "address": "Engvej 4", "postal_code": "5000", "city": "Odense C",
}  # fmt: skip


def twice(values, **second):
    """One person registered twice; the ids."""
    return tuple(factories.customer(**one).id for one in (values, {**values, **second}))


def do(kind, parameters=None, user_id=None):
    with transaction():
        run_id = job_runs.create(kind=kind, key="k", parameters=parameters or {}, user_id=user_id)
    state = runner.execute(run_id)
    run = db.session.get(JobRun, run_id, populate_existing=True)
    assert state == JobState.DONE, run.error
    return run.result
