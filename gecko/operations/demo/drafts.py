"""Invoices that somebody in the demo began to write."""

from __future__ import annotations

from datetime import datetime, time

from ...clock import from_local
from ...db import transaction
from .. import drafting
from ..invoicing import Line
from .draw import ANCHOR
from .payers import Account

_BEGUN = (
    (Line(1_000, 125_000, "Ergonomisk gennemgang af arbejdspladser"), Line(2_500, 60_000, "Instruktion på stedet")),
    (Line(10_000, 45_000, "Klippekort til firmaaftale, november", discount_ore=45_000),),
    (Line(1_000, 89_500, "Foredrag om ryg og nakke"), Line(1_000, 4_900, "Porto og ekspedition")),
)


def build(accounts: list[Account]) -> None:
    """A few drafts to debtors who buy most, changed on the demo's last day."""
    with transaction():
        for number, (account, lines) in enumerate(zip(accounts, _BEGUN, strict=False)):
            draft = drafting.create(drafting.Content(account.debtor_id, lines), key=f"demo:{number}")
            draft.changed_at = from_local(datetime.combine(ANCHOR, time(14, 5 + number)))
