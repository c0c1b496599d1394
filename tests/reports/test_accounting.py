"""The accountant's other reports: each on a small ledger, each equal to what the tables say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import Invalid
from gecko.models.documents import SaleDocument
from gecko.models.payment_types import PaymentType
from gecko.models.settlements import SettlementLine
from gecko.operations import invoicing, ledger, prepaying, reversing, settling
from reports import REPORTS, export
from reports.filters import UNSTATED, Filters
from reports.report import Scope
from tests import factories
from tests.gecko.operations.dunning import making
from tests.reports import ledgers


def look(key: str, **filters: object) -> export.Looked:
    with force_locale("en"):
        return export.look(REPORTS[key], Scope(Filters(**filters)), most=100)  # type: ignore[arg-type]


def column(looked: export.Looked, key: str) -> list[object]:
    return [row[key] for row in looked.rows]


def total(of: object) -> int:
    return int(db.session.scalar(select(func.sum(of))) or 0)  # type: ignore[call-overload]


def test_a_statement_goes_from_the_opening_to_the_closing_balance(app: Flask) -> None:
    made = ledgers.make()
    whole = look("account-statement", debtor_id=made.anna_debtor)
    assert column(whole, "text")[0] == "Opening balance"
    assert (column(whole, "balance")[0], column(whole, "balance")[-1]) == (0, ledger.outstanding(made.anna_debtor))
    february = {"starts_on": date(2024, 2, 1), "ends_on": date(2024, 2, 29)}
    part = look("account-statement", debtor_id=made.anna_debtor, **february)
    before = ledger.outstanding(made.anna_debtor, date(2024, 1, 31))
    assert column(part, "balance") == [before, before - 10_000, before - 10_000]
    assert column(part, "posted_on") == [date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29)]
    assert part.control.totals == {"debit": 0, "credit": 10_000}


def test_a_statement_is_of_one_debtor_whom_one_may_see(app: Flask) -> None:
    made = ledgers.make()
    with pytest.raises(Invalid):
        look("account-statement")
    hidden = Scope(Filters(debtor_id=made.anna_debtor), ledgers.limited_to(made.other_group))
    assert export.look(REPORTS["account-statement"], hidden, most=9).rows == []


def test_the_invoice_list_sums_and_its_months_lead_to_their_documents(app: Flask) -> None:
    made = ledgers.make()
    listed = look("invoice-list")
    sums = {"total": SaleDocument.total_ore, "net": SaleDocument.net_ore, "vat": SaleDocument.vat_ore}
    assert listed.control.totals == {key: total(of) for key, of in sums.items()}
    assert listed.control.rows == 4
    assert [str(bar.label) for bar in listed.bars] == ["01-2024", "03-2024"]
    for bar in listed.bars:
        behind = export.preview(REPORTS[bar.behind.report], Scope(bar.behind.filters))
        assert behind.totals["total"] == bar.ore
    assert column(look("invoice-list", kind="credit_note"), "total") == [-36_843]
    limited = Scope(Filters(), ledgers.limited_to(made.other_group))
    assert export.preview(REPORTS["invoice-list"], limited).totals["total"] == 75_000


def test_payments_by_type_with_what_was_taken_back(app: Flask) -> None:
    debtor_id = factories.debtor().id
    card = db.session.scalars(select(PaymentType.id).order_by(PaymentType.id)).first()
    with transaction():
        ledger.record_payment(debtor_id, 10_000, payment_type_id=card, paid_on=date(2024, 2, 1))
        wrong = ledger.record_payment(debtor_id, 700, payment_type_id=card, paid_on=date(2024, 2, 2)).id
        ledger.record_payment(debtor_id, 55, paid_on=date(2024, 2, 3))
    with transaction():
        reversing.reverse(wrong)
    factories.invoice(debtor_id, 4_000)
    found = look("payments")
    assert found.control.totals == {"received": 10_055}
    assert sorted(column(found, "received")) == [-700, 55, 700, 10_000]
    assert {bar.ore for bar in found.bars} == {10_000, 55}
    for bar in found.bars:
        assert export.preview(REPORTS["payments"], Scope(bar.behind.filters)).ore == bar.ore
    assert look("payments", payment_type_id=UNSTATED).control.rows == 1
    assert look("payments", ends_on=date(2024, 2, 1)).control.rows == 1


def test_prepayments_of_any_day_are_their_entries(app: Flask) -> None:
    made = ledgers.make()
    owed = [one.posting_id for one in settling.open_of(made.bo_debtor) if one.remaining_ore > 0]
    with transaction():
        prepaying.pay_in(made.anna_debtor, 5_000, paid_on=date(2024, 2, 1))
        prepaying.pay_out(made.anna_debtor, 5_000, paid_on=date(2024, 2, 3))
        prepaying.pay_in(made.bo_debtor, 9_000, paid_on=date(2024, 2, 2))
        wrong = prepaying.pay_in(made.bo_debtor, 70, paid_on=date(2024, 2, 2)).id
        prepaying.use(made.bo_debtor, owed, amount_ore=1_000)
    with transaction():
        prepaying.reverse(wrong, reason="Fejl")
    found = look("prepayments")
    assert found.control.totals == {"paid_in": 9_000, "used": -1_000, "paid_out": 0, "prepayment": 8_000}
    assert [row["debtor_id"] for row in found.rows] == [made.bo_debtor]
    assert look("prepayments", everybody=True).control.totals["paid_in"] == 14_000
    february = look("prepayments", as_of=date(2024, 2, 2))
    assert sorted(column(february, "prepayment")) == [5_000, 9_070]
    for row in february.rows:
        behind = REPORTS["prepayments"].drill(Filters(as_of=date(2024, 2, 2)), row)["prepayment"]  # type: ignore[misc]
        assert export.preview(REPORTS[behind.report], Scope(behind.filters)).ore == row["prepayment"]
    entries = look("prepayment-entries", debtor_id=made.bo_debtor)
    assert sorted(column(entries, "amount")) == [-1_000, -70, 70, 9_000]
    assert look("prepayment-entries", kind="used").control.totals == {"amount": -1_000}
    hidden = ledgers.limited_to(made.other_group)
    for key in ("prepayments", "prepayment-entries"):
        totals = export.preview(REPORTS[key], Scope(Filters(), hidden)).totals
        assert totals[{"prepayments": "prepayment"}.get(key, "amount")] == 8_000


def test_the_vat_summary_is_what_the_documents_come_to(app: Flask) -> None:
    ledgers.make()
    debtor_id = factories.debtor().id
    lines = [invoicing.Line(1_000, 10_000, "Behandling", is_vat_exempt=True), invoicing.Line(1_000, 12_500, "Creme")]
    with transaction():
        invoicing.issue(debtor_id=debtor_id, lines=lines, document_date=date(2024, 2, 10))
    monthly, quarterly = look("vat-summary"), look("vat-summary", step="quarter")
    for found in (monthly, quarterly):
        totals = found.control.totals
        assert totals["total"] == total(SaleDocument.total_ore) == totals["net"] + totals["vat"] + totals["vat_free"]
        assert totals["vat"] == total(SaleDocument.vat_ore)
        assert {key: sum(row[key] for row in found.rows) for key in totals} == totals
    assert column(monthly, "period") == ["01-2024", "02-2024", "02-2024", "03-2024"]
    february = [row for row in monthly.rows if row["period"] == "02-2024"]
    assert [(row["rate"], row["net"], row["vat"], row["vat_free"]) for row in february] == [
        ("25 %", 10_000, 2_500, 0),
        ("0 %", 0, 0, 10_000),
    ]
    assert column(quarterly, "period") == ["Q1 2024", "Q1 2024"]
    behind = REPORTS["vat-summary"].drill(Filters(), monthly.rows[-1])["period"]  # type: ignore[misc]
    assert (behind.filters.starts_on, behind.filters.ends_on) == (date(2024, 3, 1), date(2024, 3, 31))


def test_the_journal_has_settlements_and_their_undos(app: Flask) -> None:
    made = ledgers.make()
    with transaction():
        settled = settling.settle(made.anna_debtor, [one.posting_id for one in settling.open_of(made.anna_debtor)]).id
    kept = total(SettlementLine.amount_ore)
    with transaction():
        settling.undo(settled)
    found = look("settlement-journal")
    assert kept > 0
    assert found.control.totals == {"settled": 0}
    assert sum(row["settled"] for row in found.rows if row["undoes_no"] is None) == kept
    assert {row["undoes_no"] for row in found.rows if row["kind"] == "undo"} == {settled}
    assert look("settlement-journal", kind="manual").control.ore == kept
    limited = Scope(Filters(), ledgers.limited_to(made.other_group))
    assert export.preview(REPORTS["settlement-journal"], limited).rows == 0


def test_reminders_with_what_is_still_open(app: Flask) -> None:
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id, 40_000, document_date=today() - timedelta(days=90))
    made = making.remind(debtor_id)
    assert made
    found = look("reminder-status")
    assert column(found, "reminder_no") == [made.number]
    assert (column(found, "claims"), column(found, "still_open")) == ([40_000], [40_000])
    assert found.control.totals["fee"] == made.fee_ore
    [claim] = [one.posting_id for one in settling.open_of(debtor_id) if one.remaining_ore == 40_000]
    with transaction():
        paid = ledger.record_payment(debtor_id, 15_000).id
        settling.settle(debtor_id, [claim, paid])
    assert column(look("reminder-status"), "still_open") == [25_000]
    state = column(look("reminder-status"), "state")[0]
    assert look("reminder-status", kind=state).control.rows == 1
    assert look("reminder-status", kind="cancelled").control.rows == 0
