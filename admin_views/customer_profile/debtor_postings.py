"""The tab Debtor postings: the account of the debtor who pays for this customer and for nobody else."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from gecko.models.debtors import CustomerDebtorLink
from gecko.models.postings import DebtorPosting
from gecko.operations import debtor_links, payment_terms, prepayments
from gecko.permissions import Permission

from ..debtor_page import account
from ..postings import KIND_WORDS
from .tabs import Profile


def count(profile: Profile) -> Any:
    """How many postings the tab shows: those of the debtor where no other customer shares it."""
    mine, others = aliased(CustomerDebtorLink), aliased(CustomerDebtorLink)
    shared = select(others.id).where(
        others.debtor_id == mine.debtor_id, others.unlinked_at.is_(None), others.customer_id != mine.customer_id
    )
    return (
        select(func.count())
        .select_from(DebtorPosting)
        .join(mine, mine.debtor_id == DebtorPosting.debtor_id)
        .where(mine.customer_id == profile.customer.id, mine.unlinked_at.is_(None), ~shared.exists())
        .scalar_subquery()
    )


def render(profile: Profile) -> str:
    """The postings with their sums; a notice where the debtor is shared or there is none."""
    customer_id = profile.customer.id
    seen = debtor_links.visibility(customer_id)
    debtor = debtor_links.debtor_of(customer_id)
    return render_template(
        "customer_profile/debtor_postings.html",
        customer=profile.customer,
        debtor=debtor,
        seen=seen,
        term=payment_terms.term_of(debtor) if debtor else None,
        account=account.page(debtor.id, after=request.args.get("after")) if debtor and seen.shows_postings else None,
        prepayment=prepayments.balance(debtor.id) if debtor and seen.shows_postings else 0,
        kind_words=KIND_WORDS,
        reverse_url=None,
        may_invoice=profile.may(Permission.INVOICE_ISSUE),
    )
