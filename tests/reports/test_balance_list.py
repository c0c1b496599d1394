"""The balance list by age: every bucket on its edges, any day, and always what the postings come to."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.errors import Invalid
from gecko.models.debtors import Debtor, DebtorGroup
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import debtor_groups, ledger, settling
from reports import REPORTS, export
from reports.filters import Filters
from reports.report import Scope
from tests import factories
from tests.reports import ledgers

BALANCES, ITEMS = REPORTS["balance-list"], REPORTS["open-items"]
DUE = date(2024, 3, 1)


def post(debtor_id: int, ore: int, on: date, due: date | None = None) -> int:
    kind = PostingKind.INVOICE if ore > 0 else PostingKind.PAYMENT
    with transaction():
        return ledger.post(debtor_id, kind, ore, posted_on=on, due_on=due, text="x").id


def settle(debtor_id: int, *posting_ids: int, **values: int) -> int:
    with transaction():
        return settling.settle(debtor_id, posting_ids, **values).id


def row(debtor_id: int, **filters: object) -> dict[str, int]:
    """The debtor's line: the money of it that is not nothing, by column."""
    looked = export.look(BALANCES, Scope(Filters(debtor_id=debtor_id, **filters)), most=10)  # type: ignore[arg-type]
    assert looked.control.rows == len(looked.rows)
    [found] = looked.rows or [{}]
    keys = [column.key for column in BALANCES.columns(Filters()) if column.kind == "money"]
    return {key: found[key] for key in keys if found.get(key)}


@pytest.mark.parametrize(
    ("days", "bucket"), [(-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (4_000, 4)]
)
def test_a_bucket_begins_the_day_after_the_one_before_it_ends(app: Flask, days: int, bucket: int) -> None:
    debtor_id = factories.debtor().id
    post(debtor_id, 12_345, DUE - timedelta(days=20), DUE)
    as_of = DUE + timedelta(days=days)
    assert row(debtor_id, as_of=as_of) == {f"bucket_{bucket}": 12_345, "total": 12_345}
    found = export.look(ITEMS, Scope(Filters(as_of=as_of, bucket=bucket)), most=10)
    assert [one["remaining"] for one in found.rows] == [12_345]
    assert found.rows[0]["overdue"] == (days if days > 0 else None)
    others = [n for n in range(5) if n != bucket]
    assert [export.preview(ITEMS, Scope(Filters(as_of=as_of, bucket=n))).rows for n in others] == [0] * 4


@pytest.mark.parametrize(("days", "bucket"), [(0, 0), (10, 0), (11, 1), (20, 1), (21, 2)])
def test_by_posting_date_and_with_buckets_of_ones_own(app: Flask, days: int, bucket: int) -> None:
    debtor_id = factories.debtor().id
    post(debtor_id, 700, DUE, DUE + timedelta(days=30))
    own = {"as_of": DUE + timedelta(days=days), "basis": "posting", "buckets": (10, 20)}
    assert row(debtor_id, **own) == {f"bucket_{bucket}": 700, "total": 700}
    with force_locale("en"):
        labels = [str(one.label) for one in Filters(**own).ageing.buckets]  # type: ignore[arg-type]
    assert labels == ["0–10 days", "11–20 days", "Over 20 days"]


@pytest.mark.parametrize("bounds", [(30, 30), (60, 30), (0, 30), (-5,), tuple(range(1, 12)), (30, 99_999)])
def test_buckets_that_are_none_are_refused(bounds: tuple[int, ...]) -> None:
    with pytest.raises(Invalid):
        Filters(buckets=bounds)


def test_as_of_a_day_before_an_undo_the_settlement_counts(app: Flask) -> None:
    debtor_id = factories.debtor().id
    owed, paid = post(debtor_id, 10_000, DUE, DUE), post(debtor_id, -4_000, DUE + timedelta(days=2))
    with time_machine.travel("2024-03-10 12:00+01:00", tick=False):
        made = settle(debtor_id, owed, paid)
    with time_machine.travel("2024-03-20 12:00+01:00", tick=False), transaction():
        settling.undo(made)
    open_now = {"bucket_1": 10_000, "credits": -4_000, "total": 6_000}
    assert row(debtor_id, as_of=date(2024, 3, 1)) == {"bucket_0": 10_000, "total": 10_000}
    assert row(debtor_id, as_of=date(2024, 3, 9)) == open_now
    assert row(debtor_id, as_of=date(2024, 3, 10)) == {"bucket_1": 6_000, "total": 6_000}
    assert row(debtor_id, as_of=date(2024, 3, 19)) == {"bucket_1": 6_000, "total": 6_000}
    assert row(debtor_id, as_of=date(2024, 3, 20)) == open_now
    for day in (9, 10, 19, 20):
        as_of = date(2024, 3, day)
        items = export.look(ITEMS, Scope(Filters(as_of=as_of)), most=10)
        left = settling.remaining([owed, paid], as_of)
        assert {one["posting_no"]: one["remaining"] for one in items.rows} == {k: ore for k, ore in left.items() if ore}
        assert items.control.totals == {"remaining": ledger.outstanding(debtor_id, as_of)}


def test_a_debtor_who_owes_nothing_with_open_items_stands_in_the_list(app: Flask) -> None:
    debtor_id = factories.debtor().id
    owed, paid = post(debtor_id, 500, DUE, DUE), post(debtor_id, -500, DUE)
    assert row(debtor_id, as_of=DUE) == {"bucket_0": 500, "credits": -500}
    settle(debtor_id, owed, paid)
    assert export.preview(BALANCES, Scope(Filters())).rows == 0
    assert export.preview(BALANCES, Scope(Filters(everybody=True))).rows == 1


def test_the_workbook_the_overview_and_the_postings_say_the_same(app: Flask, tmp_path: Path) -> None:
    made = ledgers.make()
    for as_of in (date(2024, 1, 14), date(2024, 2, 1), date(2024, 3, 3), None):
        _written, rows, overview = ledgers.written("balance-list", tmp_path / "b.xlsx", as_of=as_of)
        assert overview["Control total: Balance"] == ledger.total(as_of) / 100
        listed = {one.number: one.outstanding_ore for one in ledger.balance_list(as_of)}
        assert {line["Debtor no."]: round(line["Balance"] * 100) for line in rows} == listed
        keys = (
            [key for key in rows[0] if key not in ("Debtor no.", "Debtor group", "Debtor", "Balance")] if rows else []
        )
        assert all(round(sum(line[key] for key in keys) * 100) == round(line["Balance"] * 100) for line in rows)
    assert made.invoice


def test_groups_numbers_and_one_debtor_narrow(app: Flask) -> None:
    with transaction():
        group_id = debtor_groups.create({"name": "Erhverv", "is_active": True}).id
    ids = [factories.debtor(group_id=group_id if n == 1 else None).id for n in range(3)]
    with transaction() as session:
        for debtor_id, number in zip(ids, ("9", "10", "100"), strict=True):
            session.get_one(Debtor, debtor_id).number = number
    for n, debtor_id in enumerate(ids, start=1):
        post(debtor_id, n * 100, DUE)

    def found(**filters: object) -> list[str]:
        looked = export.look(BALANCES, Scope(Filters(**filters)), most=10)  # type: ignore[arg-type]
        assert looked.control.totals["total"] == sum(one["total"] for one in looked.rows)
        return sorted(one["debtor_no"] for one in looked.rows)

    assert found() == ["10", "100", "9"]
    assert found(debtor_from="10") == ["10", "100"]
    assert found(debtor_from="9", debtor_to="99") == ["10", "9"]
    assert found(group_id=group_id) == ["10"]
    assert db.session.scalars(select(DebtorGroup.id)).all() == [group_id]


def test_a_limited_user_gets_only_debtors_of_customers_they_may_see(app: Flask) -> None:
    made = ledgers.make()
    for report in (BALANCES, ITEMS):
        control = export.preview(report, Scope(Filters(), ledgers.limited_to(made.other_group)))
        assert (control.rows, control.ore) == (1, 75_000)
        assert export.preview(report, Scope(Filters(), ledgers.limited_to())).rows == 0


def test_every_bar_is_what_its_rows_come_to(app: Flask) -> None:
    debtor_id = factories.debtor().id
    for days in (0, 1, 31, 61, 91, 92):
        post(debtor_id, 1_000 + days, DUE - timedelta(days=days), DUE - timedelta(days=days))
    owed = db.session.scalars(select(DebtorPosting.id)).all()
    with time_machine.travel("2024-03-01 12:00+01:00", tick=False):
        settle(debtor_id, *owed, post(debtor_id, -1_500, DUE))
    looked = export.look(BALANCES, Scope(Filters(as_of=DUE)), most=10)
    for bar in looked.bars:
        behind = export.preview(REPORTS[bar.behind.report], Scope(bar.behind.filters))
        assert behind.totals["remaining"] == bar.ore
    assert sum(bar.ore for bar in looked.bars) == looked.control.totals["total"]
