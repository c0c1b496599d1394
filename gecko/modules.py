"""Gates: modules (bought) and features (switched on). A closed gate hides a tab or action and refuses its URL."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .language import _


class Module(StrEnum):
    """What an installation may have bought."""

    CASH_REGISTER = "cash_register"
    GIFT_VOUCHER = "gift_voucher"
    DOCUMENTS = "documents"
    FORMS = "forms"
    JOURNAL = "journal"
    SMS = "sms"
    MARKETING = "marketing"
    ONLINE_PAYMENT = "online_payment"


class Feature(StrEnum):
    """What an installation may have switched on."""

    CONTACTS = "contacts"
    INVOICES = "invoices"
    CPR = "cpr"
    RECALL = "recall"


MODULE_LABELS = {
    Module.CASH_REGISTER: _("Cash register"),
    Module.GIFT_VOUCHER: _("Gift vouchers"),
    Module.DOCUMENTS: _("Documents"),
    Module.FORMS: _("Forms"),
    Module.JOURNAL: _("Journal"),
    Module.SMS: _("SMS"),
    Module.MARKETING: _("Marketing"),
    Module.ONLINE_PAYMENT: _("Online payment"),
}
FEATURE_LABELS = {
    Feature.CONTACTS: _("Use contacts"),
    Feature.INVOICES: _("Use invoices and debtors"),
    Feature.CPR: _("Store social security numbers (encrypted)"),
    Feature.RECALL: _("Use recall of customers"),
}
# What each opens in this version; a module that is missing here opens nothing yet, and the settings page says so.
MODULE_OPENS = {
    Module.CASH_REGISTER: _("Items, and on the customer profile the tab Purchases with ad hoc purchases."),
    Module.SMS: _("SMS beside e-mail wherever messages are written to customers, and the SMS appointment card."),
}
FEATURE_OPENS = {
    Feature.CONTACTS: _("Contact persons, and on the customer profile the tab Contacts."),
    Feature.INVOICES: _("Debtors, invoices and postings, and on the customer profile the tab Debtor postings."),
    Feature.CPR: _("A field for the social security number on customers; it is stored encrypted."),
    Feature.RECALL: _("The list of recalls, and on the customer profile the tab Recall with the customer's sign-ups."),
}
# A feature that needs a module is closed while the module is.
FEATURE_NEEDS: dict[Feature, Module] = {Feature.INVOICES: Module.CASH_REGISTER}
DEFAULT_ON: frozenset[Module | Feature] = frozenset({Module.CASH_REGISTER, Feature.CONTACTS, Feature.INVOICES})


@dataclass(frozen=True, slots=True)
class Gate:
    """Modules and features that must all be on; `Gate()` is always open."""

    needs: tuple[Module | Feature, ...] = ()

    def is_open(self, switched_on: frozenset[str]) -> bool:
        """Whether everything needed is in `switched_on` (see operations.settings.switched_on)."""
        return all(need in switched_on for need in self.needs)
