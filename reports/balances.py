"""The balance of each debtor after each posting, while the postings stream by."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from gecko.models.postings import DebtorPosting

_LOOKED_UP = 500


class RunningBalance:
    """Adds up frames ordered by debtor; an account starts with what was posted before `before`."""

    def __init__(self, connection: Connection, *, before: date | None) -> None:
        self._connection = connection
        self._before = before
        self._debtor_id: int | None = None
        self._balance = 0

    def of(self, frame: pd.DataFrame) -> pd.Series[Any]:
        """The balance after each row, in øre."""
        debtors, amounts = frame["debtor_id"], frame["amount"]
        carried = self._opening([int(debtor) for debtor in debtors.unique()])
        running = amounts.groupby(debtors, sort=False).cumsum() + debtors.map(carried).astype("int64")
        self._debtor_id, self._balance = int(debtors.iloc[-1]), int(running.iloc[-1])
        return running

    def _opening(self, debtor_ids: list[int]) -> dict[int, int]:
        opening = dict.fromkeys(debtor_ids, 0)
        if self._before is not None:
            for start in range(0, len(debtor_ids), _LOOKED_UP):
                opening.update(self._posted_before(self._before, debtor_ids[start : start + _LOOKED_UP]))
        if self._debtor_id in opening:
            opening[self._debtor_id] = self._balance
        return opening

    def _posted_before(self, day: date, debtor_ids: list[int]) -> dict[int, int]:
        statement = (
            select(DebtorPosting.debtor_id, func.sum(DebtorPosting.amount_ore))
            .where(DebtorPosting.debtor_id.in_(debtor_ids), DebtorPosting.posted_on < day)
            .group_by(DebtorPosting.debtor_id)
        )
        return {debtor_id: int(ore) for debtor_id, ore in self._connection.execute(statement)}
