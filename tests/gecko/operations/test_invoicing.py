"""Invoices and credit notes: arithmetic, snapshots, limits and gapless numbers under fire."""

import threading
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from gecko.clock import today
from gecko.db import db, run_write, transaction
from gecko.errors import Invalid, NotFound
from gecko.models.debtors import Debtor
from gecko.models.documents import DocumentKind, SaleDocument, SaleLine
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.money import vat_included_ore
from gecko.operations import crediting, debtor_links, debtors, invoicing, ledger, numbering
from gecko.operations import settings as company
from tests import factories

Line = invoicing.Line


def issue(**values):
    with transaction():
        return invoicing.issue(**values)


def credit(document_id, **values):
    with transaction():
        return crediting.issue(document_id, **values)


def one(price, **values):
    return [Line(quantity_milli=1_000, unit_price_ore=price, text="Ydelse", **values)]


def test_an_invoice_is_written_with_its_posting(app):
    customer, debtor = factories.linked()
    item = factories.item(name="Klipning", price_ore=39_900)
    lines = [
        Line(quantity_milli=2_500, unit_price_ore=39_900, item_id=item.id, discount_ore=750),
        Line(quantity_milli=1_000, unit_price_ore=5_000, text="Porto", is_vat_exempt=True),
    ]
    document = issue(debtor_id=debtor.id, customer_id=customer.id, lines=lines, document_date=date(2026, 3, 2))
    assert (document.number, document.total_ore, document.vat_free_ore) == ("1", 104_000, 5_000)
    assert document.vat_ore == 19_800
    assert document.net_ore == 84_200
    assert document.due_on == date(2026, 3, 10)
    late_text = document.term.pop("late_text")
    assert document.term == {"name": "Netto 8 dage", "days": 8, "day_kind": "calendar"}
    assert "renteloven" in late_text
    assert [(line.item_no, line.text, line.total_ore, line.vat_bp) for line in document.lines] == [
        (item.item_no, "Klipning", 99_000, 2_500),
        (None, "Porto", 5_000, 0),
    ]
    posting = db.session.scalars(select(DebtorPosting)).one()
    assert (posting.kind, posting.amount_ore, posting.due_on) == (PostingKind.INVOICE, 104_000, date(2026, 3, 10))
    assert (posting.posted_on, posting.document_id) == (date(2026, 3, 2), document.id)


def test_a_snapshot_outlives_changes_of_debtor_company_and_item(app):
    with transaction():
        company.put("company.name", "Klinikken ApS")
    item_id, debtor_id = factories.item(name="Før").id, factories.debtor(company_name="Gammelt Navn").id
    document_id = issue(debtor_id=debtor_id, lines=[Line(1_000, 100, item_id=item_id)]).id
    with transaction() as session:
        debtors.update(debtor_id, {"company_name": "Nyt Navn"})
        company.put("company.name", "Andet ApS")
        session.get(invoicing.Item, item_id).name = "Efter"
    document = db.session.get(SaleDocument, document_id)
    assert (document.buyer_name, document.seller["name"], document.lines[0].text) == (
        "Gammelt Navn", "Klinikken ApS", "Før"
    )  # fmt: skip


def test_vat_is_rounded_on_each_line(sqlite_app):
    document = factories.invoice(factories.debtor().id, 3, 3, 3)
    assert document.vat_ore == 3  # 0.6 øre three times; on the whole it would be 2
    assert vat_included_ore(document.total_ore, 2_500) == 2


LINES = st.lists(
    st.builds(
        Line,
        quantity_milli=st.integers(1, 10**6),
        unit_price_ore=st.integers(0, 10**8),
        text=st.just("x"),
        is_vat_exempt=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(LINES, st.data())
def test_sums_are_the_lines_and_vat_is_a_fifth_of_each(lines, data):
    discounted = [
        Line(
            line.quantity_milli,
            line.unit_price_ore,
            "x",
            discount_ore=data.draw(
                st.integers(0, invoicing.gross_ore(line.quantity_milli, line.unit_price_ore)), label="discount"
            ),
            is_vat_exempt=line.is_vat_exempt,
        )
        for line in lines
    ]
    composed = invoicing.compose(discounted, {})
    sums = invoicing.totals(composed)
    assert sums.total_ore == sums.net_ore + sums.vat_ore == sum(line.total_ore for line in composed)
    for line in composed:
        assert abs(line.total_ore * line.vat_bp - line.vat_ore * (10_000 + line.vat_bp)) * 2 <= 10_000 + line.vat_bp
        assert line.total_ore >= 0
    assert sums.vat_free_ore == sum(line.total_ore for line in composed if line.vat_ore == 0 and line.vat_bp == 0)


@given(st.integers(-(10**6), 10**6), st.integers(0, 10**8))
def test_gross_is_rounded_half_away_from_zero(quantity, price):
    gross = invoicing.gross_ore(quantity, price)
    assert abs(gross * 1_000 - quantity * price) <= 500
    assert invoicing.gross_ore(-quantity, price) == -gross


@pytest.mark.parametrize(
    "lines",
    [[], one(-1), [Line(0, 100, "x")], [Line(1_000, 100, " ")], one(100, discount_ore=101), one(100, discount_ore=-1),
     [Line(1_000, 100, item_id=99)], one(10**15 + 1), one(1) * 501],
)  # fmt: skip
def test_impossible_lines_are_refused_and_cost_no_number(sqlite_app, lines):
    debtor_id = factories.debtor().id
    with pytest.raises(Invalid):
        issue(debtor_id=debtor_id, lines=lines)
    assert factories.invoice(debtor_id).number == "1"


def test_refusals_name_the_field(sqlite_app):
    debtor_id, stranger = factories.debtor().id, factories.customer().id
    tomorrow = today() + timedelta(days=1)
    for field, values in (
        ("document_date", {"document_date": tomorrow}),
        ("customer_id", {"customer_id": stranger}),
        ("term_id", {"term_id": 99}),
    ):
        with pytest.raises(Invalid) as error:
            issue(debtor_id=debtor_id, lines=one(100), **values)
        assert error.value.field == field
    with pytest.raises(NotFound):
        issue(debtor_id=99, lines=one(100))


def test_the_same_key_issues_once(app):
    debtor_id = factories.debtor().id
    first = issue(debtor_id=debtor_id, lines=one(100), key="form-1").id
    assert issue(debtor_id=debtor_id, lines=one(100), key="form-1").id == first
    assert credit(first, key="form-2").id == credit(first, key="form-2").id
    assert db.session.scalar(select(func.count()).select_from(DebtorPosting)) == 2
    assert ledger.outstanding(debtor_id) == 0


def test_a_credit_note_has_its_own_series_and_refers_to_lines(app):
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id)
    invoice = factories.invoice(debtor_id, 10_000, 5_000)
    invoice_id, line_id = invoice.id, invoice.lines[1].id
    note = credit(invoice_id, quantities={line_id: 400})
    assert (note.kind, note.number, note.total_ore, note.vat_ore) == (DocumentKind.CREDIT_NOTE, "1", -2_000, -400)
    assert (note.refers_to_id, note.lines[0].refers_to_line_id) == (invoice_id, line_id)
    assert ledger.outstanding(debtor_id) == 23_000
    with pytest.raises(Invalid):
        credit(invoice_id, quantities={line_id: 601})
    rest = credit(invoice_id)
    assert rest.total_ore == -13_000
    assert ledger.outstanding(debtor_id) == 10_000
    with pytest.raises(Invalid):
        credit(invoice_id)


def test_only_an_invoice_and_only_its_own_lines_are_credited(sqlite_app):
    debtor_id = factories.debtor().id
    invoice, other = factories.invoice(debtor_id), factories.invoice(debtor_id)
    invoice_id, foreign = invoice.id, other.lines[0].id
    for quantities in ({foreign: 1}, {}, {invoice.lines[0].id: -1}):
        with pytest.raises(Invalid):
            credit(invoice_id, quantities=quantities)
    note_id = credit(invoice_id).id
    with pytest.raises(Invalid):
        credit(note_id)
    with pytest.raises(NotFound):
        credit(99)
    with pytest.raises(Invalid):
        credit(other.id, document_date=today() - timedelta(days=1))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    quantity=st.integers(1, 5_000),
    price=st.integers(0, 100_000),
    discounted=st.integers(0, 1_000),
    parts=st.lists(st.integers(1, 2_500), max_size=5),
)
def test_credit_notes_never_give_back_more_and_in_the_end_exactly_all(sqlite_app, quantity, price, discounted, parts):
    discount = invoicing.gross_ore(quantity, price) * discounted // 1_000
    debtor_id = factories.debtor().id
    invoice = issue(debtor_id=debtor_id, lines=[Line(quantity, price, "x", discount_ore=discount)])
    invoice_id, line_id = invoice.id, invoice.lines[0].id
    left = quantity
    for part in parts:
        if part > left:
            with pytest.raises(Invalid):
                credit(invoice_id, quantities={line_id: part})
            continue
        credit(invoice_id, quantities={line_id: part})
        left -= part
        (row,) = crediting.remaining(invoice_id)
        assert row.quantity_milli == left
        assert min(row.total_ore, row.vat_ore, row.discount_ore, ledger.outstanding(debtor_id)) >= 0
    if left:
        credit(invoice_id)
    (row,) = crediting.remaining(invoice_id)
    assert (row.quantity_milli, row.discount_ore, row.total_ore, row.vat_ore) == (0, 0, 0, 0)
    assert ledger.outstanding(debtor_id) == 0


def test_numbers_stay_gapless_and_unique_when_many_issue_at_once_and_some_fail(app):
    debtor_ids = [factories.debtor().id for _ in range(3)]
    each, threads = 8, 4
    failures, errors = [], []

    def work(n):
        with app.app_context():
            for turn in range(each):

                def issue_or_fail(turn=turn):
                    invoicing.issue(debtor_id=debtor_ids[(n + turn) % 3], lines=one(100))
                    if (n + turn) % 3 == 0:
                        raise KeyboardInterrupt  # anything: the whole transaction must go

                try:
                    run_write(issue_or_fail)
                except KeyboardInterrupt:
                    failures.append(turn)
                except Exception as error:
                    errors.append(error)
            db.session.remove()

    running = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)
    db.session.rollback()  # see what the threads committed
    assert errors == []
    issued = each * threads - len(failures)
    assert 0 < issued < each * threads
    numbers = db.session.scalars(select(SaleDocument.sequence_no).order_by(SaleDocument.sequence_no)).all()
    assert numbers == list(range(1, issued + 1))
    assert numbering.gaps("invoice") == []
    assert db.session.scalar(select(func.count()).select_from(DebtorPosting)) == issued
    assert ledger.total() == issued * 100


def test_two_credit_notes_at_once_give_back_a_line_once(app):
    debtor_id = factories.debtor().id
    invoice_id = factories.invoice(debtor_id, 10_000).id
    outcomes = []

    def work():
        with app.app_context():
            try:
                run_write(lambda: crediting.issue(invoice_id))
                outcomes.append("credited")
            except Invalid:
                outcomes.append("refused")
            db.session.remove()

    running = [threading.Thread(target=work) for _ in range(3)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)
    db.session.rollback()
    assert sorted(outcomes) == ["credited", "refused", "refused"]
    assert ledger.outstanding(debtor_id) == 0


def test_the_next_number_only_moves_forward_and_the_step_is_explained(app):
    debtor_id = factories.debtor().id
    with transaction():
        numbering.move_forward("invoice", 500)
    assert factories.invoice(debtor_id).number == "500"
    with pytest.raises(Invalid), transaction():
        numbering.move_forward("invoice", 500)
    for target in (600, 700):
        with transaction():
            numbering.move_forward("invoice", target)
    assert factories.invoice(debtor_id).number == "700"
    assert numbering.gaps("invoice") == []
    assert numbering.highest_used("invoice") == 700


def test_a_gap_is_found(app):
    debtor_id = factories.debtor().id
    factories.invoice(debtor_id)
    with transaction():
        numbering.draw("invoice", 3)  # numbers no document bears
    factories.invoice(debtor_id)
    assert numbering.gaps("invoice") == [(2, 4)]


def test_lines_point_at_their_document(sqlite_app):
    document = factories.invoice(factories.debtor().id, 100, 200)
    assert db.session.scalar(select(func.count()).where(SaleLine.document_id == document.id)) == 2
    assert debtor_links.sole_customer(document.debtor_id) is None
    assert db.session.get(Debtor, document.debtor_id).display_name == document.buyer_name
