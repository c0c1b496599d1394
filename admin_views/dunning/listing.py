"""The reminders of a run, as far as the one who looks may see their debtors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from gecko.db import db
from gecko.models.debtors import Debtor
from gecko.models.dunning import Dunning, DunningState
from gecko.operations import visibility
from gecko.operations.dunning import states
from gecko.permissions import Principal

SHOWN = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A reminder and its state."""

    dunning: Dunning
    state: DunningState

    @property
    def can_be_mailed(self) -> bool:
        """Whether it is neither sent nor under way."""
        is_new = self.state == DunningState.CREATED and self.dunning.message_id is None
        return is_new or self.state == DunningState.FAILED

    @property
    def can_be_printed(self) -> bool:
        """Whether paper is a way: it did not go by e-mail, or was printed before."""
        return self.can_be_mailed or self.dunning.printed_at is not None


def of_run(run_id: int, who: Principal, *, limit: int | None = None) -> list[Row]:
    """The run's reminders by number."""
    statement = _of_run(select(Dunning), run_id, who).options(joinedload(Dunning.debtor))
    return rows(db.session.scalars(statement.order_by(Dunning.number).limit(limit)).all())


def rows(dunnings: Sequence[Dunning]) -> list[Row]:
    """Reminders with their states."""
    known = states.of([row.id for row in dunnings])
    return [Row(row, known[row.id]) for row in dunnings]


def to_mail(run_id: int, who: Principal) -> Select[int]:
    """The ids of those of a run that can go by e-mail, by number: their debtor has an address."""
    has_address = Dunning.debtor_id.in_(select(Debtor.id).where(Debtor.email.is_not(None), Debtor.email != ""))
    return _of_run(select(Dunning.id), run_id, who).where(_can_be_mailed(), has_address).order_by(Dunning.number)


def to_print(run_id: int, who: Principal) -> Select[int]:
    """The ids of those of a run that go on paper, by number."""
    goes = and_(or_(_can_be_mailed(), Dunning.printed_at.is_not(None)), Dunning.cancelled_at.is_(None))
    return _of_run(select(Dunning.id), run_id, who).where(goes).order_by(Dunning.number)


def count(ids: Select[int]) -> int:
    """How many there are."""
    return db.session.scalar(select(func.count()).select_from(ids.order_by(None).subquery())) or 0


def _of_run(statement: Select[Any], run_id: int, who: Principal) -> Select[Any]:
    return visibility.dunnings(statement.where(Dunning.run_id == run_id), who)


def _can_be_mailed() -> ColumnElement[bool]:
    """As `Row.can_be_mailed`, for the database."""
    state = states.state_sql()
    is_new = and_(state == DunningState.CREATED.value, Dunning.message_id.is_(None))
    return or_(is_new, state == DunningState.FAILED.value)
