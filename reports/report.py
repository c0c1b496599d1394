"""What every report has in common: who may run it, what it controls, how its rows come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from gecko.modules import Gate
from gecko.permissions import Permission, Principal

from .columns import Column
from .filters import Filters

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Control:
    """What the database itself says an export must hold: rows, and the sum of each control column in øre."""

    rows: int
    totals: dict[str, int]

    @property
    def ore(self) -> int:
        """The control total: the first of the sums."""
        return next(iter(self.totals.values()), 0)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for, and who asks: None stands for the command line and the system, which see everything."""

    filters: Filters
    principal: Principal | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report. `key` names it in addresses, commands, jobs and file names (`slug`: in Danish file names).

    kinds: the kinds it can be narrowed to. group_label: what its `group_id` means. controls: the summed columns, the
    control total first.
    """

    key: str
    label: Any
    sheet: Any
    slug: str
    permission: Permission
    gate: Gate
    kinds: dict[str, Any]
    group_label: Any
    columns: Callable[[Filters], Sequence[Column]]
    controls: tuple[str, ...]
    control: Callable[[Connection, Scope], Control]
    frames: Callable[[Connection, Scope], Iterator[pd.DataFrame]]
