"""The reminders of a run, as far as the one who looks may see their debtors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from gecko.db import db
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
    statement = select(Dunning).where(Dunning.run_id == run_id).options(joinedload(Dunning.debtor))
    found = db.session.scalars(visibility.dunnings(statement, who).order_by(Dunning.number).limit(limit)).all()
    return rows(found)


def rows(dunnings: Sequence[Dunning]) -> list[Row]:
    """Reminders with their states."""
    known = states.of([row.id for row in dunnings])
    return [Row(row, known[row.id]) for row in dunnings]


def to_mail(run_id: int, who: Principal) -> list[int]:
    """Those of a run that can go by e-mail: their debtor has an address."""
    return [row.dunning.id for row in of_run(run_id, who) if row.can_be_mailed and row.dunning.debtor.email]


def to_print(run_id: int, who: Principal) -> list[int]:
    """Those of a run that go on paper."""
    return [row.dunning.id for row in of_run(run_id, who) if row.can_be_printed and row.state != DunningState.CANCELLED]
