"""Purchases: documents and ad hoc purchases as one list."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy.exc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from gecko.clock import from_local, local, today
from gecko.db import db, transaction
from gecko.errors import Invalid, NotFound
from gecko.models.documents import SaleDocument
from gecko.models.postings import DebtorPosting
from gecko.models.purchases import AdHocPurchase
from gecko.operations import ad_hoc, crediting, purchases
from tests import factories


def add(customer_id, item_id, **values):
    quantity = values.pop("quantity_milli", 1_000)
    price = values.pop("unit_price_ore", None)
    with transaction():
        return ad_hoc.create(customer_id, [ad_hoc.AdHocItem(item_id, quantity, price)], **values).id


def test_an_ad_hoc_purchase_touches_neither_documents_nor_ledger(app):
    customer_id, item_id = factories.customer().id, factories.item(name="Creme", price_ore=19_950).id
    purchase_id = add(
        customer_id, item_id, quantity_milli=2_000, purchased_on=date(2025, 5, 1), source_text=" Webshop "
    )
    purchase = db.session.get(AdHocPurchase, purchase_id)
    assert (purchase.total_ore, purchase.source_text, purchase.lines[0].text) == (39_900, "Webshop", "Creme")
    assert db.session.scalar(select(func.count()).select_from(SaleDocument)) == 0
    assert db.session.scalar(select(func.count()).select_from(DebtorPosting)) == 0


def test_it_is_undone_once_by_an_opposite_row(app):
    customer_id, item_id = factories.customer().id, factories.item(price_ore=100).id
    purchase_id = add(customer_id, item_id)
    with transaction():
        undoing = ad_hoc.reverse(purchase_id, customer_id=customer_id).id
    assert purchases.totals(customer_id).count == 0
    assert [row.is_undone for row in purchases.page(customer_id).rows] == [False, True]
    for again in (purchase_id, undoing):
        with pytest.raises(Invalid), transaction():
            ad_hoc.reverse(again)
    stranger = factories.customer().id
    with pytest.raises(NotFound), transaction():
        ad_hoc.reverse(purchase_id, customer_id=stranger)


@pytest.mark.parametrize("table", ["ad_hoc_purchase", "ad_hoc_line"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET id = id + 1000", "DELETE FROM {0}"])
def test_the_database_refuses_to_change_it(app, table, change):
    add(factories.customer().id, factories.item().id)
    with pytest.raises(sqlalchemy.exc.DBAPIError, match="rows never change"), transaction() as session:
        session.execute(text(change.format(table)))


def test_the_same_key_is_entered_once(sqlite_app):
    customer_id, item_id = factories.customer().id, factories.item().id
    assert add(customer_id, item_id, key="k") == add(customer_id, item_id, key="k")


@pytest.mark.parametrize(
    ("values", "field"),
    [({"item_id": 99}, "item_id"), ({"quantity_milli": 0}, "quantity"), ({"unit_price_ore": -1}, "price_ore"),
     ({"purchased_on": today() + timedelta(days=2)}, "purchased_on")],
)  # fmt: skip
def test_impossible_purchases_are_refused(sqlite_app, values, field):
    customer_id, item_id = factories.customer().id, factories.item().id
    with pytest.raises(Invalid) as error:
        add(customer_id, **{"item_id": item_id, **values})
    assert error.value.field == field


def test_an_inactive_item_and_no_item_are_refused(sqlite_app):
    customer_id, inactive = factories.customer().id, factories.item(is_active=False).id
    with pytest.raises(Invalid):
        add(customer_id, inactive)
    with pytest.raises(Invalid), transaction():
        ad_hoc.create(customer_id, [])
    with pytest.raises(NotFound):
        add(99, inactive)


def test_totals_tell_invoices_from_ad_hoc(app):
    customer, debtor = factories.linked()
    customer_id, debtor_id, item_id = customer.id, debtor.id, factories.item(price_ore=300).id
    factories.invoice(debtor_id, 1_000, customer_id=customer_id, document_date=date(2026, 1, 5))
    invoice_id = factories.invoice(debtor_id, 500, customer_id=customer_id).id
    with transaction():
        crediting.issue(invoice_id)
    add(customer_id, item_id, purchased_on=date(2024, 2, 29))
    totals = purchases.totals(customer_id)
    assert totals == purchases.PurchaseTotals(3, 1_000, 800, 1, 300, today())
    assert purchases.count(customer_id) == 4
    only_ad_hoc = purchases.totals(customer_id, purchases.Period(last=date(2024, 12, 31)))
    assert only_ad_hoc == purchases.PurchaseTotals(1, 0, 0, 1, 300, date(2024, 2, 29))


def test_a_period_includes_both_ends_on_the_danish_clock(app):
    customer, debtor = factories.linked()
    customer_id, debtor_id, item_id = customer.id, debtor.id, factories.item().id
    for at in ("2026-06-01T00:00", "2026-06-01T23:59:59", "2026-06-02T00:00"):
        document_at(debtor_id, customer_id, from_local(datetime.fromisoformat(at)))
    add(customer_id, item_id, purchased_on=date(2026, 6, 1))
    add(customer_id, item_id, purchased_on=date(2026, 6, 2))
    day = purchases.Period(date(2026, 6, 1), date(2026, 6, 1))
    assert len(purchases.page(customer_id, period=day).rows) == 3
    assert purchases.totals(customer_id, day).count == 3


def test_an_invoice_dated_back_counts_on_the_day_it_bears_as_in_the_ledger(app):
    customer, debtor = factories.linked()
    customer_id = customer.id
    factories.invoice(debtor.id, 1_000, customer_id=customer_id, document_date=date(2025, 12, 31))
    december = purchases.Period(date(2025, 12, 1), date(2025, 12, 31))
    assert len(purchases.page(customer_id, period=december).rows) == 1
    assert purchases.totals(customer_id, december).last_on == date(2025, 12, 31)
    assert purchases.totals(customer_id, purchases.Period(first=date(2026, 1, 1))).count == 0


def test_a_period_runs_forward():
    with pytest.raises(Invalid):
        purchases.Period(date(2026, 2, 1), date(2026, 1, 31))
    assert purchases.Period(date(2026, 2, 1), date(2026, 2, 1)).first == date(2026, 2, 1)


def document_at(debtor_id, customer_id, instant):
    """An imported document with its own time; returns nothing but leaves a row."""
    return factories.save(
        SaleDocument(
            kind="invoice", series="imported", number=f"I{instant.timestamp()}-{next(factories._numbers)}",
            customer_id=customer_id, debtor_id=debtor_id, issued_at=instant,
            document_date=local(instant).date(), due_on=local(instant).date(),
            buyer={}, seller={}, term={}, buyer_name="", total_ore=100, net_ore=80, vat_ore=20,
        )
    )  # fmt: skip


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hours=st.lists(st.integers(0, 72), max_size=8),
    days=st.lists(st.integers(0, 3), max_size=8),
    size=st.integers(1, 5),
)
def test_pages_show_every_purchase_once_newest_first(app, hours, days, size):
    customer, debtor = factories.linked()
    customer_id, debtor_id, item_id = customer.id, debtor.id, factories.item().id
    start = datetime(2026, 3, 27, 22, 0)  # a Friday before the clocks change
    for hour in hours:
        document_at(debtor_id, customer_id, from_local(start + timedelta(hours=hour)))
    for day in days:
        add(customer_id, item_id, purchased_on=date(2026, 3, 27) + timedelta(days=day))
    seen, cursor = [], None
    while True:
        page = purchases.page(customer_id, after=cursor, size=size)
        assert len(page.rows) <= size
        seen += page.rows
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len({row.cursor for row in seen}) == len(hours) + len(days)
    assert [row.at for row in seen] == sorted((row.at for row in seen), reverse=True)


@pytest.mark.parametrize("cursor", ["x", "2026-01-01T00:00:00~1~1", "a~b~c", "2026-01-01T00:00:00+00:00~1",
     "9999-12-31T23:59:00+00:00~1~1", "2026-01-01T00:00:00+00:00~1~99999999999999999999"])  # fmt: skip
def test_a_broken_cursor_starts_over(sqlite_app, cursor):
    customer_id = factories.customer().id
    add(customer_id, factories.item().id)
    assert len(purchases.page(customer_id, after=cursor).rows) == 1
