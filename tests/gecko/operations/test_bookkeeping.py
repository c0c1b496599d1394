"""Handing over to the bookkeeping: vouchers that come to nothing, each posting once, and a file that stays."""

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy.exc
from sqlalchemy import select, text, update

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid
from gecko.models.bookkeeping import BatchFormat, LedgerBatch
from gecko.models.items import ItemGroup
from gecko.models.payment_types import PaymentMeans, PaymentType
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import invoicing, ledger, prepaying, reversing, settings
from gecko.operations.bookkeeping import batches, vouchers
from jobs.chaos.tampering import unguarded
from tests import factories, plans

LITERAL = {"compile_kwargs": {"literal_binds": True}}
PLAN = {
    "debtor": "5600", "sales": "1010", "sales_free": "1050", "vat": "7200", "bank": "5820", "prepayment": "7600",
    "reminder_fee": "1090", "interest": "9010", "compensation": "1095", "write_off": "3600",
}  # fmt: skip


@pytest.fixture
def plan(app):
    with transaction():
        for name, account in PLAN.items():
            settings.put(f"bookkeeping.{name}", account)
    return app


def wish(form=BatchFormat.PLAIN, **values):
    return batches.Wish(form, **{"ends_on": today(), **values})


def make(form=BatchFormat.PLAIN, key=None, **values):
    with transaction():
        return batches.hand_over(batches.prepare(wish(form, **values)), key=key).id


def rows(batch_id):
    content = db.session.get(LedgerBatch, batch_id).content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))[1:]


def by_account(batch_id):
    return [(row[2], row[4]) for row in rows(batch_id)]


def invoice(debtor_id, *lines):
    with transaction():
        return invoicing.issue(debtor_id=debtor_id, lines=lines).id


def test_an_invoice_goes_to_its_accounts_with_vat_apart_or_in_a_code(plan):
    group = factories.save(ItemGroup(name="Shampoo", account_no="1020"))
    item_id = factories.item(group_id=group.id, price_ore=25_000).id
    debtor_id = factories.debtor().id
    invoice(
        debtor_id,
        invoicing.Line(1_000, 10_000, "Behandling"),
        invoicing.Line(2_000, 25_000, item_id=item_id),
        invoicing.Line(1_000, 5_000, "Undervisning", is_vat_exempt=True),
    )
    assert by_account(make()) == [
        ("5600", "650,00"), ("1010", "-80,00"), ("7200", "-120,00"), ("1020", "-400,00"), ("1050", "-50,00"),
    ]  # fmt: skip
    found = rows(make(BatchFormat.ECONOMIC))
    assert [(row[2], row[4], row[5]) for row in found] == [
        ("5600", "650,00", ""), ("1010", "-100,00", "U25"), ("1020", "-500,00", "U25"), ("1050", "-50,00", ""),
    ]  # fmt: skip


def test_every_kind_of_posting_has_its_other_side(plan):
    debtor_id = factories.debtor().id
    card_id = db.session.scalars(select(PaymentType.id).where(PaymentType.means == PaymentMeans.CARD)).one()
    with transaction() as session:
        session.execute(update(PaymentType).where(PaymentType.id == card_id).values(account_no="5830"))
    with transaction():
        paid = ledger.record_payment(debtor_id, 1_000, payment_type_id=card_id).id
        ledger.record_payment(debtor_id, 2_000)
        for kind, ore in (
            (PostingKind.PAYOUT, 300),
            (PostingKind.WRITE_OFF, -400),
            (PostingKind.REMINDER_FEE, 10_000),
            (PostingKind.INTEREST, 77),
            (PostingKind.COMPENSATION, 31_000),
        ):
            ledger.post(debtor_id, kind, ore, posted_on=today(), text=str(kind))
    with transaction():
        reversing.reverse(paid)
    assert by_account(make())[1::2] == [
        ("5830", "10,00"), ("5820", "20,00"), ("5820", "-3,00"), ("3600", "4,00"), ("1090", "-100,00"),
        ("9010", "-0,77"), ("1095", "-310,00"), ("5830", "-10,00"),
    ]  # fmt: skip
    batch = db.session.scalars(select(LedgerBatch)).one()
    assert batch.owed_ore == ledger.total()


def test_what_is_paid_with_a_prepayment_goes_against_the_prepayments(plan):
    debtor_id = factories.debtor().id
    invoice(debtor_id, invoicing.Line(1_000, 10_000, "En"))
    owed = db.session.scalars(select(DebtorPosting.id)).one()
    with transaction():
        prepaying.pay_in(debtor_id, 10_000)
        first = prepaying.use(debtor_id, (owed,), amount_ore=4_000).id
    with transaction():
        prepaying.reverse(first, reason="Fejl")
        prepaying.use(debtor_id, (owed,), amount_ore=5_000)
    assert by_account(make())[3:] == [
        ("5600", "-40,00"), ("7600", "40,00"), ("5600", "40,00"), ("7600", "-40,00"), ("5600", "-50,00"),
        ("7600", "50,00"),
    ]  # fmt: skip


def test_a_posting_is_handed_over_once_for_each_format_unless_asked_again(plan):
    debtor_id = factories.debtor().id
    invoice(debtor_id, invoicing.Line(1_000, 10_000, "En"))
    first = make(key="a")
    assert make(key="a") == first
    with pytest.raises(Invalid):
        make()
    invoice(debtor_id, invoicing.Line(1_000, 20_000, "To"))
    second, third, again = make(), make(BatchFormat.ECONOMIC), make(is_repeat=True)
    found = {one.id: one for one in db.session.scalars(select(LedgerBatch))}
    assert [found[one].number for one in (first, second, third, again)] == [1, 2, 3, 4]
    assert [found[one].postings for one in (first, second, third, again)] == [1, 1, 2, 2]
    assert found[first].debit_ore == 10_000


def test_the_database_lets_no_posting_into_two_batches(plan):
    invoice(factories.debtor().id, invoicing.Line(1_000, 10_000, "En"))
    first = make()
    make(BatchFormat.ECONOMIC)
    statement = (
        "INSERT INTO ledger_batch_item (batch_id, posting_id, format, is_repeat)"
        f" SELECT batch_id + 1, posting_id, 'plain', is_repeat FROM ledger_batch_item WHERE batch_id = {first}"
    )
    for refused in (statement, "UPDATE ledger_batch SET number = 9", "DELETE FROM ledger_batch_item"):
        with pytest.raises(sqlalchemy.exc.IntegrityError), transaction() as session:
            session.execute(text(refused))


def test_only_postings_of_the_days_that_were_asked_for(plan):
    debtor_id, old = factories.debtor().id, today() - timedelta(days=20)
    with transaction():
        for day in (old, today()):
            ledger.record_payment(debtor_id, 100, paid_on=day)
    assert len(batches.prepare(wish(starts_on=old, ends_on=old)).posting_ids) == 1
    assert len(batches.prepare(wish(starts_on=old)).posting_ids) == 2
    with pytest.raises(Invalid):
        batches.extent(wish(starts_on=today(), ends_on=old))


def test_missing_accounts_and_postings_that_do_not_balance_are_listed_and_refused(plan):
    invoice(factories.debtor().id, invoicing.Line(1_000, 10_000, "En"))
    with transaction():
        settings.put("bookkeeping.vat", "")
    assert batches.prepare(wish()).missing == {"vat": 1}
    with pytest.raises(Invalid):
        make()
    with transaction():
        settings.put("bookkeeping.vat", "7200")
    with unguarded() as connection:
        connection.execute(text("UPDATE sale_line SET total_ore = total_ore + 1"))
    posting_id = db.session.scalars(select(DebtorPosting.id)).one()
    assert batches.prepare(wish()).unbalanced == [posting_id]
    with pytest.raises(Invalid):
        make()


def test_a_text_is_no_formula(plan):
    debtor_id = factories.debtor().id
    with transaction():
        ledger.record_payment(debtor_id, 100, text='=HYPERLINK("x")\n;2')
    assert rows(make())[0][3] == '\'=HYPERLINK("x") ;2'


def test_many_postings_become_several_batches(plan, monkeypatch):
    monkeypatch.setattr(batches, "MOST", 2)
    paid(3)
    assert batches.extent(wish()) == batches.Extent(3, -303, 3)
    assert batches.extent(wish()).batches == 2
    first = batches.prepare(wish())
    assert (first.posting_ids, first.lines) == ([1, 2], 4)
    assert batches.prepare(wish(after_id=2)).posting_ids == [3]
    assert batches.prepare(wish(last_id=1)).posting_ids == [1]


def test_what_was_handed_over_since_it_was_prepared_is_not_handed_over_again(plan):
    paid(2)
    late, again = batches.prepare(wish()), batches.prepare(wish(is_repeat=True))
    make(starts_on=today())
    with pytest.raises(Conflict), transaction():
        batches.hand_over(late)
    with transaction():
        assert batches.hand_over(again).number == 2  # asked for in so many words


def paid(count):
    debtor_id = factories.debtor().id
    with transaction():
        for n in range(count):
            ledger.record_payment(debtor_id, 100 + n)


def test_every_account_has_a_name():
    assert set(batches.ROLES) == set(vouchers.ACCOUNTS)


def test_what_is_handed_over_already_is_found_by_its_index(plan):
    paid(1)
    make()
    said = plans.plan(
        str(batches._wanted(wish(), DebtorPosting.id).compile(db.engine, **LITERAL)), without=("seqscan",)
    )
    assert "ix_ledger_batch_item_once" in said
