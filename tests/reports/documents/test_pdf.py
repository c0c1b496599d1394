"""An invoice on paper: what the law asks for, in the buyer's language, and nothing but the snapshot."""

import pytest

from gecko import fik
from gecko.db import db, transaction
from gecko.models.documents import SaleDocument
from gecko.operations import company, crediting, debtors, invoicing, settings
from gecko.operations.company import Company
from reports.documents import facts, pdf
from tests import factories
from tests.reports.letters.reader import pages

SELLER = Company(
    name="Salon Ågård ApS", address="Torvet 1", postal_code="8000", city="Aarhus C", cvr="13585628",
    email="post@salon.dk", bank_reg_no="1234", bank_account_no="0001234567",
)  # fmt: skip
LINES = (
    invoicing.Line(1_500, 39_900, "Klipning & farve <b>", discount_ore=1_000),
    invoicing.Line(1_000, 33_333, "Pleje"),
    invoicing.Line(2_000, 25_000, "Fysiurgisk massage", is_vat_exempt=True),
)


@pytest.fixture(autouse=True)
def seller(sqlite_app):
    set_seller(SELLER)


def set_seller(particulars):
    with transaction():
        for key, value in company.choices(particulars).items():
            settings.put(key, value)


def issued(**debtor):
    debtor_id = factories.debtor(**debtor).id
    with transaction():
        return invoicing.issue(debtor_id=debtor_id, lines=LINES).id


def words(document_id):
    made = pdf.make(db.session.get(SaleDocument, document_id))
    return " ".join(" ".join(pages(made)).split())


def test_everything_the_law_asks_for_stands_on_it():
    document_id = issued(ean="5798009811578", order_reference="PO 7", att="Bo Bogholder")
    said, document = words(document_id), db.session.get(SaleDocument, document_id)
    for expected in (
        "Faktura 1", "Salon Ågård ApS", "CVR-nr. 13585628", document.buyer_name, "Att. Bo Bogholder", "8000 Aarhus C",
        document.document_date.strftime("%d-%m-%Y"), document.due_on.strftime("%d-%m-%Y"), "Netto 8 dage",
        "5798009811578", "PO 7", "Klipning & farve <b>", "1,5", "319,20", "(25 %)", "momsfri",
        "Reg.nr. 1234, kontonr. 0001234567", "lægges rente til efter renteloven",
    ):  # fmt: skip
        assert expected in said, expected
    taxed, exempt = facts.rates(document)
    assert (taxed.net_ore + taxed.vat_ore, exempt.net_ore, exempt.vat_ore) == (92_183, 50_000, 0)
    assert (taxed.vat_ore, taxed.net_ore + exempt.net_ore) == (document.vat_ore, document.net_ore)
    assert "Grundlag for 25 % moms 737,46 25 % moms 184,37 Momsfri 500,00 I alt i DKK 1.421,83" in said


def test_it_speaks_the_buyers_language():
    said = words(issued(language="en"))
    for expected in ("Invoice 1", "Due date", "Basis for 25% VAT", "1,421.83", "Danish Interest Act"):
        assert expected in said, expected


def test_a_creditor_number_makes_a_payment_line_that_reads_back():
    set_seller(Company(name="Salon", fik_creditor="87654321", bank_reg_no="1234", bank_account_no="12345"))
    said = words(issued())
    assert "+71<000000000000018+87654321<" in said
    assert fik.read("+71<000000000000018+87654321<") == 1
    assert "Reg.nr." not in said


def test_a_credit_note_names_its_invoice_and_asks_for_no_money():
    document_id = issued()
    with transaction():
        note_id = crediting.issue(document_id).id
    said = words(note_id)
    assert "Kreditnota 1" in said
    assert "Krediterer Faktura 1" in said
    assert "-1.421,83" in said
    assert "Forfaldsdato" not in said
    assert "Reg.nr." not in said
    assert "renteloven" not in said


def test_what_changes_later_changes_nothing():
    document_id = issued(name="Åse Holm", company_name=None)
    first = pdf.make(db.session.get(SaleDocument, document_id))
    debtor_id = db.session.get(SaleDocument, document_id).debtor_id
    set_seller(Company(name="Another", fik_creditor="87654321"))
    with transaction():
        settings.put("invoice.late_text_da", "Something else")
        debtors.update(debtor_id, {"name": "Somebody else"})
    assert pdf.make(db.session.get(SaleDocument, document_id)) == first


def test_two_hundred_lines_and_hostile_words_fit_on_pages():
    debtor_id = factories.debtor(company_name="W" * 300, address="a\n" * 40).id
    lines = [invoicing.Line(1_000, n, f"{'Æ' * n} </para>\x01&amp;") for n in range(1, 201)]
    with transaction():
        document_id = invoicing.issue(debtor_id=debtor_id, lines=lines).id
    made = pages(pdf.make(db.session.get(SaleDocument, document_id)))
    assert len(made) > 5
    assert all("Faktura 1 · Side" in page for page in made)
    assert "201,00" in made[-1]
