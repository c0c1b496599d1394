"""The rights of staff and the roles an installation starts with.

A right is a name in code; which role holds it is a row that staff can edit (`role_permission`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .language import _


class Permission(StrEnum):
    """Every right; a view names the ones it needs, and nothing is open without one."""

    CUSTOMER_VIEW = "customer.view"
    CUSTOMER_CREATE = "customer.create"
    CUSTOMER_EDIT = "customer.edit"
    CUSTOMER_DELETE = "customer.delete"
    CUSTOMER_EXPORT = "customer.export"
    CUSTOMER_IMPORT = "customer.import"
    CUSTOMER_VIEW_CPR = "customer.view_cpr"
    CUSTOMER_LOG = "customer.log"
    CUSTOMER_SETUP = "customer.setup"
    DUPLICATE_REVIEW = "duplicate.review"
    DUPLICATE_MERGE = "duplicate.merge"
    DUPLICATE_BATCH = "duplicate.batch"
    DUPLICATE_UNDO = "duplicate.undo"
    CONTACT_EDIT = "contact.edit"
    BOOKING_VIEW = "booking.view"
    BOOKING_EDIT = "booking.edit"
    BOOKING_SETUP = "booking.setup"
    DEBTOR_VIEW = "debtor.view"
    DEBTOR_EDIT = "debtor.edit"
    DEBTOR_EXPORT = "debtor.export"
    DEBTOR_IMPORT = "debtor.import"
    DEBTOR_SETUP = "debtor.setup"
    DEBTOR_SETTLE = "debtor.settle"
    DEBTOR_WRITE_OFF = "debtor.write_off"
    REMINDER_SEND = "reminder.send"
    LEDGER_EXPORT = "ledger.export"
    LEDGER_CLOSE = "ledger.close"
    LEDGER_REOPEN = "ledger.reopen"
    INVOICE_VIEW = "invoice.view"
    INVOICE_ISSUE = "invoice.issue"
    INVOICE_IMPORT = "invoice.import"
    PURCHASE_VIEW = "purchase.view"
    PURCHASE_ADHOC = "purchase.adhoc"
    PURCHASE_EXPORT = "purchase.export"
    ITEM_VIEW = "item.view"
    ITEM_EDIT = "item.edit"
    ITEM_IMPORT = "item.import"
    MESSAGE_VIEW = "message.view"
    MESSAGE_SEND = "message.send"
    MESSAGE_BULK = "message.bulk"
    MESSAGE_DECIDE = "message.decide"
    JOB_VIEW = "job.view"
    JOB_MANAGE = "job.manage"
    TEXT_EDIT = "text.edit"
    VIEW_SHARE = "view.share"
    AUDIT_VIEW = "audit.view"
    USER_MANAGE = "user.manage"
    SETTINGS_EDIT = "settings.edit"


LABELS = {
    Permission.CUSTOMER_VIEW: _("See customers"),
    Permission.CUSTOMER_CREATE: _("Create customers"),
    Permission.CUSTOMER_EDIT: _("Change customers"),
    Permission.CUSTOMER_DELETE: _("Delete customers"),
    Permission.CUSTOMER_EXPORT: _("Export customers"),
    Permission.CUSTOMER_IMPORT: _("Import customers"),
    Permission.CUSTOMER_VIEW_CPR: _("See social security numbers in full"),
    Permission.CUSTOMER_LOG: _("See a customer's log"),
    Permission.CUSTOMER_SETUP: _("Set up groups, fields, markings and rules of customers"),
    Permission.DUPLICATE_REVIEW: _("Review duplicates"),
    Permission.DUPLICATE_MERGE: _("Merge customers"),
    Permission.DUPLICATE_BATCH: _("Merge many customers at once, scan and adjust the thresholds"),
    Permission.DUPLICATE_UNDO: _("Undo merges"),
    Permission.CONTACT_EDIT: _("Change contacts"),
    Permission.BOOKING_VIEW: _("See bookings"),
    Permission.BOOKING_EDIT: _("Book, move and delete bookings"),
    Permission.BOOKING_SETUP: _("Set up calendars, services and booking statuses"),
    Permission.DEBTOR_VIEW: _("See debtors and postings"),
    Permission.DEBTOR_EDIT: _("Change debtors and links to customers"),
    Permission.DEBTOR_EXPORT: _("Export debtor postings"),
    Permission.DEBTOR_IMPORT: _("Import debtors"),
    Permission.DEBTOR_SETUP: _("Set up debtor groups and payment terms"),
    Permission.DEBTOR_SETTLE: _("Take in payments from the bank, settle postings and undo settlements"),
    Permission.DEBTOR_WRITE_OFF: _("Write off what debtors owe, and pay out what they are owed"),
    Permission.REMINDER_SEND: _("Send reminders and statements of account to debtors"),
    Permission.LEDGER_EXPORT: _("Hand postings over to the bookkeeping"),
    Permission.LEDGER_CLOSE: _("Close periods and seal the ledger"),
    Permission.LEDGER_REOPEN: _("Open closed periods again"),
    Permission.INVOICE_VIEW: _("See invoices"),
    Permission.INVOICE_ISSUE: _("Issue invoices and credit notes"),
    Permission.INVOICE_IMPORT: _("Import invoices"),
    Permission.PURCHASE_VIEW: _("See purchases"),
    Permission.PURCHASE_ADHOC: _("Register ad hoc purchases"),
    Permission.PURCHASE_EXPORT: _("Export purchase histories"),
    Permission.ITEM_VIEW: _("See items"),
    Permission.ITEM_EDIT: _("Change items"),
    Permission.ITEM_IMPORT: _("Import items"),
    Permission.MESSAGE_VIEW: _("See messages to customers"),
    Permission.MESSAGE_SEND: _("Send messages to customers"),
    Permission.MESSAGE_BULK: _("Send newsletters and other messages to many customers at once"),
    Permission.MESSAGE_DECIDE: _("Decide about messages of which nobody knows whether they were sent"),
    Permission.JOB_VIEW: _("See everybody's jobs"),
    Permission.JOB_MANAGE: _("Cancel and retry everybody's jobs"),
    Permission.TEXT_EDIT: _("Change texts and templates of messages"),
    Permission.VIEW_SHARE: _("Share saved views"),
    Permission.AUDIT_VIEW: _("See the log of all changes"),
    Permission.USER_MANAGE: _("Manage users, roles and access templates"),
    Permission.SETTINGS_EDIT: _("Change settings and modules"),
}

P = Permission
_READ = {P.CUSTOMER_VIEW, P.DEBTOR_VIEW, P.INVOICE_VIEW, P.PURCHASE_VIEW, P.ITEM_VIEW}
SEED_ROLES: dict[str, tuple[str, frozenset[Permission]]] = {
    # key: (English name, rights); the super administrator holds every right, present and future
    "super": ("Super administrator", frozenset(Permission)),
    "office": ("Office manager", frozenset(Permission) - {P.USER_MANAGE, P.SETTINGS_EDIT, P.LEDGER_REOPEN}),
    "accountant": (
        "Accountant",
        frozenset(_READ)
        | {P.DEBTOR_EDIT, P.DEBTOR_EXPORT, P.DEBTOR_IMPORT, P.DEBTOR_SETUP, P.DEBTOR_SETTLE,
           P.DEBTOR_WRITE_OFF, P.REMINDER_SEND, P.LEDGER_EXPORT, P.LEDGER_CLOSE, P.LEDGER_REOPEN, P.INVOICE_ISSUE,
           P.INVOICE_IMPORT,
           P.PURCHASE_EXPORT, P.ITEM_IMPORT, P.CUSTOMER_LOG, P.VIEW_SHARE, P.JOB_VIEW, P.BOOKING_VIEW,
           P.MESSAGE_VIEW},
    ),
    "reviewer": (
        "Reviewer",
        frozenset({P.CUSTOMER_VIEW, P.CUSTOMER_EDIT, P.CUSTOMER_LOG, P.PURCHASE_VIEW, P.DUPLICATE_REVIEW,
                   P.DUPLICATE_MERGE, P.DUPLICATE_UNDO, P.BOOKING_VIEW, P.MESSAGE_VIEW}),
    ),
    "receptionist": (
        "Receptionist",
        frozenset({P.CUSTOMER_VIEW, P.CUSTOMER_CREATE, P.CUSTOMER_EDIT, P.CONTACT_EDIT, P.PURCHASE_VIEW,
                   P.PURCHASE_ADHOC, P.ITEM_VIEW, P.BOOKING_VIEW, P.BOOKING_EDIT, P.MESSAGE_VIEW, P.MESSAGE_SEND}),
    ),
}  # fmt: skip
SUPER = "super"


@dataclass(frozen=True, slots=True)
class Principal:
    """The signed-in user of one request, read once: rights, scope and taste. No database object, so it never expires.

    groups: the customer groups a limited user may see; None means all.
    """

    user_id: int
    session_id: int | None
    username: str
    name: str
    language: str = "da"
    theme: str = "auto"
    permissions: frozenset[str] = frozenset()
    groups: frozenset[int] | None = None
    is_super: bool = False

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What Flask-Login calls the user."""
        return str(self.user_id)

    def has(self, *needed: Permission) -> bool:
        """Whether the user holds every one of the rights."""
        return all(permission in self.permissions for permission in needed)
