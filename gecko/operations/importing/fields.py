"""What can be imported, and which fields each kind of record has."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ...language import _


class Kind(StrEnum):
    """What the rows of a file are."""

    INVOICES = "invoices"
    CUSTOMERS = "customers"
    DEBTORS = "debtors"
    ITEMS = "items"


class Value(StrEnum):
    """How the cells of a field are read."""

    TEXT = "text"
    NUMBER = "number"  # what identifies a record: kept as written, one line
    MONEY = "money"
    QUANTITY = "quantity"
    COUNT = "count"
    DATE = "date"
    INSTANT = "instant"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind. aliases: what headers of files call it, folded, for the guess."""

    name: str
    label: Any
    value: Value = Value.TEXT
    is_required: bool = False
    is_droppable: bool = False  # a value that cannot be is left out with a warning
    aliases: tuple[str, ...] = field(default=())


KIND_LABELS = {
    Kind.INVOICES: _("Invoices and credit notes"),
    Kind.CUSTOMERS: _("Customers"),
    Kind.DEBTORS: _("Debtors"),
    Kind.ITEMS: _("Items"),
}

_ADDRESS = (
    Field("address", _("Address"), aliases=("adresse", "street", "gade", "vej", "address1")),
    Field("postal_code", _("Postal code"), aliases=("postcode", "postnr", "postnummer", "zip", "zipcode")),
    Field("city", _("City"), aliases=("by", "town", "suburb", "bynavn")),
)

FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.INVOICES: (
        Field("number", _("Document number"), Value.NUMBER, True,
              aliases=("invoiceid", "invoiceno", "invoice", "fakturanr", "fakturanummer", "bilagsnr", "documentno")),
        Field("issued_at", _("Date of issue"), Value.INSTANT, True,
              aliases=("invoicedate", "fakturadato", "dato", "date", "issued", "udstedt")),
        Field("due_on", _("Due date"), Value.DATE, aliases=("duedate", "forfaldsdato", "forfald")),
        Field("customer_number", _("Customer number"), Value.NUMBER, True,
              aliases=("customerid", "customerno", "kundenr", "kundenummer", "customer", "kunde")),
        Field("customer_name", _("Customer name"), aliases=("kundenavn", "name", "navn")),
        Field("total", _("Total with VAT"), Value.MONEY, True,
              aliases=("totalprice", "amount", "beloeb", "total", "ialt", "gross")),
        Field("vat", _("VAT of the total"), Value.MONEY, aliases=("moms", "momsbeloeb", "vatamount")),
        Field("quantity", _("Number of items"), Value.QUANTITY,
              aliases=("totalquantity", "antal", "qty", "quantity")),
        Field("text", _("Text"), aliases=("tekst", "description", "beskrivelse")),
    ),
    Kind.CUSTOMERS: (
        Field("number", _("Number"), Value.NUMBER,
              aliases=("recid", "customerno", "customerid", "kundenr", "kundenummer", "nr", "no", "id")),
        Field("name", _("Name"), aliases=("navn", "fullname", "kundenavn", "customername")),
        *_ADDRESS,
        Field("telephone", _("Telephone"), aliases=("telefon", "phone", "tlf", "phonenumber")),
        Field("mobile", _("Mobile"), aliases=("mobil", "cell", "mobiltelefon", "mobilnummer")),
        Field("email", _("E-mail"), aliases=("mail", "emailaddress", "emailadresse")),
        Field("birth_date", _("Date of birth"), Value.DATE, is_droppable=True,
              aliases=("dateofbirth", "birthday", "foedselsdato", "foedselsdag", "dob")),
        Field("gender", _("Gender"), aliases=("koen", "sex")),
        Field("language", _("Language"), aliases=("sprog",)),
        Field("remind_sms", _("Reminders by SMS"), Value.YES_NO),
        Field("remind_email", _("Reminders by e-mail"), Value.YES_NO),
        Field("accepts_marketing_email", _("Marketing by e-mail"), Value.YES_NO),
        Field("accepts_marketing_sms", _("Marketing by SMS"), Value.YES_NO),
        Field("note", _("Note"), aliases=("notat", "bemaerkning", "bemaerkninger", "comment")),
        Field("important_note", _("Important note"), aliases=("vigtignote",)),
        Field("right_of_access", _("Right of access"), Value.YES_NO),
        Field("clips_left", _("Clips left"), Value.COUNT, aliases=("klip",)),
    ),
    Kind.DEBTORS: (
        Field("number", _("Number"), Value.NUMBER, True,
              aliases=("debtorno", "debitornr", "debitornummer", "kundenr", "nr", "no", "id")),
        Field("name", _("Name"), aliases=("navn", "fullname")),
        Field("company_name", _("Company"), aliases=("firma", "virksomhed", "companyname", "firmanavn")),
        Field("att", _("Attention"), aliases=("att", "attention")),
        *_ADDRESS,
        Field("country", _("Country"), aliases=("land", "countrycode")),
        Field("phone", _("Telephone"), aliases=("telefon", "tlf", "telephone", "mobil")),
        Field("email", _("E-mail"), aliases=("mail", "emailaddress")),
        Field("cvr", _("CVR number"), aliases=("cvrnr", "cvrnummer", "vatno", "se")),
        Field("ean", _("EAN number"), aliases=("eannr", "eannummer", "gln")),
        Field("contact_reference", _("Contact reference"), aliases=("deresref", "yourref")),
        Field("order_reference", _("Order reference"), aliases=("ordrenr", "rekvisition", "orderno")),
        Field("language", _("Language"), aliases=("sprog",)),
        Field("group", _("Debtor group"), aliases=("debitorgruppe", "gruppe")),
        Field("term", _("Payment term"), aliases=("betalingsbetingelse", "betalingsbetingelser", "terms")),
    ),
    Kind.ITEMS: (
        Field("number", _("Item number"), Value.NUMBER, True,
              aliases=("itemno", "varenr", "varenummer", "sku", "stockcode", "nr", "no", "id")),
        Field("name", _("Name"), aliases=("navn", "varenavn", "description", "beskrivelse", "itemname")),
        Field("kind", _("Product or service"), aliases=("type", "art")),
        Field("price", _("Price with VAT"), Value.MONEY, aliases=("pris", "salgspris", "unitprice")),
        Field("cost", _("Cost price"), Value.MONEY, aliases=("kostpris", "indkoebspris")),
        Field("barcode", _("Barcode"), aliases=("stregkode", "ean", "gtin")),
        Field("is_vat_exempt", _("Exempt from VAT"), Value.YES_NO, aliases=("momsfri", "vatexempt")),
        Field("is_active", _("Active"), Value.YES_NO, aliases=("aktiv",)),
        Field("group", _("Item group"), aliases=("varegruppe", "gruppe", "category", "kategori")),
    ),
}  # fmt: skip


def field_of(kind: Kind, name: str) -> Field | None:
    """The field of that name, or None."""
    return next((field for field in FIELDS[kind] if field.name == name), None)
