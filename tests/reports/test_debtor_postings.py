"""The export of debtor postings equals the ledger, for whoever may see it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from gecko.db import db, transaction
from gecko.models.postings import DebtorPosting
from gecko.operations import debtor_links
from reports import REPORTS, debtor_postings, export
from reports.filters import Filters
from reports.report import Scope
from tests import factories
from tests.reports import ledgers

REPORT = REPORTS["debtor-postings"]


def test_the_workbook_holds_exactly_the_ledger(app: Flask, tmp_path: Path) -> None:
    made = ledgers.make()
    written, rows, overview = ledgers.written("debtor-postings", tmp_path / "p.xlsx")
    ledger = db.session.scalars(
        select(DebtorPosting).order_by(DebtorPosting.debtor_id, DebtorPosting.posted_on, DebtorPosting.id)
    ).all()
    assert written.rows == len(ledger) == len(rows) == 5
    assert [row["Posting no."] for row in rows] == [posting.id for posting in ledger]
    assert [round(row["Amount"] * 100) for row in rows] == [posting.amount_ore for posting in ledger]
    assert written.control_ore == db.session.scalar(select(func.sum(DebtorPosting.amount_ore)))
    assert rows[0]["Posting date"] == date(2024, 1, 15)
    assert {row["Kind"] for row in rows} == {"Invoice", "Payment", "Credit note"}
    assert [row["Debtor"] for row in rows][-1] == ledgers.HOSTILE
    assert [row["CVR no."] for row in rows][-1] == "13585628"
    assert [row["Customer no."] for row in rows] == ["K1", "", "K1", "K1", "K2"]
    assert overview["Control total: Amount"] == overview["Sum in the data sheet: Amount"] == written.control_ore / 100
    assert overview["Difference"] == 0
    assert made.invoice


def test_debit_credit_and_running_balance_per_debtor(app: Flask, tmp_path: Path) -> None:
    ledgers.make()
    _written, rows, _overview = ledgers.written("debtor-postings", tmp_path / "p.xlsx")
    balance: dict[str, int] = {}
    for row in rows:
        ore = round(row["Amount"] * 100)
        debtor = row["Debtor no."]
        balance[debtor] = balance.get(debtor, 0) + ore
        assert row["Balance"] == balance[debtor] / 100
        assert (row["Debit"] or 0) - (row["Credit"] or 0) == row["Amount"]
        assert (row["Debit"] == "") != (row["Credit"] == "")


def test_an_account_starts_with_what_was_posted_before_the_period(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.frames.stream.__kwdefaults__", {"size": 1})  # every row a chunk of its own
    made = ledgers.make()
    _written, rows, _overview = ledgers.written("debtor-postings", tmp_path / "p.xlsx", starts_on=date(2024, 2, 1))
    before = db.session.scalar(select(DebtorPosting.amount_ore).where(DebtorPosting.posted_on < date(2024, 2, 1)))
    assert before
    payment = rows[0]
    assert (payment["Kind"], payment["Amount"]) == ("Payment", -100)
    assert payment["Balance"] == (before - 10_000) / 100
    of_anna = [row for row in rows if row["Customer no."] in {"K1", ""}]
    total = db.session.scalar(
        select(func.sum(DebtorPosting.amount_ore)).where(DebtorPosting.debtor_id == made.anna_debtor)
    )
    assert of_anna[-1]["Balance"] == total / 100


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"starts_on": date(2024, 3, 1), "ends_on": date(2024, 3, 2)}, 2),
        ({"kind": "payment"}, 1),
        ({"ends_on": date(2023, 1, 1)}, 0),
    ],
)
def test_filters_narrow_and_the_preview_says_the_same(
    sqlite_app: Flask, tmp_path: Path, filters: dict[str, object], count: int
) -> None:
    ledgers.make()
    written, rows, _overview = ledgers.written("debtor-postings", tmp_path / "p.xlsx", **filters)
    assert written.rows == len(rows) == count
    control = export.preview(REPORT, Scope(Filters(**filters)))  # type: ignore[arg-type]
    assert (control.rows, control.ore) == (written.rows, written.control_ore)


def test_debtor_customer_and_group_narrow(sqlite_app: Flask, tmp_path: Path) -> None:
    made = ledgers.make()
    _w, rows, overview = ledgers.written("debtor-postings", tmp_path / "p.xlsx", debtor_id=made.bo_debtor)
    assert len(rows) == 1
    assert ledgers.HOSTILE in overview["Debtor"]
    _w, rows, overview = ledgers.written("debtor-postings", tmp_path / "p.xlsx", customer_id=made.anna)
    assert {row["Customer no."] for row in rows} == {"K1"}
    assert overview["Customer"] == "K1 Anna Ågård"
    assert "Balance" not in rows[0]  # parts of an account have no balance
    assert export.preview(REPORT, Scope(Filters(group_id=99))).rows == 0


def test_a_limited_user_gets_only_debtors_of_customers_they_may_see(app: Flask, tmp_path: Path) -> None:
    made = ledgers.make()
    limited = ledgers.limited_to(made.other_group)
    written, rows, overview = ledgers.written("debtor-postings", tmp_path / "p.xlsx", limited)
    assert {row["Customer no."] for row in rows} == {"K2"}
    assert written.control_ore == 75_000
    assert "Limited to the customers of" in overview
    nothing, _rows, _overview = ledgers.written("debtor-postings", tmp_path / "p.xlsx", ledgers.limited_to())
    assert nothing.rows == 0


def test_a_shared_account_names_no_customer_of_another_group(app: Flask, tmp_path: Path) -> None:
    made = ledgers.make()
    with transaction():
        debtor_links.unlink(made.anna)
        debtor_links.link(made.anna, made.bo_debtor)
    factories.invoice(made.bo_debtor, 1_000, customer_id=made.anna)
    limited = ledgers.limited_to(made.other_group)
    written, rows, _overview = ledgers.written("debtor-postings", tmp_path / "p.xlsx", limited)
    assert written.control_ore == 76_000  # the account is whole
    assert {row["Customer no."] or None for row in rows} == {"K2", None}


def test_danish_sheets_and_headings(sqlite_app: Flask, tmp_path: Path) -> None:
    import openpyxl

    ledgers.make()
    export.write(REPORT, Scope(Filters(locale="da")), tmp_path / "p.xlsx", author="Åse")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert book.sheetnames == ["Oversigt", "Posteringer"]
    sheet = book["Posteringer"]
    headings = [cell.value for cell in sheet[1]]
    assert headings[:3] == ["Posteringsnr.", "Bogføringsdato", "Forfaldsdato"]
    assert "Beløb" in headings
    assert isinstance(sheet["B2"].value, datetime)
    assert {cell.value for cell in sheet["I"][1:]} == {"Faktura", "Kreditnota", "Indbetaling"}
    assert sheet.freeze_panes == "A2"
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_posting_made_meanwhile_is_not_in_the_export(app: Flask, tmp_path: Path) -> None:
    made = ledgers.make()
    seen: list[int] = []

    def post_more(_done: int, _total: int) -> None:
        if not seen:
            factories.invoice(made.anna_debtor, 99_900, customer_id=made.anna)
        seen.append(1)

    scope = Scope(Filters(locale="en"))
    written = export.write(REPORT, scope, tmp_path / "p.xlsx", author="x", progress=post_more)
    assert written.rows == 5
    assert export.preview(REPORT, scope).rows == 6


def test_a_ledger_that_does_not_add_up_is_not_published(
    sqlite_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from reports.report import Control
    from reports.sheets import ControlMismatch

    ledgers.make()
    wrong = replace(REPORT, control=lambda _connection, _scope: Control(5, {"amount": 1}))
    for name in ("p.xlsx", "p.csv"):
        with pytest.raises(ControlMismatch):
            export.write(wrong, Scope(Filters(locale="en")), tmp_path / name, author="x")
    assert list(tmp_path.glob("*.xlsx")) == list(tmp_path.glob("*.csv")) == list(tmp_path.glob(".*.part")) == []


@pytest.mark.parametrize("filters", [Filters(), Filters(group_id=1), Filters(debtor_id=1)])
def test_sqlite_reads_along_the_index_and_sorts_nothing(sqlite_app: Flask, filters: Filters) -> None:
    statement = debtor_postings.statement(Scope(filters))
    sql = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = [row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}".replace(":", "\\:")))]
    assert not [step for step in plan if "TEMP B-TREE" in step]
