"""The reckoning: every message that was promised, against what really reached the other side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from gecko.db import db
from gecko.models.messages import Message, MessageEvent, MessagePhase, MessageState

from .truth import Taken

GONE = (MessageState.SENT, MessageState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Account:
    """What a trial found; lost, twice, outside and stray must be 0.

    lost: promised, and without a row, or called sent although nobody got it. twice: copies beyond the first.
    outside: undecided although it was never handed over. stray: reached somebody without being in a state that says so.
    """

    promised: int
    sent: int
    undecided: int
    undecided_arrived: int
    lost: int
    twice: int
    outside: int
    stray: int
    waiting: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing was lost, doubled or unaccounted for, and nothing waits."""
        return self.lost + self.twice + self.outside + self.stray + self.waiting == 0

    @property
    def is_decided(self) -> bool:
        """Whether at most one in a hundred needs a decision."""
        return self.undecided * 100 <= self.promised


def settle(promised: Iterable[str], taken: Iterable[Taken]) -> Account:
    """Compare the dedupe keys that were promised with the table, and the table with what was taken."""
    keys = set(promised)
    columns = select(Message.dedupe_key, Message.id, Message.reference, Message.state)
    rows = {row.dedupe_key: row for row in db.session.execute(columns)}
    copies = Counter(one.reference for one in taken)
    handed = set(
        db.session.scalars(select(MessageEvent.message_id).where(MessageEvent.phase == MessagePhase.HANDED).distinct())
    )
    by_state: dict[MessageState, list[Any]] = {state: [] for state in MessageState}
    for row in rows.values():
        by_state[row.state].append(row)
    gone = [row for state in GONE for row in by_state[state]]
    undecided = by_state[MessageState.UNKNOWN]
    silent = [row for row in rows.values() if row.state not in {*GONE, MessageState.UNKNOWN}]
    references = {row.reference for row in rows.values()}
    return Account(
        promised=len(keys),
        sent=len(gone),
        undecided=len(undecided),
        undecided_arrived=sum(1 for row in undecided if copies[row.reference]),
        lost=len(keys - set(rows)) + sum(1 for row in gone if not copies[row.reference]),
        twice=sum(count - 1 for count in copies.values() if count > 1),
        outside=sum(1 for row in undecided if row.id not in handed),
        stray=sum(1 for row in silent if copies[row.reference]) + len(set(copies) - references),
        waiting=len(by_state[MessageState.QUEUED]) + len(by_state[MessageState.SENDING]),
    )
