"""What paid a posting, or what it paid: the postings it stands settled with, and how much of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, union_all

from gecko.db import db
from gecko.models.payment_types import PaymentType
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.models.settlements import SettlementLine

EACH = 5
"""So many are told of each posting; a payment of a thousand invoices says how many more there are."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A posting on the other side, and so much of it, above zero."""

    posting_id: int
    kind: PostingKind
    posted_on: date
    text: str
    document_id: int | None
    payment_type: str | None
    amount_ore: int


@dataclass(slots=True)
class Settled:
    """The first counterparts of a posting, how many there are in all, and how much they settle."""

    first: list[Counterpart]
    count: int = 0
    amount_ore: int = 0

    @property
    def more(self) -> int:
        """How many are not told."""
        return self.count - len(self.first)

    @property
    def types(self) -> list[str]:
        """The payment types of those told, each once."""
        return list(dict.fromkeys(one.payment_type for one in self.first if one.payment_type))


def of(posting_ids: Iterable[int]) -> dict[int, Settled]:
    """What stands settled with each of the postings, in one query; those without anything are not there."""
    wanted, line = list(posting_ids), SettlementLine
    if not wanted:
        return {}
    sides = union_all(
        select(line.debit_posting_id.label("own"), line.credit_posting_id.label("other"), line.amount_ore).where(
            line.debit_posting_id.in_(wanted)
        ),
        select(line.credit_posting_id, line.debit_posting_id, line.amount_ore).where(
            line.credit_posting_id.in_(wanted)
        ),
    ).subquery()
    ore = func.sum(sides.c.amount_ore)
    pairs = select(sides.c.own, sides.c.other, ore.label("ore")).group_by(sides.c.own, sides.c.other).having(ore != 0)
    pair = pairs.subquery()
    ranked = select(
        pair,
        func.row_number().over(partition_by=pair.c.own, order_by=pair.c.other).label("place"),
        func.count().over(partition_by=pair.c.own).label("count"),
        func.sum(pair.c.ore).over(partition_by=pair.c.own).label("settled"),
    ).subquery()
    statement = (
        select(ranked, DebtorPosting, PaymentType.name.label("payment_type"))
        .join(DebtorPosting, DebtorPosting.id == ranked.c.other)
        .outerjoin(PaymentType, PaymentType.id == DebtorPosting.payment_type_id)
        .where(ranked.c.place <= EACH)
        .order_by(ranked.c.own, ranked.c.place)
    )
    found: dict[int, Settled] = {}
    for row in db.session.execute(statement):
        own = found.setdefault(row.own, Settled([], row.count, int(row.settled)))
        posting = row.DebtorPosting
        own.first.append(
            Counterpart(
                posting.id, posting.kind, posting.posted_on, posting.text, posting.document_id,
                row.payment_type, int(row.ore),
            )
        )  # fmt: skip
    return found
