"""E-invoices against the official UBL 2.1 schemas, the published Peppol rules, the Danish ones, and to the øre."""

import random
import re
from decimal import Decimal

import peppol
import pytest
from lxml import etree

from gecko.db import db, transaction
from gecko.errors import Invalid
from gecko.models.documents import SaleDocument
from gecko.operations import company, crediting, invoicing, settings
from gecko.operations.company import Company
from reports.documents import ubl
from tests import factories

SELLER = Company(
    name="Salon Ågård ApS", address="Torvet 1", postal_code="8000", city="Aarhus C", cvr="13585628",
    phone="+4586121212", email="post@salon.dk", bank_reg_no="1234", bank_account_no="0001234567",
)  # fmt: skip
BUYER = {"ean": "5798009811578", "order_reference": "PO 7", "contact_reference": "Bo Bogholder", "cvr": "13585628"}
NAMES = {"c": ubl.CBC, "a": ubl.CAC}


def set_seller(particulars):
    with transaction():
        for key, value in company.choices(particulars).items():
            settings.put(key, value)


@pytest.fixture(autouse=True)
def seller(sqlite_app):
    set_seller(SELLER)


def issued(*lines, **buyer):
    debtor_id = factories.debtor(**{**BUYER, **buyer}).id
    with transaction():
        return invoicing.issue(debtor_id=debtor_id, lines=lines or [invoicing.Line(1_000, 10_000, "Ydelse")]).id


def credited(document_id, quantities=None):
    with transaction():
        return crediting.issue(document_id, quantities=quantities).id


def made(document_id):
    content = ubl.make(db.session.get(SaleDocument, document_id))
    is_valid, errors = peppol.validate_xsd(content)
    assert is_valid, errors
    return etree.fromstring(content)


def said(root, path):
    return [element.text for element in root.iterfind(path, NAMES)]


def amount(root, path):
    [found] = said(root, path)
    return round(Decimal(found) * 100)


def agrees_to_the_ore(root, document_id):
    """Sums as EN 16931 asks for (BR-CO-10 to 17, BR-S-08, BR-E-08, PEPPOL-EN16931-R120), and the document's own."""
    document = db.session.get(SaleDocument, document_id)
    total, net, vat = (abs(value) for value in (document.total_ore, document.net_ore, document.vat_ore))
    kind = etree.QName(root).localname
    lines = root.findall(f"a:{kind}Line", NAMES)
    assert amount(root, "a:LegalMonetaryTotal/c:PayableAmount") == total
    assert amount(root, "a:LegalMonetaryTotal/c:TaxExclusiveAmount") == net
    assert sum(amount(line, "c:LineExtensionAmount") for line in lines) == net
    assert amount(root, "a:TaxTotal/c:TaxAmount") == vat
    for part in root.iterfind("a:TaxTotal/a:TaxSubtotal", NAMES):
        [category] = said(part, "a:TaxCategory/c:ID")
        of_category = [line for line in lines if said(line, "a:Item/a:ClassifiedTaxCategory/c:ID") == [category]]
        basis = amount(part, "c:TaxableAmount")
        assert sum(amount(line, "c:LineExtensionAmount") for line in of_category) == basis
        [percent] = map(Decimal, said(part, "a:TaxCategory/c:Percent"))
        assert abs(amount(part, "c:TaxAmount") - basis * percent / 100) <= len(of_category)
    for line in lines:
        [quantity] = map(Decimal, said(line, "c:CreditedQuantity") or said(line, "c:InvoicedQuantity"))
        [price] = map(Decimal, said(line, "a:Price/c:PriceAmount"))
        allowance = sum(round(Decimal(text) * 100) for text in said(line, "a:AllowanceCharge/c:Amount"))
        assert abs(quantity * price * 100 - allowance - amount(line, "c:LineExtensionAmount")) < 1


def follows_the_danish_rules(root):
    supplier = "a:AccountingSupplierParty/a:Party/"
    entity = root.find(f"{supplier}a:PartyLegalEntity/c:CompanyID", NAMES)
    assert entity.get("schemeID") == "0184"  # DK-R-014
    assert re.fullmatch(r"DK\d{8}", entity.text)  # DK-R-002, PEPPOL-COMMON-R042
    assert said(root, f"{supplier}a:PartyTaxScheme/c:CompanyID") == [entity.text]  # BR-S-02, BR-E-02
    assert said(root, "c:BuyerReference") or said(root, "a:OrderReference/c:ID")  # PEPPOL-EN16931-R003
    assert root.find("a:AccountingCustomerParty/a:Party/c:EndpointID", NAMES).get("schemeID") == "0088"
    assert amount(root, "a:LegalMonetaryTotal/c:PayableAmount") >= 0  # DK-R-016
    for means in root.iterfind("a:PaymentMeans", NAMES):
        [code], [account] = said(means, "c:PaymentMeansCode"), said(means, "a:PayeeFinancialAccount/c:ID")
        if code == "93":  # DK-R-010, DK-R-011
            assert re.fullmatch(r"71#\d{15}", said(means, "c:PaymentID")[0])
            assert len(account) == 8
        else:  # DK-R-006
            assert code == "42"
            assert said(means, "a:PayeeFinancialAccount/a:FinancialInstitutionBranch/c:ID") == ["1234"]


def test_an_invoice_says_what_the_snapshot_says():
    document_id = issued(
        invoicing.Line(1_500, 39_900, "Klipning & farve", discount_ore=1_000),
        invoicing.Line(2_000, 25_000, "Massage\x01", is_vat_exempt=True),
    )
    root = made(document_id)
    assert said(root, "c:ID") == ["1"]
    assert said(root, "a:AccountingCustomerParty/a:Party/c:EndpointID") == ["5798009811578"]
    assert said(root, "a:OrderReference/c:ID") == ["PO 7"]
    assert said(root, "c:BuyerReference") == ["Bo Bogholder"]
    assert said(root, "a:InvoiceLine/a:Item/c:Name") == ["Klipning & farve", "Massage"]
    assert said(root, "a:TaxTotal/a:TaxSubtotal/a:TaxCategory/c:ID") == ["S", "E"]
    assert "momslovens § 13" in said(root, ".//c:TaxExemptionReason")[0]
    assert peppol.check_rules(root) == []
    agrees_to_the_ore(root, document_id)
    follows_the_danish_rules(root)


def test_a_creditor_number_makes_a_fik_payment():
    set_seller(Company(**{**{name: getattr(SELLER, name) for name in company.NAMES}, "fik_creditor": "87654321"}))
    root = made(issued())
    assert said(root, "a:PaymentMeans/c:PaymentID") == ["71#000000000000018"]
    follows_the_danish_rules(root)


def test_a_credit_note_names_its_invoice_with_positive_amounts():
    document_id = issued(invoicing.Line(3_000, 9_999, "Ydelse", discount_ore=500))
    line_id = db.session.get(SaleDocument, document_id).lines[0].id
    note_id = credited(document_id, {line_id: 1_000})
    root = made(note_id)
    assert etree.QName(root).localname == "CreditNote"
    assert said(root, "a:BillingReference/a:InvoiceDocumentReference/c:ID") == ["1"]
    assert peppol.check_rules(root) == []
    agrees_to_the_ore(root, note_id)
    follows_the_danish_rules(root)


def random_line(draw):
    price = draw.randint(0, 300_000)
    quantity, discount = draw.choice([333, 500, 1_000, 2_750, 999_999]), draw.randint(0, price // 1_000)
    return invoicing.Line(quantity, price, "Linje", discount_ore=discount, is_vat_exempt=draw.random() < 0.3)


@pytest.mark.parametrize("seed", range(6))
def test_random_invoices_and_their_credit_notes_add_up(seed):
    draw = random.Random(seed)
    document_id = issued(*[random_line(draw) for _number in range(draw.randint(1, 30))])
    for one_id in (document_id, credited(document_id)):
        root = made(one_id)
        agrees_to_the_ore(root, one_id)
        follows_the_danish_rules(root)
        assert {finding.rule_id for finding in peppol.check_rules(root)} <= {"BR-CO-17"}  # it knows no tolerance there


def test_what_is_lacking_is_named():
    with pytest.raises(Invalid, match="EAN"):
        ubl.make(db.session.get(SaleDocument, issued(ean=None)))
    with pytest.raises(Invalid, match="reference"):
        ubl.make(db.session.get(SaleDocument, issued(order_reference=None, contact_reference=None)))
    set_seller(Company(name="Salon"))
    with pytest.raises(Invalid, match="CVR"):
        ubl.make(db.session.get(SaleDocument, issued()))
