"""Imports as jobs and commands: killed in the middle they end with the totals of the whole file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

import gecko
from gecko.db import db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.documents import SaleDocument
from gecko.models.jobs import JobRun, JobState
from gecko.models.postings import DebtorPosting
from gecko.operations import job_runs
from gecko.operations.importing import running
from jobs import imports, runner
from jobs.commands.check import check
from jobs.commands.imports import import_file
from tests import factories, invariants
from tests.gecko.operations.importing.files import INVOICES

ROOT = Path(gecko.__file__).parent.parent
TOML = """
kind = "invoices"
decimal = "."
date_format = "%m/%d/%y %H:%M"
round = "half_up"
create_missing = ["customer", "debtor"]
[columns]
number = "no"
issued_at = "date"
customer_number = "customer"
total = "total"
quantity = "qty"
"""


def invoices(count: int) -> str:
    """Invoices of which every tenth has no customer and every twentieth stands twice."""
    lines = ["no,date,customer,qty,total"]
    for n in range(count):
        customer = "" if n % 10 == 9 else str(n % 97)
        line = f"{n},12/{n % 28 + 1}/09 7:45,{customer},{n},{n / 100}"
        lines += [line, line] if n % 20 == 0 else [line]
    return "\n".join(lines) + "\n"


def expected(count: int) -> dict[str, int]:
    refused = sum(1 for n in range(count) if n % 10 == 9)
    existing = sum(1 for n in range(count) if n % 20 == 0)
    return {"read": count + existing, "imported": count - refused, "existing": existing, "refused": refused}


def ledger() -> tuple[int, int]:
    db.session.rollback()
    count, total = db.session.execute(select(func.count(), func.sum(DebtorPosting.amount_ore))).one()
    return count, int(total or 0)


def start(text: str, *roles: str) -> int:
    (imports.uploads() / "file.data").write_text(text, encoding="utf-8")
    parameters = {"file": "file.data", "name": "faktura.csv", "mapping": INVOICES, "is_dry": False}
    user_id = factories.user(*roles).id
    with transaction():
        return job_runs.create(kind="imports.run", key="one", parameters=parameters, user_id=user_id)


class Killed(BaseException):
    """What a power cut looks like from inside."""


@pytest.mark.parametrize("after", [1, 3, 5])
def test_a_broken_off_job_goes_on_and_ends_with_the_totals_of_the_whole_file(app, monkeypatch, after):
    monkeypatch.setattr(running, "FIRST", 40)
    monkeypatch.setattr(running, "LARGEST", 40)
    monkeypatch.setattr(running, "SMALLEST", 40)
    run_id = start(invoices(300), "office")
    write, calls = running.Import.write, []

    def dying(self, chunk):
        write(self, chunk)
        calls.append(chunk)
        if len(calls) == after:
            raise Killed

    monkeypatch.setattr(running.Import, "write", dying)
    with pytest.raises(Killed):
        runner.execute(run_id)
    half = ledger()[0]
    monkeypatch.setattr(running.Import, "write", write)
    with transaction() as session:  # the lease of the dead runs out
        run = session.get(JobRun, run_id)
        run.state, run.lease_owner, run.lease_until = JobState.QUEUED, None, None
    assert runner.execute(run_id) == JobState.DONE

    db.session.rollback()
    result = db.session.get(JobRun, run_id).result
    assert {name: result[name] for name in expected(300)} == expected(300)
    assert half < ledger()[0] == result["imported"]
    assert ledger()[1] == sum(n for n in range(300) if n % 10 != 9)
    rejects = (imports.exports() / result["file"]).read_text(encoding="utf-8-sig").splitlines()
    assert len(rejects) == result["refused"] + 1
    assert len(set(rejects)) == len(rejects)
    events = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import.finish")).all()
    assert [(event.changes["read"], event.changes["imported"]) for event in events] == [(315, 270)]
    assert not (imports.uploads() / "file.data").exists()


def test_a_job_asks_for_the_right_again_when_it_runs(app):
    run_id = start(invoices(5), "receptionist")
    assert runner.execute(run_id) == JobState.FAILED
    assert ledger()[0] == 0


def test_a_database_that_says_not_now_is_asked_again(sqlite_app, tmp_path, monkeypatch):
    import sqlite3

    from sqlalchemy.exc import OperationalError

    run_id = start(invoices(60), "office")
    write, calls = running.Import.write, []

    def busy_once(self, chunk):
        write(self, chunk)
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(running.Import, "write", busy_once)
    assert runner.execute(run_id) == JobState.DONE
    result = db.session.get(JobRun, run_id, populate_existing=True).result
    assert {name: result[name] for name in expected(60)} == expected(60)
    lines = (imports.exports() / result["file"]).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == result["refused"] + 1


def command(app, *arguments):
    result = app.test_cli_runner().invoke(import_file, list(map(str, arguments)))
    return result, json.loads(result.stdout.splitlines()[-1]) if "--json" in arguments else None


@pytest.fixture
def files(tmp_path):
    (tmp_path / "m.toml").write_text(TOML)
    (tmp_path / "f.csv").write_text(invoices(200))
    return tmp_path / "f.csv", "--mapping", tmp_path / "m.toml"


def test_the_command_ends_with_one_object(app, files, tmp_path):
    result, facts = command(app, "invoices", *files, "--json", "--dry-run")
    assert (result.exit_code, ledger()[0]) == (0, 0)
    assert {name: facts[name] for name in expected(200)} == expected(200)
    result, facts = command(app, "invoices", *files, "--json", "--rejects", tmp_path / "r.csv")
    assert result.exit_code == 0
    assert {name: facts[name] for name in expected(200)} == expected(200)
    assert {"warnings", "seconds"} <= set(facts)
    head, first = (tmp_path / "r.csv").read_text(encoding="utf-8-sig").splitlines()[:2]
    assert head == "no,date,customer,qty,total,Line,Reason"
    assert first == "9,12/10/09 7:45,,9,0.09,12,The row has no customer number."
    _result, again = command(app, "invoices", *files, "--json")
    assert (again["imported"], again["existing"]) == (0, facts["imported"] + facts["existing"])
    assert "imported" in command(app, "invoices", *files)[0].output


def test_the_mended_rejects_come_in_with_the_same_mapping(app, files, tmp_path):
    command(app, "invoices", *files, "--rejects", tmp_path / "r.csv")
    lines = (tmp_path / "r.csv").read_text(encoding="utf-8-sig").replace(":45,,", ":45,5,")
    (tmp_path / "r.csv").write_text(lines, encoding="utf-8")
    _result, facts = command(app, "invoices", tmp_path / "r.csv", *files[1:], "--json")
    assert (facts["imported"], facts["refused"]) == (expected(200)["refused"], 0)


@pytest.mark.parametrize(
    ("kind", "toml", "csv", "words"),
    [
        ("invoices", 'kind = "customers"\n[columns]\nname = "a"', "a\n1\n", "is for customers"),
        ("customers", 'nonsense = 1\n[columns]\nname = "a"', "a\n1\n", "unknown key: nonsense"),
        ("customers", '[columns]\nname = "b"', "a,c\n1,2\n", "no column “b”. It has: a, c"),
        ("customers", '[columns]\nname = "a"', "a,a\n1,2\n", "more than once"),
        ("customers", '[columns]\nname = "a"', "", "empty"),
        ("customers", "[columns", "a\n", "not valid TOML"),
        ("customers", '[columns]\nwho = "a"', "a\n", "no field “who”"),
        ("invoices", '[columns]\nnumber = "a"', "a\n", "names no column for: issued_at"),
    ],
)
def test_trouble_with_the_whole_file_is_told_and_exits_with_1(sqlite_app, tmp_path, kind, toml, csv, words):
    (tmp_path / "m.toml").write_text(toml)
    (tmp_path / "f.csv").write_text(csv)
    result, facts = command(sqlite_app, kind, tmp_path / "f.csv", "--mapping", tmp_path / "m.toml", "--json")
    assert result.exit_code == 1
    assert words in facts["error"]
    assert words in result.stderr


def test_a_killed_command_run_again_ends_right(sqlite_app, tmp_path, files):
    count = 4000
    files[0].write_text(invoices(count))
    env = {**os.environ, "GECKO_INSTANCE": str(tmp_path), "DATABASE_URL": "", "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-m", "app", "import", "invoices", *map(str, files), "--json"]
    process = subprocess.Popen(arguments, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while ledger()[0] < 200 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    process.stderr.close()
    killed_at = ledger()[0]
    assert 0 < killed_at < expected(count)["imported"]
    assert [one.name for one in invariants.checked() if not one.is_ok] == []
    _result, facts = command(sqlite_app, "invoices", *files, "--json")
    assert facts["imported"] == expected(count)["imported"] - killed_at
    assert facts["read"] == facts["imported"] + facts["existing"] + facts["refused"]
    assert ledger() == (expected(count)["imported"], sum(n for n in range(count) if n % 10 != 9))
    assert db.session.scalar(select(func.count()).select_from(SaleDocument)) == expected(count)["imported"]
    assert sqlite_app.test_cli_runner().invoke(check, ["--json"]).exit_code == 0
