"""What is thrown away at night, and what stays."""

import os
from datetime import timedelta

from sqlalchemy import text, update

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.jobs import JobRun, JobState
from gecko.models.sessions import LinkPurpose, OneTimeLink
from gecko.operations import job_runs
from jobs import runner
from tests import factories


def do(kind):
    with transaction():
        run_id = job_runs.create(kind=kind, key="k", parameters={}, user_id=None)
    assert runner.execute(run_id) == JobState.DONE
    return db.session.get(JobRun, run_id, populate_existing=True).result


def export(app, name, *, days):
    path = app.config["GECKO"].folder("exports") / name
    path.write_bytes(b"x")
    instant = now() - timedelta(days=days)
    os.utime(path, (instant.timestamp(), instant.timestamp()))
    with transaction() as session:
        run_id = job_runs.create(kind="exports.test", key=name, parameters={}, user_id=None)
        session.execute(
            update(JobRun)
            .where(JobRun.id == run_id)
            .values(state=JobState.DONE, finished_at=instant, result={"file": name, "rows": 3})
        )
    return path, run_id


def test_old_exports_go_and_their_links_with_them(app):
    old, old_run = export(app, "old.xlsx", days=31)
    new, new_run = export(app, "new.xlsx", days=29)
    assert do("housekeeping.exports") == {"files": 1}
    assert (old.exists(), new.exists()) == (False, True)
    assert db.session.get(JobRun, old_run, populate_existing=True).result == {"rows": 3}
    assert db.session.get(JobRun, new_run, populate_existing=True).result["file"] == "new.xlsx"


def test_uploads_that_were_never_imported_go(sqlite_app):
    folder = sqlite_app.config["GECKO"].folder("uploads")
    for name, days in (("old.data", 8), ("new.data", 6)):
        (folder / name).write_bytes(b"x")
        instant = (now() - timedelta(days=days)).timestamp()
        os.utime(folder / name, (instant, instant))
    assert do("housekeeping.exports") == {"files": 1}
    assert [path.name for path in folder.iterdir()] == ["new.data"]


def test_traces_that_are_over_go(app):
    for number, days in enumerate((400, -1)):
        expires = now() - timedelta(days=days)
        factories.save(OneTimeLink(token_hash=f"{number}", purpose=LinkPurpose.SET_PASSWORD, expires_at=expires))
    assert do("housekeeping.traces") == {"sessions": 0, "failures": 0, "links": 1, "reports": 0}
    db.session.rollback()
    assert db.session.query(OneTimeLink).one().token_hash == "1"


def test_the_database_counts_its_tables(app):
    for _n in range(3):
        factories.customer()
    db.session.rollback()
    do("housekeeping.statistics")
    if db.engine.dialect.name == "sqlite":
        counted = db.session.scalar(text("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'customer'"))
    else:
        counted = db.session.scalar(text("SELECT reltuples FROM pg_class WHERE relname = 'customer'"))
    assert counted
