"""The Jobs page: what people see of work in progress, what they may do about it, and the file at its end."""

import re

import pytest

from gecko.db import db, transaction
from gecko.models.jobs import JobRun, JobState
from gecko.operations import job_runs
from gecko.permissions import Permission
from jobs import registry
from tests import factories


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    registry.load()
    monkeypatch.setattr(registry, "KINDS", dict(registry.KINDS))
    registry.job("test.plain", label="Plain job")(lambda work: None)
    registry.job("test.export", label="Export job", permission=Permission.DEBTOR_EXPORT)(lambda work: None)


def job(user, *, kind="test.plain", key="k", **values):
    with transaction():
        run_id = job_runs.create(kind=kind, key=key, parameters={}, user_id=user and user.id)
        run = db.session.get(JobRun, run_id)
        for name, value in values.items():
            setattr(run, name, value)
    return run_id


def row(run_id):
    db.session.rollback()
    return db.session.get(JobRun, run_id, populate_existing=True)


@pytest.fixture
def people(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False

    def make(*roles, **values):
        user = factories.user(*roles, **{"language": "en", **values})
        return user, factories.signed_in(sqlite_app, user)

    return make


def test_everybody_sees_their_own_jobs_and_some_see_all(people):
    mine, client = people("receptionist")
    other, accountant = people("accountant")
    own, foreign = job(mine), job(other, key="2")
    page = client.get("/jobs/").get_data(as_text=True)
    assert f'href="/jobs/{own}"' in page
    assert f'href="/jobs/{foreign}"' not in page
    assert client.get(f"/jobs/{foreign}").status_code == 404
    page = accountant.get("/jobs/").get_data(as_text=True)
    assert f'href="/jobs/{own}"' in page
    assert f'href="/jobs/{own}"' not in accountant.get("/jobs/?mine=1").get_data(as_text=True)


def test_a_failed_job_says_why_and_can_be_tried_again(people):
    user, client = people("receptionist")
    run_id = job(user, state=JobState.FAILED, error="The disk is <full>.", finished_at=user.created_at)
    page = client.get(f"/jobs/{run_id}").get_data(as_text=True)
    assert "The disk is &lt;full&gt;." in page
    assert "every 2s" not in page
    response = client.post(f"/jobs/{run_id}/retry")
    assert (response.status_code, response.location) == (303, f"/jobs/{run_id}")
    assert row(run_id).state == JobState.QUEUED
    assert client.post(f"/jobs/{run_id}/retry").status_code == 303  # a doubled click changes nothing
    assert row(run_id).state == JobState.QUEUED


def test_a_running_job_is_followed_and_can_be_cancelled(people):
    user, client = people("receptionist")
    run_id = job(user, state=JobState.RUNNING, done=30, total=120, message="Writing rows")
    page = client.get(f"/jobs/{run_id}").get_data(as_text=True)
    for part in ('value="30"', 'max="120"', "Writing rows", 'hx-trigger="every 2s"', "<noscript>"):
        assert part in page
    part = client.get(f"/jobs/{run_id}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.lstrip().startswith('<div id="job"')
    client.post(f"/jobs/{run_id}/cancel")
    assert row(run_id).is_cancel_wanted
    assert "asked to stop" in client.get(f"/jobs/{run_id}").get_data(as_text=True)


def test_looking_is_not_steering(people):
    user, _client = people("receptionist")
    _other, accountant = people("accountant")
    _manager, office = people("office")
    run_id = job(user)
    assert "Cancel the job" not in accountant.get(f"/jobs/{run_id}").get_data(as_text=True)
    assert accountant.post(f"/jobs/{run_id}/cancel").status_code == 403
    assert row(run_id).state == JobState.QUEUED
    office.post(f"/jobs/{run_id}/cancel")
    assert row(run_id).state == JobState.CANCELLED


def export(app, user, name="Åse.xlsx", **values):
    (app.config["GECKO"].folder("exports") / name.rsplit("/", 1)[-1]).write_bytes(b"PK\x03\x04")
    result = {"file": name, "rows": 1234, "control_ore": 250}
    return job(user, kind="test.export", state=JobState.DONE, finished_at=user.created_at, result=result, **values)


def test_the_file_is_an_attachment_and_its_facts_are_shown(sqlite_app, people):
    user, client = people("accountant")
    run_id = export(sqlite_app, user)
    page = client.get(f"/jobs/{run_id}").get_data(as_text=True)
    assert "1,234" in page
    assert "DKK 2.50" in page.replace("\xa0", " ")
    assert f'href="/jobs/{run_id}/file"' in page
    response = client.get(f"/jobs/{run_id}/file")
    assert response.data == b"PK\x03\x04"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in response.headers["Cache-Control"]
    response.close()


def test_the_file_is_only_for_the_one_who_asked_and_still_may(sqlite_app, people):
    user, _client = people("accountant")
    _manager, office = people("office")
    run_id = export(sqlite_app, user)
    assert office.get(f"/jobs/{run_id}/file").status_code == 403
    assert f'href="/jobs/{run_id}/file"' not in office.get(f"/jobs/{run_id}").get_data(as_text=True)
    demoted, client = people("receptionist")
    run_id = export(sqlite_app, demoted, key="2")
    assert client.get(f"/jobs/{run_id}/file").status_code == 403


@pytest.mark.parametrize("name", ["../secret.json", "/etc/passwd", "..", "exports/x.xlsx", "gone.xlsx", "", "link"])
def test_no_name_reaches_another_file(sqlite_app, people, name):
    user, client = people("accountant")
    folder = sqlite_app.config["GECKO"].folder("exports")
    (folder / "link").symlink_to(folder.parent / "secret.json")
    run_id = job(user, kind="test.export", state=JobState.DONE, finished_at=user.created_at, result={"file": name})
    assert client.get(f"/jobs/{run_id}/file").status_code == 404


def test_pages_of_jobs(people):
    user, client = people("receptionist")
    ids = [job(user, key=str(n), state=JobState.DONE) for n in range(55)]
    page = client.get("/jobs/").get_data(as_text=True)
    assert f'href="/jobs/{ids[-1]}"' in page
    assert f'href="/jobs/{ids[0]}"' not in page
    assert f"before={ids[5]}" in page
    assert f'href="/jobs/{ids[0]}"' in client.get(f"/jobs/?before={ids[5]}").get_data(as_text=True)
    assert f'href="/jobs/{ids[0]}"' not in client.get("/jobs/?state=failed").get_data(as_text=True)
    assert client.get("/jobs/?state=odd&before=x").status_code == 200


def test_the_list_asks_the_database_a_few_times_only(people):
    from sqlalchemy import event

    _user, client = people("accountant")
    for n in range(30):
        job(factories.user(), key=str(n))
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    client.get("/jobs/")
    assert len([s for s in statements if s.lstrip().upper().startswith("SELECT")]) <= 10


def test_in_danish_and_for_the_system(people):
    _user, client = people("office", language="da")
    run_id = job(None, kind="housekeeping.statistics")
    page = client.get("/jobs/").get_data(as_text=True)
    assert "Ny statistik til databasen" in page
    assert "Systemet" in page
    assert "Venter" in client.get(f"/jobs/{run_id}").get_data(as_text=True)


def test_jobs_under_way_are_those_that_wait_and_those_that_run(people):
    user, client = people("office")
    waits, runs = job(user, key="1"), job(user, key="2", state=JobState.RUNNING)
    job(user, key="3", state=JobState.DONE)
    shown = client.get("/jobs/?state=live").get_data(as_text=True)
    assert {int(found) for found in re.findall(r'href="/jobs/(\d+)"', shown)} == {waits, runs}
