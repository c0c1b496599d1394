"""The pages that are looked at in every language, theme and size: (address, role, what must be on it).

A role of "" means that nobody is signed in. FRAME is looked at in every combination of language, theme and size;
PAGES, which share the frame's look, in two that hold each of them once.
"""

from __future__ import annotations

FRAME: list[tuple[str, str, str]] = [
    ("/login", "", "form"),
    ("/", "office", "main"),
    ("/search/?q=kunde", "office", "main"),
    ("/nowhere", "office", ".g-error"),
]
PAGES: list[tuple[str, str, str]] = [
    ("/customers/", "super", "table"),
    ("/customers/new/", "super", "form[data-guard]"),
    ("/contacts/", "super", "main"),
    ("/duplicates/", "super", "table"),
    ("/duplicates/?group=across&minimum=90", "super", ".empty-title"),
    ("/duplicates/1", "super", ".g-side-by-side table"),
    ("/duplicates/check/3", "super", ".g-found"),
    ("/duplicates/history", "super", "table"),
    ("/duplicates/batches/", "super", "form"),
    ("/merges/", "super", "table"),
    ("/merges/1", "super", "main"),
    ("/debtors/", "super", "table"),
    ("/debtors/new/", "super", "form[data-guard]"),
    ("/postings/", "super", "table"),
    ("/invoices/", "super", "table"),
    ("/items/", "super", "table"),
    ("/imports/", "super", "form"),
    ("/jobs/", "super", "main"),
    ("/log/", "super", "main"),
    ("/users/", "super", "table"),
    ("/users/new/", "super", "form"),
    ("/roles/", "super", "table"),
    ("/settings/", "super", "form"),
    ("/account/", "super", "main"),
    ("/groups/", "super", "table"),
    ("/markings/", "super", "main"),
    ("/customer-fields/", "super", "main"),
    ("/field-policies/", "super", "table"),
    ("/debtor-groups/", "super", "main"),
    ("/payment-terms/", "super", "table"),
    ("/item-groups/", "super", "main"),
    ("/access-templates/", "super", "main"),
    ("/exports/", "super", "main"),
    ("/exports/debtor-postings/", "super", "form"),
    ("/exports/purchase-history/", "super", "form"),
    ("/customers/1/", "super", "form[data-guard]"),
    ("/customers/1/contacts", "super", "main"),
    ("/customers/1/debtor-postings", "super", "table"),
    ("/customers/1/purchases", "super", "table"),
    ("/customers/1/log", "super", "table"),
]
