"""Whether what is stored about duplicates is current, and what the last scans saw and left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ...db import db
from ...models.matching import MatchMark, MatchScan
from ..matching import filling, state

MOST_CHANGED = 20_000
"""So many changed customers take as long to compare one by one as the whole base at once."""
_PART = 0.05


@dataclass(frozen=True, slots=True)
class Scope:
    """Who is compared with whom: everybody, one group within itself, or only across groups."""

    group: int | None = None
    across: bool = False

    @classmethod
    def read(cls, parameters: Mapping[str, Any]) -> Scope:
        """The scope that a job's parameters name."""
        group = parameters.get("group")
        return cls(int(group) if group is not None else None, bool(parameters.get("across")))

    @property
    def groups(self) -> list[int] | None:
        """As the matcher wants it."""
        return [self.group] if self.group is not None else None

    @property
    def key(self) -> str:
        """What tells one scan under way from another."""
        return f"group-{self.group}" if self.group is not None else "across" if self.across else "whole"

    def parameters(self) -> dict[str, Any]:
        """What a job is given."""
        return {"group": self.group, "across": self.across}


def model() -> int:
    """The version of the weights in force; 0 is the shipped ones."""
    return state.read(db.session.connection()).model


def changed() -> int:
    """How many customers changed since they were last compared."""
    return db.session.scalar(select(func.count()).select_from(MatchMark)) or 0


def last_whole() -> MatchScan | None:
    """The last scan of the whole base that came to its end."""
    statement = select(MatchScan).where(MatchScan.scope == "whole").order_by(MatchScan.finished_at.desc())
    return db.session.scalar(statement.limit(1))


def needs_whole_scan() -> bool:
    """Whether only a scan of everybody brings the pairs up to date, or does so sooner.

    How frequent values are, and with it every score, is counted by such a scan; it must not lie too far back.
    """
    last = last_whole()
    if filling.is_needed() or last is None or last.model != model():
        return True
    count, customers = changed(), max(last.customers, 1)
    return count > MOST_CHANGED or count > customers * _PART


def is_current() -> bool:
    """Whether the stored pairs are what a scan now would find."""
    last = last_whole()
    return not filling.is_needed() and last is not None and last.model == model() and not changed()


def recent(*, size: int = 20) -> list[MatchScan]:
    """The last scans, newest first."""
    return list(db.session.scalars(select(MatchScan).order_by(MatchScan.finished_at.desc()).limit(size)))


def dropped_since(begun: datetime) -> dict[str, int]:
    """What the caps of scans since then left out, in sums."""
    found: dict[str, int] = {}
    for scan in db.session.scalars(select(MatchScan).where(MatchScan.finished_at >= begun)):
        for name, count in dropped(scan).items():
            found[f"dropped_{name}"] = found.get(f"dropped_{name}", 0) + count
    return found


def dropped(scan: MatchScan) -> dict[str, int]:
    """The sums of one scan: blocks over their cap, customers in them, pairs not compared under that key."""
    sums = {"blocks": 0, "customers": 0, "pairs": 0}
    for kind in scan.dropped.values():
        for name in sums:
            sums[name] += int(kind.get(name, 0))
    return sums
