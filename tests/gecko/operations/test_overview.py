"""The start page's numbers equal the rows behind them, for everybody and for a limited user."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask

from gecko.db import transaction
from gecko.operations import ledger, overview
from gecko.permissions import Permission, Principal
from tests import factories

EVERYTHING = frozenset(Permission)


def principal(groups: set[int] | None = None, user_id: int = 1) -> Principal:
    limit = None if groups is None else frozenset(groups)
    return Principal(user_id, None, "x", "X", permissions=EVERYTHING, groups=limit)


def test_customers_and_those_of_this_month(app: Flask) -> None:
    other = factories.group()
    factories.customer(created_at=datetime(2026, 10, 31, 22, 30, tzinfo=UTC))  # 31 October 23:30 in Denmark
    factories.customer(created_at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC), group_id=other.id)  # 1 November 00:30
    factories.customer(created_at=datetime(2026, 11, 5, tzinfo=UTC), deleted_at=datetime(2026, 11, 6, tzinfo=UTC))
    factories.customer(created_at=datetime(2026, 11, 5, tzinfo=UTC), group_id=factories.group(is_active=False).id)
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False):
        assert (overview.customers(principal()), overview.new_customers(principal())) == (2, 1)
        limited = principal({factories.primary_group().id})
        assert (overview.customers(limited), overview.new_customers(limited)) == (1, 0)


def test_debts_are_the_ledgers(app: Flask) -> None:
    first, paid, owed = factories.debtor(), factories.debtor(), factories.debtor()
    factories.invoice(first.id, 10_000, 2_550)
    factories.invoice(paid.id, 5_000)
    factories.invoice(owed.id, 100)
    for debtor_id, ore in ((paid.id, 5_000), (owed.id, 400)):
        with transaction():
            ledger.record_payment(debtor_id, ore, paid_on=date(2026, 1, 1))
    found = overview.debts(principal())
    assert found == overview.Debts(1, 12_550 - 300)
    assert found.outstanding_ore == ledger.total()


def test_a_limited_user_sees_the_debts_of_visible_customers_debtors(app: Flask) -> None:
    other = factories.group()
    _seen, payer = factories.linked()
    _hidden, stranger = factories.linked(group_id=other.id)
    factories.invoice(payer.id, 700)
    factories.invoice(stranger.id, 900)
    limited = principal({factories.primary_group().id})
    assert overview.debts(limited) == overview.Debts(1, 700)
    assert sum(month.invoiced_ore for month in overview.invoiced_by_month(limited)) == 700
    assert overview.debts(principal(set())) == overview.Debts(0, 0)


def test_months_hold_what_was_invoiced_in_them(app: Flask) -> None:
    payer = factories.debtor()
    for day, ore in (
        (date(2025, 11, 30), 1),
        (date(2025, 12, 1), 20),
        (date(2026, 11, 30), 300),
        (date(2026, 2, 28), 4000),
    ):
        with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False):
            factories.invoice(payer.id, ore, document_date=day)
    with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False):
        months = overview.invoiced_by_month(principal())
    assert [month.invoiced_ore for month in months] == [20, 0, 4000, 0, 0, 0, 0, 0, 0, 0, 0, 300]
    assert (months[0].first, months[0].last) == (date(2025, 12, 1), date(2025, 12, 31))
    assert months[2].last == date(2026, 2, 28)


def test_old_books_are_shown_at_their_end(app: Flask) -> None:
    assert overview.invoiced_by_month(principal()) == []
    payer = factories.debtor()
    with time_machine.travel(datetime(2011, 12, 9, tzinfo=UTC), tick=False):
        factories.invoice(payer.id, 500)
    months = overview.invoiced_by_month(principal())
    assert (months[-1].first, months[-1].invoiced_ore) == (date(2011, 12, 1), 500)


@pytest.mark.parametrize(("month", "back", "expected"), [
    (date(2026, 11, 1), 11, date(2025, 12, 1)), (date(2026, 1, 1), 1, date(2025, 12, 1)),
    (date(2026, 12, 1), 12, date(2025, 12, 1)), (date(2026, 12, 1), 0, date(2026, 12, 1)),
])  # fmt: skip
def test_months_are_counted_back_over_new_year(month: date, back: int, expected: date) -> None:
    assert overview._back(month, back) == expected


def test_fresh_means_no_customer_and_no_debtor(app: Flask) -> None:
    assert overview.is_fresh()
    factories.debtor()
    assert not overview.is_fresh()
