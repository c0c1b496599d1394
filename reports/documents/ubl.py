"""The e-invoice: Peppol BIS Billing 3 (EN 16931 in UBL 2.1), which public bodies in Denmark take over NemHandel.

The rules are those of https://docs.peppol.eu/poacc/billing/3.0/, with the Danish ones (DK-R-002 to DK-R-016). Amounts
are without VAT; VAT is rounded per line, and its sum by rate stays within the tolerance of BR-CO-17. A credit note's
amounts are positive. What is exempt is category E, with momsloven § 13 as its reason.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import etree

from gecko.errors import Invalid
from gecko.language import _
from gecko.models.documents import DocumentKind, SaleDocument, SaleLine

from ..letters.flowing import printable
from . import facts

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
CAC, CBC = f"{_UBL}:CommonAggregateComponents-2", f"{_UBL}:CommonBasicComponents-2"
_GLN, _CVR = "0088", "0184"
_FIK, _BANK = "93", "42"
"""Ways to pay, UNCL4461."""
_EXEMPT = "Fritaget for moms efter momslovens § 13"
_NEEDED = {
    "name": _("the seller's name"), "address": _("the seller's address"), "city": _("the seller's city"),
    "postal_code": _("the seller's postal code"), "cvr": _("the seller's CVR number"),
}  # fmt: skip


def make(document: SaleDocument) -> bytes:
    """The XML of an issued document; raises Invalid where its snapshot lacks what the rules ask for."""
    _require(document)
    is_note = document.kind == DocumentKind.CREDIT_NOTE
    kind = "CreditNote" if is_note else "Invoice"
    names: Any = {None: f"{_UBL}:{kind}-2", "cac": CAC, "cbc": CBC}
    root = etree.Element(f"{{{_UBL}:{kind}-2}}{kind}", nsmap=names)
    _add(root, "CustomizationID", CUSTOMIZATION)
    _add(root, "ProfileID", PROFILE)
    _add(root, "ID", document.number)
    _add(root, "IssueDate", document.document_date.isoformat())
    if not is_note:
        _add(root, "DueDate", document.due_on.isoformat())
    _add(root, f"{kind}TypeCode", "381" if is_note else "380")
    _add(root, "DocumentCurrencyCode", "DKK")
    _references(root, document)
    _seller(root, document.seller)
    _buyer(root, document.buyer)
    _payment(root, document)
    sign = -1 if is_note else 1
    _totals(root, document, sign)
    for line in document.lines:
        _line(root, line, sign, kind)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def missing(document: SaleDocument) -> list[Any]:
    """What the snapshot lacks for an e-invoice, in words; empty where one can be made."""
    seller, buyer = document.seller, document.buyer
    found = [words for name, words in _NEEDED.items() if not seller.get(name)]
    if not buyer.get("ean"):
        found.append(_("the buyer's EAN number"))
    if not (buyer.get("contact_reference") or buyer.get("order_reference")):
        found.append(_("the buyer's contact or order reference"))
    return found


def _require(document: SaleDocument) -> None:
    if facts.is_transcript(document):
        raise Invalid(_("An invoice that another system issued has no e-invoice here."))
    lacking = missing(document)
    if lacking:
        raise Invalid(
            _("The e-invoice cannot be made, as the document was issued without %(what)s."),
            what=", ".join(str(words) for words in lacking),
        )


def _references(root: Any, document: SaleDocument) -> None:
    """Who ordered, under which number, and what a credit note credits."""
    buyer = document.buyer
    if buyer.get("contact_reference"):
        _add(root, "BuyerReference", buyer["contact_reference"])
    if buyer.get("order_reference"):
        _add(_group(root, "OrderReference"), "ID", buyer["order_reference"])
    if document.refers_to is not None:
        named = _group(_group(root, "BillingReference"), "InvoiceDocumentReference")
        _add(named, "ID", document.refers_to.number)
        _add(named, "IssueDate", document.refers_to.document_date.isoformat())


def _seller(root: Any, seller: dict[str, Any]) -> None:
    party = _group(_group(root, "AccountingSupplierParty"), "Party")
    _add(party, "EndpointID", f"DK{seller['cvr']}", schemeID=_CVR)
    _add(_group(party, "PartyName"), "Name", seller["name"])
    _address(party, seller)
    scheme = _group(party, "PartyTaxScheme")
    _add(scheme, "CompanyID", f"DK{seller['cvr']}")
    _add(_group(scheme, "TaxScheme"), "ID", "VAT")
    entity = _group(party, "PartyLegalEntity")
    _add(entity, "RegistrationName", seller["name"])
    _add(entity, "CompanyID", f"DK{seller['cvr']}", schemeID=_CVR)
    _contact(party, "", seller)


def _buyer(root: Any, buyer: dict[str, Any]) -> None:
    party = _group(_group(root, "AccountingCustomerParty"), "Party")
    _add(party, "EndpointID", buyer["ean"], schemeID=_GLN)
    _add(_group(party, "PartyName"), "Name", facts.name_of(buyer))
    _address(party, buyer)
    entity = _group(party, "PartyLegalEntity")
    _add(entity, "RegistrationName", facts.name_of(buyer))
    if buyer.get("cvr"):
        _add(entity, "CompanyID", f"DK{buyer['cvr']}", schemeID=_CVR)
    _contact(party, buyer.get("contact_reference") or buyer.get("att") or "", buyer)


def _address(party: Any, of: dict[str, Any]) -> None:
    address = _group(party, "PostalAddress")
    streets = [line for line in map(str.strip, str(of.get("address") or "").splitlines()) if line]
    if streets:
        _add(address, "StreetName", streets[0])
    if len(streets) > 1:
        _add(address, "AdditionalStreetName", ", ".join(streets[1:]))
    for name, key in (("CityName", "city"), ("PostalZone", "postal_code")):
        if of.get(key):
            _add(address, name, of[key])
    _add(_group(address, "Country"), "IdentificationCode", of.get("country") or "DK")


def _contact(party: Any, name: str, of: dict[str, Any]) -> None:
    known = (("Name", name), ("Telephone", of.get("phone")), ("ElectronicMail", of.get("email")))
    if any(value for _name, value in known):
        contact = _group(party, "Contact")
        for element, value in known:
            if value:
                _add(contact, element, value)


def _payment(root: Any, document: SaleDocument) -> None:
    """How and on which terms it is paid."""
    way = facts.payment_line(document)
    if way is not None:
        means = _group(root, "PaymentMeans")
        _add(means, "PaymentMeansCode", _FIK if way.creditor else _BANK)
        _add(means, "PaymentID", f"{facts.FIK_KIND}#{way.reference}" if way.creditor else document.number)
        account = _group(means, "PayeeFinancialAccount")
        _add(account, "ID", way.creditor or way.bank_account_no)
        if not way.creditor:
            _add(_group(account, "FinancialInstitutionBranch"), "ID", way.bank_reg_no)
    late = document.term.get("late_text") if document.kind == DocumentKind.INVOICE else ""
    _add(_group(root, "PaymentTerms"), "Note", " · ".join(filter(None, [document.term.get("name"), late])))


def _totals(root: Any, document: SaleDocument, sign: int) -> None:
    total = _group(root, "TaxTotal")
    _money(total, "TaxAmount", sign * document.vat_ore)
    for rate in facts.rates(document):
        part = _group(total, "TaxSubtotal")
        _money(part, "TaxableAmount", sign * rate.net_ore)
        _money(part, "TaxAmount", sign * rate.vat_ore)
        _category(part, "TaxCategory", rate.vat_bp, reason=_EXEMPT)
    sums = _group(root, "LegalMonetaryTotal")
    _money(sums, "LineExtensionAmount", sign * document.net_ore)
    _money(sums, "TaxExclusiveAmount", sign * document.net_ore)
    _money(sums, "TaxInclusiveAmount", sign * document.total_ore)
    _money(sums, "PayableAmount", sign * document.total_ore)


def _line(root: Any, line: SaleLine, sign: int, kind: str) -> None:
    net, quantity = sign * (line.total_ore - line.vat_ore), Decimal(sign * line.quantity_milli) / 1000
    discount = facts.without_vat(sign * line.discount_ore, line.vat_bp)
    one = _group(root, f"{kind}Line")
    _add(one, "ID", str(line.position))
    counted = "CreditedQuantity" if kind == "CreditNote" else "InvoicedQuantity"
    _add(one, counted, f"{quantity.normalize():f}", unitCode="EA")
    _money(one, "LineExtensionAmount", net)
    if discount:
        allowance = _group(one, "AllowanceCharge")
        _add(allowance, "ChargeIndicator", "false")
        _add(allowance, "AllowanceChargeReasonCode", "95")
        _money(allowance, "Amount", discount)
    item = _group(one, "Item")
    _add(item, "Name", line.text)
    if line.item_no:
        _add(_group(item, "SellersItemIdentification"), "ID", line.item_no)
    _category(item, "ClassifiedTaxCategory", line.vat_bp)
    price = unit_price(Decimal(net + discount) / 100, quantity)
    _add(_group(one, "Price"), "PriceAmount", f"{price:f}", currencyID="DKK")


def unit_price(amount: Decimal, quantity: Decimal) -> Decimal:
    """The price of one, with as few decimals (two at least) as bring quantity times price to the amount, to the øre."""
    exact = amount / quantity
    for decimals in range(2, 12):
        price = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        if (price * quantity).quantize(Decimal("0.01"), ROUND_HALF_UP) == amount:
            return price
    return exact.quantize(Decimal(1).scaleb(-12), ROUND_HALF_UP)


def _category(parent: Any, name: str, vat_bp: int, *, reason: str = "") -> None:
    """How something is taxed; `reason` stands in totals, where it is exempt."""
    category = _group(parent, name)
    _add(category, "ID", "S" if vat_bp else "E")
    _add(category, "Percent", f"{(Decimal(vat_bp) / 100).normalize():f}")
    if reason and not vat_bp:
        _add(category, "TaxExemptionReason", reason)
    _add(_group(category, "TaxScheme"), "ID", "VAT")


def _group(parent: Any, name: str) -> Any:
    return etree.SubElement(parent, f"{{{CAC}}}{name}")


def _add(parent: Any, name: str, value: str, **attributes: str) -> None:
    element = etree.SubElement(parent, f"{{{CBC}}}{name}")
    for key, said in attributes.items():
        element.set(key, said)
    element.text = printable(str(value))


def _money(parent: Any, name: str, ore: int) -> None:
    _add(parent, name, f"{Decimal(ore) / 100:.2f}", currencyID="DKK")
