"""The debtor ledger: postings are added, never changed; what a debtor owes is their sum (debit +, credit -, øre)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.sql.elements import ColumnElement

from .. import actor
from ..clock import today
from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.debtors import Debtor
from ..models.documents import SaleDocument
from ..models.postings import DebtorPosting, PostingKind
from ..money import LARGEST_ORE
from . import payment_types, periods


@dataclass(frozen=True, slots=True)
class Balance:
    """One line of the balance list."""

    debtor_id: int
    number: str
    name: str
    group_id: int | None
    outstanding_ore: int


def lock_debtor(debtor_id: int) -> Debtor:
    """The live debtor with its row locked until the transaction ends; raises NotFound.

    Locks are taken in one order everywhere: customers by id, then debtor, then document, then number series.
    """
    debtor = db.session.scalars(
        select(Debtor).where(Debtor.id == debtor_id, Debtor.deleted_at.is_(None)).with_for_update(of=Debtor)
    ).one_or_none()
    if debtor is None:
        raise NotFound
    return debtor


def post(
    debtor_id: int,
    kind: PostingKind,
    amount_ore: int,
    *,
    posted_on: date,
    text: str,
    due_on: date | None = None,
    document_id: int | None = None,
    payment_type_id: int | None = None,
    reverses_id: int | None = None,
    idempotency_key: str | None = None,
) -> DebtorPosting:
    """Write one posting; rules about who may post what belong to the callers, but for closed periods."""
    periods.require_open(posted_on)
    posting = DebtorPosting(
        debtor_id=debtor_id,
        kind=kind,
        amount_ore=amount_ore,
        posted_on=posted_on,
        due_on=due_on,
        document_id=document_id,
        payment_type_id=payment_type_id,
        text=text,
        reverses_id=reverses_id,
        idempotency_key=idempotency_key,
        created_by_id=actor.current().user_id,
    )
    db.session.add(posting)
    db.session.flush()
    return posting


def post_document(document: SaleDocument) -> DebtorPosting:
    """Write the posting of a newly issued document."""
    return post(
        document.debtor_id,
        PostingKind(document.kind.value),
        document.total_ore,
        posted_on=document.document_date,
        due_on=document.due_on,
        document_id=document.id,
        text=document.number,
    )


def record_payment(
    debtor_id: int,
    amount_ore: int,
    *,
    paid_on: date | None = None,
    text: str = "",
    payment_type_id: int | None = None,
    key: str | None = None,
) -> DebtorPosting:
    """Record money received from the debtor; the same `key` records it once."""
    lock_debtor(debtor_id)
    known = by_key(key)
    if known is not None:
        return known
    if not 0 < amount_ore <= LARGEST_ORE:
        raise Invalid(_("The amount must be greater than zero."), field="amount_ore")
    day = paid_on or today()
    if day > today():
        raise Invalid(_("The date must not lie in the future."), field="paid_on")
    payment_types.require_usable(payment_type_id)
    return post(
        debtor_id,
        PostingKind.PAYMENT,
        -amount_ore,
        posted_on=day,
        text=text.strip(),
        payment_type_id=payment_type_id,
        idempotency_key=key,
    )


def by_key(key: str | None) -> DebtorPosting | None:
    """The posting that was written with this idempotency key."""
    if key is None:
        return None
    return db.session.scalars(select(DebtorPosting).where(DebtorPosting.idempotency_key == key)).one_or_none()


def outstanding_sql() -> ColumnElement[int]:
    """What the Debtor of the enclosing statement owes, as a scalar subquery on the balance index."""
    return (
        select(func.coalesce(func.sum(DebtorPosting.amount_ore), 0))
        .where(DebtorPosting.debtor_id == Debtor.id)
        .correlate(Debtor)
        .scalar_subquery()
    )


def outstanding(debtor_id: int, as_of: date | None = None) -> int:
    """What the debtor owes, today or at the end of `as_of`; negative where money is due to the debtor."""
    return outstanding_many([debtor_id], as_of)[debtor_id]


def outstanding_many(debtor_ids: Iterable[int], as_of: date | None = None) -> dict[int, int]:
    """What each of the debtors owes, in one query."""
    wanted = list(debtor_ids)
    statement = (
        select(DebtorPosting.debtor_id, func.sum(DebtorPosting.amount_ore))
        .where(DebtorPosting.debtor_id.in_(wanted))
        .group_by(DebtorPosting.debtor_id)
    )
    if as_of is not None:
        statement = statement.where(DebtorPosting.posted_on <= as_of)
    sums = {debtor_id: int(total) for debtor_id, total in db.session.execute(statement)}
    return {debtor_id: sums.get(debtor_id, 0) for debtor_id in wanted}


def total(as_of: date | None = None) -> int:
    """What all debtors owe together."""
    statement = select(func.sum(DebtorPosting.amount_ore))
    if as_of is not None:
        statement = statement.where(DebtorPosting.posted_on <= as_of)
    return int(db.session.scalar(statement) or 0)


def balance_list(as_of: date | None = None, *, group_id: int | None = None, hide_zero: bool = True) -> list[Balance]:
    """Every debtor with what they owe at the end of `as_of`, by Danish name, in one query.

    A deleted debtor is listed for a day on which it still owed something.
    """
    sums = select(DebtorPosting.debtor_id, func.sum(DebtorPosting.amount_ore).label("ore"))
    if as_of is not None:
        sums = sums.where(DebtorPosting.posted_on <= as_of)
    owed = sums.group_by(DebtorPosting.debtor_id).subquery()
    ore = func.coalesce(owed.c.ore, 0)
    statement = (
        select(Debtor.id, Debtor.number, Debtor.company_name, Debtor.name, Debtor.group_id, ore)
        .outerjoin(owed, owed.c.debtor_id == Debtor.id)
        .order_by(Debtor.name_sort, Debtor.id)
    )
    statement = statement.where(ore != 0 if hide_zero else (Debtor.deleted_at.is_(None)) | (ore != 0))
    if group_id is not None:
        statement = statement.where(Debtor.group_id == group_id)
    return [
        Balance(debtor_id, number, company or name or "", group, int(amount))
        for debtor_id, number, company, name, group, amount in db.session.execute(statement)
    ]
