"""Reports: parameters in, frames of rows out, and the files they become. REPORTS lists them all."""

from __future__ import annotations

from . import balance_list, debtor_postings, open_items, purchase_history
from .report import Report

REPORTS: dict[str, Report] = {
    report.key: report
    for report in (balance_list.REPORT, open_items.REPORT, debtor_postings.REPORT, purchase_history.REPORT)
}
