"""The ledger: append-only on both databases, and every way of adding up agrees."""

from datetime import date, timedelta

import pytest
import sqlalchemy.exc
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import Invalid, NotFound
from gecko.models.postings import PostingKind
from gecko.operations import ledger, reversing
from tests import factories


def pay(debtor_id, ore, **values):
    with transaction():
        return ledger.record_payment(debtor_id, ore, **values).id


def test_a_payment_lowers_what_is_owed_and_its_reversal_restores_it(app):
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id, 10_000)
    payment = pay(debtor_id, 4_000, text="MobilePay")
    assert ledger.outstanding(debtor_id) == 6_000
    with transaction():
        reversal = reversing.reverse(payment)
    assert (reversal.kind, reversal.amount_ore, reversal.text) == (PostingKind.REVERSAL, 4_000, "MobilePay")
    assert ledger.outstanding(debtor_id) == 10_000


def test_a_posting_is_reversed_once_and_a_reversal_never(sqlite_app):
    payment = pay(factories.debtor().id, 100)
    with transaction():
        reversal = reversing.reverse(payment).id
    for posting_id in (payment, reversal):
        with pytest.raises(Invalid), transaction():
            reversing.reverse(posting_id)
    with pytest.raises(NotFound), transaction():
        reversing.reverse(999)


def test_an_invoice_is_not_reversed(sqlite_app):
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id)
    posting_id = db.session.scalar(text("SELECT id FROM debtor_posting"))
    with force_locale("en"), pytest.raises(Invalid, match="credit note"), transaction():
        reversing.reverse(posting_id)


def test_the_same_key_records_once(app):
    debtor_id = factories.debtor().id
    assert pay(debtor_id, 100, key="k") == pay(debtor_id, 100, key="k")
    payment = pay(debtor_id, 100, key="k")
    with transaction():
        first = reversing.reverse(payment, key="r").id
    with transaction():
        assert reversing.reverse(payment, key="r").id == first
    assert ledger.outstanding(debtor_id) == 0


@pytest.mark.parametrize("ore", [0, -1])
def test_a_payment_is_positive(sqlite_app, ore):
    with pytest.raises(Invalid):
        pay(factories.debtor().id, ore)


def test_a_payment_is_not_of_tomorrow(sqlite_app):
    with pytest.raises(Invalid):
        pay(factories.debtor().id, 100, paid_on=today() + timedelta(days=1))


@pytest.mark.parametrize("table", ["debtor_posting", "sale_document", "sale_line"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET id = id + 1000", "DELETE FROM {0}"])
def test_the_database_refuses_to_change_what_was_written(app, table, change):
    factories.invoice(factories.debtor().id)
    with pytest.raises(sqlalchemy.exc.DBAPIError, match="rows never change"), transaction() as session:
        session.execute(text(change.format(table)))


DAY = date(2026, 1, 1)
MOVES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-(10**9), 10**9), st.integers(0, 30)), min_size=1, max_size=25
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, cut=st.integers(0, 30))
def test_outstanding_is_the_sum_however_it_is_asked(app, moves, cut):
    debtor_ids = [factories.debtor().id for _ in range(4)]
    with transaction():
        for who, ore, day in moves:
            posted_on = DAY + timedelta(days=day)
            ledger.post(debtor_ids[who], PostingKind.PAYMENT, ore, posted_on=posted_on, text="")
    for as_of in (DAY + timedelta(days=cut), None):
        counted = [(who, ore) for who, ore, day in moves if as_of is None or day <= cut]
        expected = {debtor_id: sum(ore for who, ore in counted if who == n) for n, debtor_id in enumerate(debtor_ids)}
        assert ledger.outstanding_many(debtor_ids, as_of) == expected
        assert {debtor_id: ledger.outstanding(debtor_id, as_of) for debtor_id in debtor_ids} == expected
        balances = {row.debtor_id: row.outstanding_ore for row in ledger.balance_list(as_of)}
        assert {k: v for k, v in balances.items() if k in expected} == {k: v for k, v in expected.items() if v}
        assert ledger.total(as_of) == sum(balances.values())


def test_the_balance_list_names_and_orders_debtors(app):
    aase = factories.debtor(company_name=None, name="Åse").id
    bo = factories.debtor(company_name="Bo ApS", name="Bo").id
    pay(aase, 100)
    assert [(row.debtor_id, row.name, row.outstanding_ore) for row in ledger.balance_list(hide_zero=False)] == [
        (bo, "Bo ApS", 0),
        (aase, "Åse", -100),
    ]
    assert [row.debtor_id for row in ledger.balance_list()] == [aase]
    assert ledger.balance_list(group_id=99, hide_zero=False) == []
