"""The nightly seal, and `gecko ledger`: seal, verify, anchor, hand over."""

import json

import pytest
from sqlalchemy import select, text

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.jobs import JobRun, JobState
from gecko.models.messages import Message
from gecko.operations import job_runs, settings
from gecko.operations.sealing import anchors
from jobs import runner
from jobs.chaos.tampering import unguarded
from jobs.commands.ledger import ledger
from tests import factories


def do(kind):
    with transaction():
        run_id = job_runs.create(kind=kind, key="k", parameters={}, user_id=None)
    assert runner.execute(run_id) == JobState.DONE
    return db.session.get(JobRun, run_id, populate_existing=True).result


@pytest.fixture
def command(sqlite_app):
    def run(*arguments):
        return sqlite_app.test_cli_runner().invoke(ledger, [str(one) for one in arguments])

    return run


def test_every_night_the_ledger_is_sealed_and_its_head_mailed(app):
    with transaction():
        settings.put(anchors.ADDRESS, "revisor@example.dk")
    factories.invoice(factories.debtor().id)
    assert do("ledger.seal") == {"rows": 3, "mailed": True}
    assert do("ledger.seal") == {"rows": 0, "mailed": False}
    assert db.session.scalars(select(Message.recipient)).all() == ["revisor@example.dk"]


def test_the_commands_seal_verify_and_compare_with_an_anchor(command, tmp_path):
    anchor = tmp_path / "anchor.json"
    assert "Nothing is sealed" in command("anchor", "--out", anchor).output
    factories.invoice(factories.debtor().id)
    assert "3 rows sealed" in command("seal").output
    assert command("anchor", "--out", anchor).exit_code == 0
    assert command("verify", "--anchor", anchor).exit_code == 0
    assert json.loads(command("verify", "--json").output)["rows"] == 3
    with unguarded() as connection:
        connection.execute(text("UPDATE debtor_posting SET amount_ore = 1"))
    answer = command("verify")
    assert answer.exit_code == 1
    assert "debtor_posting 1 is not what was sealed" in answer.output
    anchor.write_text("{}")
    assert "no anchor" in command("verify", "--anchor", anchor).output


def test_postings_are_handed_over_from_the_command_line(command, tmp_path):
    factories.invoice(factories.debtor().id)
    out = tmp_path / "batch.csv"
    arguments = ("export", "--format", "plain", "--to", today(), "--out", out)
    answer = command(*arguments)
    assert answer.exit_code == 1
    assert "Debtors: no account for 1 lines" in answer.output
    assert not out.exists()
    with transaction():
        for name in ("debtor", "sales", "vat"):
            settings.put(f"bookkeeping.{name}", "1000")
    assert "batch 1: 1 postings, 3 lines" in command(*arguments).output
    assert out.read_bytes().startswith(b"\xef\xbb\xbfDato;")
    assert "nothing to hand over" in command(*arguments).output
