"""What belongs to customers: who pays for them, whom they were merged into, what is stored to find them by."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select

from ...consent_triggers import COLUMNS
from ...db import Base
from ...models.consents import Consent
from ...models.customers import Customer
from ...models.debtors import CustomerDebtorLink, Debtor
from ...models.merges import CustomerErasure, Merge, MergedCustomer
from ...models.name_counts import CustomerNameCount
from .. import name_counts
from ..matching import verifying
from ..merging.rules import MOVED
from .found import Check, count, found, listed

_COMPARED = 5_000


def links() -> Check:
    """A customer has at most one debtor at a time, and both ends of every link are there."""
    twice = (
        select(CustomerDebtorLink.customer_id)
        .where(CustomerDebtorLink.unlinked_at.is_(None))
        .group_by(CustomerDebtorLink.customer_id)
        .having(func.count() > 1)
    )
    dangling = (
        select(CustomerDebtorLink.id)
        .outerjoin(Customer, Customer.id == CustomerDebtorLink.customer_id)
        .outerjoin(Debtor, Debtor.id == CustomerDebtorLink.debtor_id)
        .where(or_(Customer.id.is_(None), Debtor.id.is_(None)))
    )
    deleted = (
        select(CustomerDebtorLink.customer_id, CustomerDebtorLink.debtor_id)
        .join(Debtor, Debtor.id == CustomerDebtorLink.debtor_id)
        .where(CustomerDebtorLink.unlinked_at.is_(None), Debtor.deleted_at.is_not(None))
    )
    problems = listed(twice, "customer %s has more than one debtor")
    problems += listed(dangling, "link %s points to a customer or debtor that is not there")
    problems += listed(deleted, "customer %s is linked to the deleted debtor %s")
    return found("links", {"links": count(CustomerDebtorLink)}, problems)


def duplicates() -> Check:
    """What the matcher stored of customers is what they give when they are normalised now (thousands, spread out)."""
    done = verifying.verify(sample=_COMPARED)
    problems = [f"customer {one} is not stored as it would be now" for one in done.wrong]
    return found("duplicates", {"customers": done.customers}, problems)


def names() -> Check:
    """The customers counted by the beginnings of their names are those that there are."""
    problems = [f"the number of customers whose names begin with {one!r} is wrong" for one in name_counts.deviations()]
    return found("names", {"beginnings": count(CustomerNameCount)}, problems)


def merges() -> Check:
    """Nothing belongs to a customer who was merged, those are hidden, and no merge or erasure was left half-way."""
    in_force = select(MergedCustomer.customer_id).where(MergedCustomer.undone_at.is_(None))
    problems = []
    for table_name, column in MOVED:
        owner = Base.metadata.tables[table_name].c[column]
        left = select(owner, func.count()).where(owner.in_(in_force)).group_by(owner)
        problems += listed(left, f"customer %s was merged and still has %s rows of {table_name}")
    visible = select(Customer.id).where(Customer.id.in_(in_force), Customer.deleted_at.is_(None))
    problems += listed(visible, "customer %s was merged and is not hidden")
    problems += listed(select(Merge.id).where(Merge.is_running), "merge %s was left half-way")
    unfinished = select(CustomerErasure.customer_id).where(CustomerErasure.finished_at.is_(None))
    problems += listed(unfinished, "the erasure of customer %s was left half-way")
    return found("merges", {"merges": count(Merge), "erased": count(CustomerErasure)}, problems)


def consents() -> Check:
    """What every customer answers to marketing is the last that was kept of it."""
    problems = []
    for channel, column in COLUMNS.items():
        last = select(func.max(Consent.id).label("id")).where(Consent.channel == channel)
        newest = last.group_by(Consent.customer_id).subquery()
        answers = select(Consent.customer_id, Consent.is_given).join(newest, newest.c.id == Consent.id).subquery()
        given, present = func.coalesce(answers.c.is_given, False), getattr(Customer, column)
        wrong = (
            select(Customer.id)
            .outerjoin(answers, answers.c.customer_id == Customer.id)
            .where(or_(and_(given, ~present), and_(~given, present)))
        )
        problems += listed(wrong, f"the answer of customer %s to marketing by {channel} was changed without being kept")
    return found("consents", {"answers": count(Consent)}, problems)
