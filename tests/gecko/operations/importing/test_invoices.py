"""Invoices from another system become documents, postings, customers and debtors; twice adds nothing."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.debtors import CustomerDebtorLink, DayKind, Debtor, PaymentTerm
from gecko.models.documents import DocumentKind, SaleDocument
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import periods
from gecko.operations.importing import mapping as mappings
from gecko.operations.importing.faults import BadMapping, Unreadable
from gecko.operations.importing.running import open_import
from tests import factories, invariants

from .files import INVOICES, bring_in, four

HEAD = "no,date,customer,qty,total,other\n"
FILE = HEAD + (
    "1,12/1/09 7:45,13085.0,166,145.79999999999998,a\n"
    "C2,12/1/09 23:30,13085.0,-3,-20.0,a\n"
    "3,6/30/10 23:30,17850.0,0,0.0,a\n"
    "1,12/1/09 7:45,13085.0,166,145.8,b\n"  # the same after rounding; another unmapped column
    "1,12/1/09 7:45,13085.0,166,145.9,a\n"  # other content
    "4,12/1/09 7:45,,1,1.0,a\n"
    "5,13/1/09 7:45,13085.0,1,1.0,a\n"
    "6,12/1/09 7:45,13085.5,1,1.0,a\n"
    "7,12/1/09 7:45,13085.0,x,1.0,a\n"
    ",12/1/09 7:45,13085.0,1,1.0,a\n"
    "8,12/1/09 7:45,13085.0,1\n"
)


def rows(statement):
    db.session.rollback()
    return db.session.execute(statement).all()


def test_every_row_is_accounted_for(app, tmp_path):
    facts = bring_in(tmp_path, FILE, INVOICES)
    assert four(facts) == (11, 3, 1, 7)
    reasons = [row[-2:] for row in csv.reader(facts["reasons"])]
    assert [int(line) for line, _reason in reasons] == [6, 7, 8, 9, 10, 11, 12]
    assert "other content" in reasons[0][1]
    assert "customer number" in reasons[1][1]

    documents = rows(select(SaleDocument.number, SaleDocument.kind, SaleDocument.total_ore, SaleDocument.document_date)
                     .order_by(SaleDocument.id))  # fmt: skip
    assert [(no, kind, total, str(day)) for no, kind, total, day in documents] == [
        ("1", DocumentKind.INVOICE, 14580, "2009-12-01"),
        ("C2", DocumentKind.CREDIT_NOTE, -2000, "2009-12-01"),
        ("3", DocumentKind.INVOICE, 0, "2010-06-30"),
    ]
    postings = rows(select(DebtorPosting.kind, DebtorPosting.amount_ore).order_by(DebtorPosting.id))
    assert [tuple(row) for row in postings] == [
        (PostingKind.INVOICE, 14580), (PostingKind.CREDIT_NOTE, -2000), (PostingKind.INVOICE, 0),
    ]  # fmt: skip
    linked = select(Customer.number, Customer.name, Debtor.number).select_from(CustomerDebtorLink)
    customers = rows(
        linked.join(Customer, Customer.id == CustomerDebtorLink.customer_id).join(
            Debtor, Debtor.id == CustomerDebtorLink.debtor_id
        )
    )
    assert sorted(tuple(row) for row in customers) == [("13085", "13085", "13085"), ("17850", "17850", "17850")]
    document = db.session.scalars(select(SaleDocument).where(SaleDocument.number == "1")).one()
    assert document.series == "imported"
    assert (document.due_on - document.document_date).days == 8
    assert document.term["name"] == "Netto 8 dage"
    assert document.buyer["customer_number"] == "13085"
    assert (document.net_ore, document.vat_ore) == (14580, 0)
    assert [(line.quantity_milli, line.total_ore) for line in document.lines] == [(166_000, 14580)]
    assert [check.name for check in invariants.checked() if not check.is_ok] == []


def test_the_same_file_again_adds_nothing(app, tmp_path):
    bring_in(tmp_path, FILE, INVOICES)
    before = [
        rows(select(func.count()).select_from(model)) for model in (SaleDocument, DebtorPosting, Customer, Debtor)
    ]
    assert four(bring_in(tmp_path, FILE, INVOICES)) == (11, 0, 4, 7)
    after = [rows(select(func.count()).select_from(model)) for model in (SaleDocument, DebtorPosting, Customer, Debtor)]
    assert before == after


def test_a_dry_run_counts_the_same_and_writes_nothing(app, tmp_path):
    assert four(bring_in(tmp_path, FILE, INVOICES, is_dry=True)) == (11, 3, 1, 7)
    for model in (SaleDocument, Customer, Debtor):
        assert rows(select(func.count()).select_from(model)) == [(0,)]


def test_customers_and_debtors_that_are_there_are_used(app, tmp_path):
    one = factories.customer(number="1", name="Åse", city="Køge").id
    factories.customer(number="2", name="Bo")
    with transaction() as session:
        term = PaymentTerm(name="Bank 3", days=3, day_kind=DayKind.BANKING)
        session.add(term)
        session.flush()
        session.add(Debtor(number="2", company_name="Bo ApS", term_id=term.id))  # bears Bo's number, pays for nobody
        session.add(Debtor(number="9", name="Other"))
    text = HEAD + "1,12/1/09 7:45,1,1,1.0,a\n2,12/30/09 7:45,2,1,2.0,a\n3,12/1/09 7:45,9,1,2.0,a\n"
    assert four(bring_in(tmp_path, text, INVOICES)) == (3, 3, 0, 0)
    found = rows(select(Customer.name, Debtor.number, Debtor.name, Debtor.company_name, Debtor.city)
                 .join(CustomerDebtorLink, CustomerDebtorLink.customer_id == Customer.id)
                 .join(Debtor, Debtor.id == CustomerDebtorLink.debtor_id).order_by(Customer.id))  # fmt: skip
    assert [tuple(row) for row in found] == [
        ("Åse", "1", "Åse", None, "Køge"), ("Bo", "2", None, "Bo ApS", None), ("Other", "9", "Other", None, None),
    ]  # fmt: skip
    documents = rows(
        select(SaleDocument.customer_id, SaleDocument.buyer_name, SaleDocument.due_on).order_by(SaleDocument.id)
    )
    assert documents[0][0] == one
    assert documents[1][1] == "Bo ApS"
    assert str(documents[1][2]) == "2010-01-06"  # three banking days over New Year and a weekend


def test_a_taken_debtor_number_gets_a_suffix(app, tmp_path):
    other = factories.customer(number="5", name="In another group", group_id=factories.group(name="Firma").id).id
    with transaction() as session:
        session.add(Debtor(number="1", name="Payer"))
        session.flush()
        payer = session.scalars(select(Debtor.id)).one()
        session.add(CustomerDebtorLink(customer_id=other, debtor_id=payer))
    assert four(bring_in(tmp_path, HEAD + "1,12/1/09 7:45,1,1,1.0,a\n", INVOICES)) == (1, 1, 0, 0)
    assert rows(select(Debtor.number).order_by(Debtor.id)) == [("1",), ("1-2",)]


def test_what_is_missing_is_refused_unless_the_mapping_says_to_make_it(app, tmp_path):
    factories.customer(number="1")
    text = HEAD + "1,12/1/09 7:45,1,1,1.0,a\n2,12/1/09 7:45,2,1,2.0,a\n"
    facts = bring_in(tmp_path, text, {**INVOICES, "create_missing": []})
    assert four(facts) == (2, 0, 0, 2)
    assert "has no debtor" in facts["reasons"][0]
    assert "no customer with the number 2" in facts["reasons"][1]


def test_a_number_that_several_customers_bear_is_refused(app, tmp_path):
    for _n in range(2):
        factories.customer(number="1")
    facts = bring_in(tmp_path, HEAD + "1,12/1/09 7:45,1,1,1.0,a\n", INVOICES)
    assert "Several customers" in facts["reasons"][0]


def test_vat_and_names_and_due_dates_are_taken_where_mapped(app, tmp_path):
    mapping = {
        "kind": "invoices", "create_missing": ["customer", "debtor"], "group": "Nye",
        "columns": {"number": "nr", "issued_at": "dato", "customer_number": "kunde", "customer_name": "navn",
                    "total": "total", "vat": "moms", "due_on": "forfald", "text": "tekst"},
    }  # fmt: skip
    text = "nr;dato;kunde;navn;total;moms;forfald;tekst\n1;1-2-2025;7;Åse;1.250,00;250,00;15-2-2025;Kursus\n"
    facts = bring_in(tmp_path, text + "2;2-2-2025;7;Åse;-10,00;-2,00;;\n", mapping)
    assert four(facts) == (2, 2, 0, 0)
    assert facts["made_customer_groups"] == 1
    one, two = db.session.scalars(select(SaleDocument).order_by(SaleDocument.id))
    assert (one.total_ore, one.net_ore, one.vat_ore, str(one.due_on)) == (125_000, 100_000, 25_000, "2025-02-15")
    assert (one.lines[0].text, one.lines[0].vat_bp, one.buyer_name) == ("Kursus", 2500, "Åse")
    assert two.kind == DocumentKind.CREDIT_NOTE  # no prefix stated: the sign decides
    assert db.session.scalars(select(Customer)).one().group.name == "Nye"


def test_a_time_with_its_zone_is_the_same_document_the_second_time(sqlite_app, tmp_path):
    mapping = INVOICES | {"date_format": "%Y-%m-%d %H:%M %z"}
    text = HEAD + "1,2025-06-30 23:30 +0000,1,1,10.00,a\n"
    assert four(bring_in(tmp_path, text, mapping)) == (1, 1, 0, 0)
    same = HEAD + "1,2025-07-01 01:30 +0200,1,1,10.00,a\n"
    assert four(bring_in(tmp_path, same, mapping)) == (1, 0, 1, 0)
    assert rows(select(SaleDocument.document_date)) == [(date(2025, 7, 1),)]


@pytest.mark.parametrize("lists", [("file", None), (None, "file"), ("list", "list")])
def test_no_list_overwrites_the_file_or_the_other_list(sqlite_app, tmp_path, lists):
    path = tmp_path / "file.csv"
    path.write_text(FILE, encoding="utf-8")
    rejects, warnings = (name and tmp_path / f"{name}.csv" for name in lists)
    with pytest.raises(Unreadable, match="different files"):
        open_import(path, mappings.parse(INVOICES), rejects=rejects, warnings=warnings)
    assert path.read_text(encoding="utf-8") == FILE


def test_a_list_that_cannot_be_written_is_named(sqlite_app, tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(FILE, encoding="utf-8")
    with pytest.raises(Unreadable, match=r"nowhere/rejects\.csv cannot be written"):
        open_import(path, mappings.parse(INVOICES), rejects=tmp_path / "nowhere" / "rejects.csv")


@pytest.mark.parametrize("name", ["hex", "rot13", "nonsense", "utf-8\0"])
def test_only_encodings_of_text_are_known(name):
    with pytest.raises(BadMapping, match="not a known encoding"):
        mappings.parse(INVOICES | {"encoding": name})


def test_rows_of_a_closed_period_are_refused_and_the_others_come_in(app, tmp_path):
    with transaction():
        periods.close(date(2009, 12, 31), reason="2009 er afsluttet", seen=0)
    facts = bring_in(tmp_path, FILE, INVOICES)
    reasons = {int(line): reason for *_others, line, reason in csv.reader(facts["reasons"])}
    assert {line for line, reason in reasons.items() if "31-12-2009" in reason} == {2, 3, 5, 6}
    assert [number for (number,) in rows(select(SaleDocument.number))] == ["3"]
