"""The export of purchases: every line once, every document's total once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from gecko.db import db
from gecko.models.documents import SaleDocument, SaleLine
from reports import REPORTS, export, purchase_history
from reports.filters import Filters
from reports.purchase_sources import SOURCES
from reports.report import Scope
from tests.reports import ledgers

REPORT = REPORTS["purchase-history"]


def test_every_line_is_there_once_and_the_sums_are_right(app: Flask, tmp_path: Path) -> None:
    ledgers.make()
    written, rows, overview = ledgers.written("purchase-history", tmp_path / "k.xlsx")
    lines = db.session.scalar(select(func.count(SaleLine.id)))
    assert written.rows == len(rows) == lines + 2  # an ad hoc purchase, and its undoing
    total = db.session.scalar(select(func.sum(SaleLine.total_ore)))
    documents = db.session.scalar(select(func.sum(SaleDocument.total_ore)))
    assert written.totals == {"line_total": total, "document_total": documents}
    assert round(sum(row["Document total"] or 0 for row in rows) * 100) == documents
    assert overview["Sum in the data sheet: Document total"] == documents / 100
    assert overview["Difference"] == 0


def test_customer_by_customer_in_the_order_of_time_with_ad_hoc_purchases_among_them(app: Flask, tmp_path: Path) -> None:
    ledgers.make()
    _written, rows, _overview = ledgers.written("purchase-history", tmp_path / "k.xlsx")
    assert [row["Customer no."] for row in rows] == ["K1"] * 7 + ["K2"] * 2
    of_anna = [(row["Date"], row["Kind"]) for row in rows[:7]]
    assert of_anna == [
        (date(2024, 1, 15), "Invoice"),
        (date(2024, 1, 15), "Invoice"),
        (date(2024, 2, 20), "Ad hoc purchase"),
        (date(2024, 2, 20), "Ad hoc purchase"),
        (date(2024, 3, 2), "Invoice"),
        (date(2024, 3, 3), "Credit note"),
        (date(2024, 3, 3), "Credit note"),
    ]
    first, second, typed, undone = rows[:4]
    assert (first["Text"], first["Quantity"], first["Unit price"], first["Discount"]) == ("=1+1", 2.5, 99.99, 5)
    assert first["Line total"] == 244.98
    assert (first["Document total"], second["Document total"]) == (244.98 + 123.45, "")
    assert (typed["Document no."], typed["Item no."] != "", typed["VAT included"]) == ("Netbutik", True, "")
    assert typed["Line total"] == -undone["Line total"] == 123.45


@pytest.mark.parametrize(("kind", "count"), [("invoice", 5), ("credit_note", 2), ("ad_hoc", 2)])
def test_kinds(sqlite_app: Flask, tmp_path: Path, kind: str, count: int) -> None:
    ledgers.make()
    written, rows, _overview = ledgers.written("purchase-history", tmp_path / "k.xlsx", kind=kind)
    assert len(rows) == count
    control = export.preview(REPORT, Scope(Filters(kind=kind)))
    assert (control.rows, control.ore) == (count, written.control_ore)


def test_debtor_customer_group_and_period_narrow(sqlite_app: Flask, tmp_path: Path) -> None:
    made = ledgers.make()

    def count(**filters: object) -> int:
        return export.preview(REPORT, Scope(Filters(**filters))).rows  # type: ignore[arg-type]

    assert count(customer_id=made.bo) == 2
    assert count(debtor_id=made.bo_debtor) == 2
    assert count(group_id=made.other_group) == 2
    assert count(group_id=ledgers.group_of(made.anna)) == 7
    assert count(starts_on=date(2024, 2, 1), ends_on=date(2024, 2, 29)) == 2


def test_a_limited_user_gets_only_customers_they_may_see(app: Flask, tmp_path: Path) -> None:
    made = ledgers.make()
    limited = ledgers.limited_to(made.other_group)
    _written, rows, _overview = ledgers.written("purchase-history", tmp_path / "k.xlsx", limited)
    assert {row["Customer"] for row in rows} == {"-Bo"}


def test_a_documents_total_stands_once_even_where_chunks_part_it(
    sqlite_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purchase_history, "CHUNK", 1)
    ledgers.make()
    written, _rows, _overview = ledgers.written("purchase-history", tmp_path / "k.xlsx")
    assert written.totals["document_total"] == db.session.scalar(select(func.sum(SaleDocument.total_ore)))


@pytest.mark.parametrize("filters", [Filters(), Filters(group_id=1), Filters(customer_id=1)])
def test_sqlite_reads_along_the_index_and_sorts_nothing(sqlite_app: Flask, filters: Filters) -> None:
    for source in SOURCES:
        statement = purchase_history.statement(source, Scope(filters))
        sql = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
        plan = [row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}".replace(":", "\\:")))]
        assert not [step for step in plan if "TEMP B-TREE" in step]
