"""Export jobs: the file, its facts, who may, and what the log keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.documents import SaleLine
from gecko.models.jobs import JobRun, JobState
from gecko.models.postings import DebtorPosting
from gecko.operations import job_runs, settings
from jobs import exports, registry, runner
from reports import REPORTS
from reports.filters import Filters
from tests import factories
from tests.reports import ledgers


def ask(kind: str, user_id: int | None, **parameters: Any) -> int:
    with transaction():
        return job_runs.create(kind=kind, key="k", parameters=parameters, user_id=user_id)


def finished(run_id: int) -> JobRun:
    db.session.rollback()
    run = db.session.get(JobRun, run_id, populate_existing=True)
    assert run is not None
    return run


def folder(app: Flask) -> Path:
    return app.config["GECKO"].folder("exports")


def test_debtor_postings_become_a_workbook_with_its_facts(app: Flask) -> None:
    made = ledgers.make()
    user = factories.user("accountant", name="Rev Isor", language="en").id
    run_id = ask("exports.debtor_postings", user, locale="en", format="xlsx", debtor_id=made.anna_debtor)
    assert runner.execute(run_id) is JobState.DONE
    run = finished(run_id)
    assert run.result is not None
    total = db.session.scalar(
        select(func.sum(DebtorPosting.amount_ore)).where(DebtorPosting.debtor_id == made.anna_debtor)
    )
    assert (run.result["rows"], run.result["control_ore"]) == (4, total)
    assert (run.done, run.total) == (4, 4)
    path = folder(app) / run.result["file"]
    assert path.name == f"debtor-postings_{run_id}.xlsx"
    overview = dict(openpyxl.load_workbook(path)["Overview"].iter_rows(values_only=True))
    assert overview["Exported by"] == "Rev Isor"
    assert overview["SHA-256 of the data rows"] == run.result["content_sha256"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export.finish")).one()
    assert (entry.user_id, entry.entity_id) == (user, str(run_id))
    assert entry.changes is not None
    assert entry.changes["filters"] == {"debtor_id": made.anna_debtor, "locale": "en"}
    assert (entry.changes["rows"], entry.changes["sha256"]) == (4, run.result["sha256"])


def test_purchases_become_csv_and_are_in_the_customers_log(sqlite_app: Flask) -> None:
    made = ledgers.make()
    user = factories.user("accountant").id
    run_id = ask("exports.purchase_history", user, locale="da", format="csv", customer_id=made.bo)
    assert runner.execute(run_id) is JobState.DONE
    run = finished(run_id)
    assert run.result is not None
    lines = (folder(sqlite_app) / run.result["file"]).read_text(encoding="utf-8-sig").splitlines()
    assert run.result["file"] == f"koebshistorik_{run_id}.csv"
    assert lines[0].startswith("Kundenr.;Kunde;Dato;")
    assert len(lines) == 1 + run.result["rows"] == 3
    assert lines[1].startswith("K2;'-Bo;01-03-2024;")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export.finish")).one()
    assert entry.customer_id == made.bo


def test_a_limited_user_gets_only_their_customers(sqlite_app: Flask) -> None:
    made = ledgers.make()
    user = factories.user("accountant", is_limited=True)
    with transaction() as session:
        from gecko.models.customer_groups import CustomerGroup

        session.get(type(user), user.id).groups.append(session.get(CustomerGroup, made.other_group))
    run_id = ask("exports.purchase_history", user.id, locale="en")
    assert runner.execute(run_id) is JobState.DONE
    result = finished(run_id).result
    assert result is not None
    assert result["rows"] == 2 < db.session.scalar(select(func.count(SaleLine.id)))


@pytest.mark.parametrize("role", ["receptionist", "reviewer"])
def test_who_lost_the_right_gets_nothing(sqlite_app: Flask, role: str) -> None:
    ledgers.make()
    run_id = ask("exports.debtor_postings", factories.user(role).id)
    assert runner.execute(run_id) is JobState.FAILED
    assert list(folder(sqlite_app).iterdir()) == []


def test_nothing_is_exported_while_invoices_are_switched_off(sqlite_app: Flask) -> None:
    with transaction():
        settings.put("feature.invoices", False)
    run_id = ask("exports.debtor_postings", factories.user("super").id)
    assert runner.execute(run_id) is JobState.FAILED


def test_a_cancelled_export_leaves_no_file(sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ledgers.make()
    monkeypatch.setattr("reports.frames.stream.__kwdefaults__", {"size": 1})
    monkeypatch.setattr("jobs.work.TELL_EVERY", 0)
    run_id = ask("exports.debtor_postings", factories.user("super").id)
    from jobs.work import Work

    tell = Work.progress

    def cancel_after_two(self: Work, done: int, *args: Any, **kwargs: Any) -> None:
        if done == 2:
            with transaction():
                job_runs.request_cancel(run_id)
        tell(self, done, *args, **kwargs)

    monkeypatch.setattr(Work, "progress", cancel_after_two)
    assert runner.execute(run_id) is JobState.CANCELLED
    assert list(folder(sqlite_app).iterdir()) == []


def test_file_names_tell_the_period() -> None:
    from datetime import date

    filters = Filters(starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31))
    assert exports.file_name(REPORTS["debtor-postings"], filters, "xlsx", 7) == (
        "debitorposteringer_2024-01-01_2024-12-31_7.xlsx"
    )


def test_every_report_is_a_job_under_a_name_that_stays():
    assert exports.KINDS == {
        "balance-list": "exports.balance_list",
        "open-items": "exports.open_items",
        "account-statement": "exports.account_statement",
        "debtor-postings": "exports.debtor_postings",
        "invoice-list": "exports.invoice_list",
        "payments": "exports.payments",
        "prepayments": "exports.prepayments",
        "prepayment-entries": "exports.prepayment_entries",
        "settlement-journal": "exports.settlement_journal",
        "vat-summary": "exports.vat_summary",
        "reminder-status": "exports.reminder_status",
        "purchase-history": "exports.purchase_history",
    }
    assert {registry.get(kind).permission for kind in exports.KINDS.values()} == {
        REPORTS[key].permission for key in exports.KINDS
    }
