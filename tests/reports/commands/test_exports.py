"""`gecko export`: files from the command line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import func, select

from gecko.db import db
from gecko.models.audit import AuditEntry
from gecko.models.debtors import Debtor
from gecko.models.postings import DebtorPosting
from reports.commands.exports import exports
from tests.reports import ledgers


def run(app: Flask, *arguments: object) -> Result:
    return CliRunner().invoke(exports, [str(word) for word in arguments], obj=ScriptInfo(create_app=lambda: app))


def test_the_whole_ledger_with_a_summary_for_programs(app: Flask, tmp_path: Path) -> None:
    ledgers.make()
    out = tmp_path / "p.xlsx"
    done = run(app, "debtor-postings", "--locale", "en", "--out", out, "--json")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.output)
    assert facts["rows"] == 5
    assert facts["control_ore"] == db.session.scalar(select(func.sum(DebtorPosting.amount_ore)))
    assert facts["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert openpyxl.load_workbook(out).sheetnames == ["Overview", "Postings"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export.finish")).one()
    assert entry.changes is not None
    assert entry.changes["rows"] == 5


def test_filters_and_csv(sqlite_app: Flask, tmp_path: Path) -> None:
    made = ledgers.make()
    number = db.session.scalar(select(Debtor.number).where(Debtor.id == made.anna_debtor))
    out = tmp_path / "p.csv"
    done = run(
        sqlite_app, "debtor-postings", "--from", "01-02-2024", "--to", "2024-03-02", "--debtor", number, "--out", out
    )
    assert done.exit_code == 0, done.output
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 3
    for customer in ("K2", f"#{made.bo}"):
        done = run(sqlite_app, "purchase-history", "--customer", customer, "--out", tmp_path / "k.xlsx")
        assert "2 rows" in done.output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--from", "2024-02-02", "--to", "2024-02-01", "--out", "x.xlsx"), "ends before it begins"),
        (("--from", "2024-13-01", "--out", "x.xlsx"), "is not a day"),
        (("--out", "nowhere/x.xlsx"), "nowhere/x.xlsx cannot be written: No such file or directory"),
        (("--customer", "#99999999999999999999", "--out", "x.xlsx"), "no customer has it"),
        (("--debtor", "nobody", "--out", "x.xlsx"), "no debtor number nobody"),
        (("--customer", "nobody", "--out", "x.xlsx"), "no customer has it"),
        (("--out", "x.pdf"), ".xlsx"),
        ((), "--out"),
    ],
)
def test_what_cannot_be_done_is_said(
    sqlite_app: Flask, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    done = run(sqlite_app, "debtor-postings", "--locale", "en", *arguments)
    assert done.exit_code != 0
    assert complaint in done.output
    assert not Path("x.xlsx").exists()
