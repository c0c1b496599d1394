"""Reports: parameters in, frames of rows out, and the files they become. REPORTS lists them all."""

from __future__ import annotations

from . import (
    account_statement,
    balance_list,
    debtor_postings,
    invoice_list,
    open_items,
    payments,
    prepayment_entries,
    prepayments,
    purchase_history,
    reminder_status,
    settlement_journal,
    vat_summary,
)
from .report import Report

REPORTS: dict[str, Report] = {
    module.REPORT.key: module.REPORT
    for module in (
        balance_list,
        open_items,
        account_statement,
        debtor_postings,
        invoice_list,
        payments,
        prepayments,
        prepayment_entries,
        settlement_journal,
        vat_summary,
        reminder_status,
        purchase_history,
    )
}
