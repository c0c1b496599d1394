"""What the kinds of postings, prepayments and settlements are called, for pages and reports alike."""

from __future__ import annotations

from typing import Any

from ..language import _
from ..models.postings import PostingKind
from ..models.prepayments import PrepaymentKind
from ..models.settlements import SettlementMethod

KINDS: dict[PostingKind, Any] = {
    PostingKind.INVOICE: _("Invoice"),
    PostingKind.CREDIT_NOTE: _("Credit note"),
    PostingKind.PAYMENT: _("Payment"),
    PostingKind.PAYOUT: _("Payout"),
    PostingKind.WRITE_OFF: _("Write-off"),
    PostingKind.REMINDER_FEE: _("Reminder fee"),
    PostingKind.INTEREST: _("Interest"),
    PostingKind.COMPENSATION: _("Compensation"),
    PostingKind.REVERSAL: _("Reversal"),
}
PREPAYMENTS: dict[PrepaymentKind, Any] = {
    PrepaymentKind.PAID_IN: _("Paid in"),
    PrepaymentKind.USED: _("Used"),
    PrepaymentKind.PAID_OUT: _("Paid out"),
    PrepaymentKind.REVERSAL: _("Reversal"),
}
METHODS: dict[SettlementMethod, Any] = {
    SettlementMethod.MANUAL: _("By hand"),
    SettlementMethod.AUTOMATIC: _("Automatic"),
    SettlementMethod.REVERSAL: _("Reversal"),
    SettlementMethod.UNDO: _("Undone"),
}
