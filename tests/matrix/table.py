"""Who may open what, written by hand and reviewed: a wrong declaration in a view shows against it.

Letters: S super administrator, O office manager, A accountant, R reviewer, C receptionist, N a user without any role.
A new address without a line here fails the build.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = {"S": "super", "O": "office", "A": "accountant", "R": "reviewer", "C": "receptionist", "N": None}
EVERYBODY = "SOARCN"
NOBODY = ""
# Called by machines of others, which cannot log in: without the right signature or secret they are refused, whoever
# asks and with whatever cookie, and a form token makes no difference (test_forgery, admin_views/test_webhooks).
# So is the page for customers behind the link in newsletters (admin_views/test_unsubscribing).
WEBHOOKS = frozenset({"webhooks.sms", "webhooks.bounce", "unsubscribing.answer"})
PUBLIC = (
    frozenset({"static", "login", "one_time_link", "preferences.save", "unsubscribing.page", "opening.picture"})
    | WEBHOOKS
)


@dataclass(frozen=True)
class Grid:
    """The addresses of a grid; an action that nobody has does not exist and answers 404."""

    see: str
    create: str = NOBODY
    edit: str = NOBODY
    delete: str = NOBODY
    export: str = NOBODY

    def cells(self) -> dict[str, str]:
        """Roles by the endpoint's last part."""
        return {
            "index_view": self.see,
            "count_view": self.see,
            "lookup_view": self.see,
            "details_view": self.see,
            "columns_view": self.see,
            "save_view": self.see,
            "delete_saved_view": self.see,
            "create_view": self.create,
            "edit_view": self.edit,
            "inline_view": self.edit,
            "bulk_view": self.delete,  # walked with the action "delete"
            "delete_view": self.delete,
            "restore_view": self.delete,
            "export_view": self.export,
        }


GRIDS = {
    "customers": Grid("SOARC", create="SOC", edit="SORC", delete="SO", export="SO"),
    "contacts": Grid("SOARC", create="SOC", edit="SOC", delete="SOC", export="SO"),
    "groups": Grid("SOARC", create="SO", edit="SO", delete="SO"),
    "markings": Grid("SOARC", create="SO", edit="SO", delete="SO"),
    "customer-fields": Grid("SO", create="SO", edit="SO", delete="SO"),
    "bookings": Grid("SOARC", create="SOC", edit="SOC", delete="SOC", export="SO"),
    "recalls": Grid("SOARC", edit="SOC"),
    "recall-templates": Grid("SOARC", create="SO", edit="SO", delete="SO"),
    "calendars": Grid("SOARC", create="SO", edit="SO", delete="SO"),
    "services": Grid("SOARC", create="SO", edit="SO", delete="SO"),
    "booking-statuses": Grid("SOARC", create="SO", edit="SO", delete="SO"),
    "debtors": Grid("SOA", create="SOA", edit="SOA", delete="SOA", export="SOA"),
    "debtor-groups": Grid("SOA", create="SOA", edit="SOA", delete="SOA"),
    "payment-terms": Grid("SOA", create="SOA", edit="SOA", delete="SOA"),
    "bank-accounts": Grid("SOA", create="SOA", edit="SOA", delete="SOA"),
    "bank-payments": Grid("SOA"),
    "payment-types": Grid("SOA", create="SOA", edit="SOA", delete="SOA"),
    "dunning": Grid("SOA", export="SOA"),
    "reference-rates": Grid("SOA", create="SOA", edit="SOA", delete="SOA"),
    "invoices": Grid("SOA", create="SOA", export="SOA"),
    "invoice-drafts": Grid("SOA"),
    "postings": Grid("SOA", export="SOA"),
    "messages": Grid("SOARC"),
    "campaigns": Grid("SO", create="SO", edit="SO", delete="SO"),
    "items": Grid("SOAC", create="SO", edit="SO", delete="SO", export="SOAC"),
    "item-groups": Grid("SOAC", create="SO", edit="SO", delete="SO"),
    "message-templates": Grid("SO", create="SO", edit="SO", delete="SO"),
    "marketing-triggers": Grid("SO", create="SO", edit="SO", delete="SO"),
    "users": Grid("S", create="S", edit="S", delete="S"),
}
PAGES = {
    "start.index": EVERYBODY,
    "logout": EVERYBODY,
    "account.index": EVERYBODY,
    "account.password": EVERYBODY,
    "account.end_session": EVERYBODY,
    "search.page": EVERYBODY,
    "search.results": EVERYBODY,
    "users.link": "S",
    "users.end_session": "S",
    "roles.index": "S",
    "roles.create": "S",
    "roles.edit": "S",
    "roles.delete": "S",
    "access_templates.index": "S",
    "access_templates.create": "S",
    "access_templates.edit": "S",
    "access_templates.delete": "S",
    "settings.index": "S",
    "consent-wordings.index": "SO",
    "numbers.index": "S",
    # One sees one's own jobs; the jobs of others are not there for those without the right (404).
    "jobs.index": EVERYBODY,
    "jobs.show": "SOA",
    "jobs.cancel": "SO",
    "jobs.retry": "SO",
    "jobs.file": NOBODY,
    "customers.matches_view": "SOC",
    "customers.fields_view": "SOC",
    "customer_profile.index": "SOARC",
    "customer_profile.tab": "SOARC",
    "customer_profile.post": "SORC",
    "customer_profile.print_bookings": "SOARC",
    "bookings.booking_view": "SOARC",
    "bookings.move_view": "SOC",
    "bookings.mark_view": "SOC",
    "bookings.day_note_view": "SOC",
    "duplicates.index": "SOR",
    "duplicates.start": "SOR",
    "duplicates.case": "SOR",
    "duplicates.decide": "SOR",
    "duplicates.undo": "SOR",
    "duplicates.take": "SOR",
    "duplicates.give": "SOR",
    "duplicates.history": "SOR",
    "duplicates.check": "SOR",
    "duplicates.compare": "SOR",
    "duplicates.differ": "SOR",
    "duplicates.batches": "SO",
    "duplicates.batch": "SO",
    "duplicates.draw": "SO",
    "duplicates.judge": "SO",
    "duplicates.merge_batch": "SO",
    "merges.index": "SOR",
    "merges.show": "SOR",
    "merges.undo": "SOR",
    "groups.primary_view": "SO",
    "debtors.pay_view": "SOA",
    "debtors.reverse_view": "SOA",
    "debtors.link_view": "SOA",
    "debtors.unlink_view": "SOA",
    "settling.index": "SOA",
    "settling.settle": "SOA",
    "debtor_account.index": "SOA",
    "debtor_account.settle": "SOA",
    "debtor_account.write_off": "SOA",
    "debtor_account.pay_out": "SOA",
    "debtor_account.undo": "SOA",
    "bank-payments.accept_view": "SOA",
    "bank-payments.ignore_view": "SOA",
    "bank-payments.reopen_view": "SOA",
    "bank-payments.upload_view": "SOA",
    "bank-payments.columns_of_view": "SOA",
    "bank-payments.files_view": "SOA",
    "dunning_runs.index": "SOA",
    "dunning_runs.start": "SOA",
    "dunning_runs.show": "SOA",
    "dunning_runs.go_on": "SOA",
    "dunning_runs.mail": "SOA",
    "dunning_runs.print_out": "SOA",
    "dunning.pdf_view": "SOA",
    "dunning.mail_view": "SOA",
    "dunning.cancel_view": "SOA",
    "disputed_claims.index": "SOA",
    "disputed_claims.release": "SOA",
    "dunning_rules.index": "SOA",
    "statements.index": "SOA",
    "statements.pdf": "SOA",
    "statements.mail": "SOA",
    "statements.start": "SOA",
    "statements.show": "SOA",
    "invoices.document_view": "SOA",
    "invoices.lines_view": "SOA",
    "invoices.pdf_view": "SOA",
    "invoice_mail.index": "SOA",
    "invoices.e_invoice_view": "SOA",
    "invoice-drafts.draft_view": "SOA",
    "invoices.credit_view": "SOA",
    "postings.total_view": "SOA",
    "bookkeeping.index": "SOA",
    "bookkeeping.make": "SOA",
    "bookkeeping.file": "SOA",
    "bookkeeping_accounts.index": "SOA",
    "periods.index": "SOA",
    "periods.close": "SOA",
    "periods.reopen": "SA",
    "message_trial.index": "SOARC",
    "message_decisions.index": "SO",
    "message_decisions.wake": "SO",
    "message_writing.index": "SOC",
    "message_writing.preview": "SOC",
    "letter_merges.index": "SO",
    "letter_merges.choose": "SO",
    "letter_merges.start": "SO",
    # One sees one's own mail merges.
    "letter_merges.show": "SO",
    "letter_writing.index": "SOC",
    "letter_writing.preview": "SOC",
    "letters.index": "SOARC",
    "letters.pdf": "SOARC",
    "marketing-triggers.today_view": "SO",
    "marketing-triggers.approve_view": "SO",
    "marketing-triggers.stop_view": "SO",
    "marketing-triggers.test_view": "SO",
    "messages.message_view": "SOARC",
    "messages.lines_view": "SOARC",
    "messages.state_view": "SOARC",
    "messages.card_view": "SOARC",
    "messages.file_view": "SOARC",
    "messages.withdraw_view": "SOC",
    "messages.again_view": "SO",
    "messages.taken_view": "SO",
    "campaigns.show_view": "SO",
    "campaigns.from_list_view": "SO",
    "campaigns.state_view": "SO",
    "campaigns.text_view": "SO",
    "campaigns.preview_view": "SO",
    "campaigns.recipients_view": "SO",
    "campaigns.export_skipped_view": "SO",
    "campaigns.start_view": "SO",
    "campaigns.pause_view": "SO",
    "campaigns.go_on_view": "SO",
    "campaigns.stop_view": "SO",
    "duplicate_scans.index": "SOR",
    "duplicate_scans.start": "SO",
    "duplicate_quality.index": "SOR",
    "duplicate_quality.apply": "SO",
    "placeholders.index": "SO",
    "placeholders.decide": "SO",
    "placeholders.add": "SO",
    "field_policies.index": "SO",
    "field_policies.save": "SO",
    "log.index": "SO",
    "reminders.index": "SO",
    "recall_settings.index": "SO",
    "recalls.run_view": "SO",
    "recalls.letters_view": "SOARC",
    "texts.index": "SO",
    "texts.edit": "SO",
    "texts.reset": "SO",
    "texts.preview": "SO",
    "texts.codes": "SO",
    # One sees one's own exports, and the reports that one may look at; each report has its own right.
    "exports.index_view": EVERYBODY,
    "reports.index": EVERYBODY,
    "report_balance_list.index": "SOA",
    "report_balance_list.start": "SOA",
    "report_open_items.index": "SOA",
    "report_open_items.start": "SOA",
    "report_debtor_postings.index": "SOA",
    "report_debtor_postings.start": "SOA",
    "report_purchase_history.index": "SOA",
    "report_purchase_history.start": "SOA",
    "imports.index": "SOA",
    "imports.upload": "SOA",
    "imports.columns": "SOA",
    "imports.save_columns": "SOA",
    "imports.reading": "SOA",
    "imports.preview": "SOA",
    "imports.run": "SOA",
    "imports.result": "SOA",
    "imports.progress": "SOA",
    "imports.download": "SOA",
}
# What these name is not in the walk's database (an upload, an import's result): who may, gets 404.
# Nor does anything go into a file there, so that nothing was sent on trial; no letter of a recall was printed.
WITHOUT_ROW = frozenset(
    {
        "message_trial.index",
        "letter_merges.show",
        "statements.show",
        "recalls.letters_view",
        "bank-payments.columns_of_view",
        "imports.columns",
        "imports.preview",
        "imports.result",
        "imports.progress",
        "imports.download",
        "jobs.file",
        "bookkeeping.file",
    }
)
# The tabs of the customer profile, and what each lets people do: (tab, what).
TABS = {
    "bookings": "SOARC",
    "recalls": "SOARC",
    "information": "SOARC",
    "contacts": "SOARC",
    "debtor-postings": "SOA",
    "purchases": "SOARC",
    "messages": "SOARC",
    "log": "SOAR",
}
TAB_POSTS = {
    ("bookings", "card"): "SOC",
    ("recalls", "sign-up"): "SOC",
    ("recalls", "change"): "SOC",
    ("recalls", "pause"): "SOC",
    ("recalls", "resume"): "SOC",
    ("recalls", "end"): "SOC",
    ("recalls", "cancel"): "SOC",
    ("information", "save"): "SORC",
    ("information", "resolve"): "SORC",
    ("information", "cpr"): "SO",
    ("information", "put-marking"): "SORC",
    ("information", "take-marking"): "SORC",
    ("information", "mark-address"): "SORC",
    ("information", "check-address"): "SORC",
    ("information", "delete"): "SO",
    ("information", "erase"): "SO",
    ("information", "link-debtor"): "SOA",
    ("information", "unlink-debtor"): "SOA",
    ("information", "create-debtor"): "SOA",
    ("purchases", "create"): "SOC",
    ("purchases", "undo"): "SOC",
    ("contacts", "link"): "SOC",
    ("contacts", "create"): "SOC",
    ("contacts", "unlink"): "SOC",
}


def expected(endpoint: str) -> str | None:
    """The roles that may use an endpoint; None where the table has no line."""
    if endpoint in PAGES:
        return PAGES[endpoint]
    name, _dot, part = endpoint.rpartition(".")
    return GRIDS[name].cells().get(part) if name in GRIDS else None
