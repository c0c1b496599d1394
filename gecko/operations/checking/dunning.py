"""Payment reminders: their amounts are their lines and postings, and none goes beyond what the law allows."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select

from ...models.dunning import Dunning, DunningLine
from ...models.postings import DebtorPosting
from ..dunning import policy
from .found import Check, count, found, listed

_POSTINGS = (
    (Dunning.fee_posting_id, Dunning.fee_ore),
    (Dunning.interest_posting_id, Dunning.interest_ore),
    (Dunning.compensation_posting_id, Dunning.compensation_ore),
)


def reminders() -> Check:
    """A reminder's sums are those of its lines; what it adds is posted, and reversed where it is cancelled."""
    sums = (
        select(
            DunningLine.dunning_id,
            func.sum(DunningLine.remaining_ore).label("open"),
            func.sum(DunningLine.interest_ore).label("interest"),
            func.sum(DunningLine.compensation_ore).label("compensation"),
        )
        .group_by(DunningLine.dunning_id)
        .subquery()
    )
    wrong = (
        select(Dunning.number)
        .outerjoin(sums, sums.c.dunning_id == Dunning.id)
        .where(
            or_(
                sums.c.dunning_id.is_(None),
                sums.c.open != Dunning.claims_ore + Dunning.earlier_ore,
                sums.c.interest != Dunning.interest_ore,
                sums.c.compensation != Dunning.compensation_ore,
            )
        )
    )
    problems = listed(wrong, "reminder %s says another sum than its lines") + _postings()
    return found("reminders", {"reminders": count(Dunning), "lines": count(DunningLine)}, problems)


def _postings() -> list[str]:
    """Amounts that are posted otherwise, and such as stand although their reminder is cancelled."""
    problems: list[str] = []
    own, mirror = DebtorPosting.__table__, DebtorPosting.__table__.alias("mirror")
    for column, ore in _POSTINGS:
        unposted = (
            select(Dunning.number)
            .outerjoin(own, own.c.id == column)
            .where(
                or_(
                    and_(ore > 0, own.c.id.is_(None)),
                    own.c.amount_ore != ore,
                    own.c.debtor_id != Dunning.debtor_id,
                )
            )
        )
        problems += listed(unposted, "reminder %s adds an amount that is not posted as such")
        standing = (
            select(Dunning.number, own.c.id)
            .join(own, own.c.id == column)
            .outerjoin(mirror, mirror.c.reverses_id == own.c.id)
            .where(Dunning.cancelled_at.is_not(None), mirror.c.id.is_(None))
        )
        problems += listed(standing, "reminder %s is cancelled and its posting %s stands")
    return problems


def limits() -> Check:
    """No claim bore more than three fees or compensation twice, by reminders that stand."""
    line = DunningLine
    beyond = (
        select(line.posting_id)
        .join(Dunning, Dunning.id == line.dunning_id)
        .where(line.is_claim, Dunning.cancelled_at.is_(None))
        .group_by(line.posting_id)
        .having(
            or_(
                func.count().filter(Dunning.fee_ore > 0) > policy.MOST_FEES,
                func.count().filter(line.compensation_ore > 0) > 1,
            )
        )
    )
    problems = listed(beyond, "posting %s was charged beyond what renteloven allows")
    return found("reminder_limits", {"claims": count(DunningLine)}, problems)
