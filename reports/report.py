"""What every report has in common: who may run it, what it controls, how its rows come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from gecko.modules import Gate
from gecko.permissions import Permission, Principal

from .columns import Column
from .filters import Field, Filters

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
class Behind:
    """The rows behind a number: those of a report, by its key, with these filters."""

    report: str
    filters: Filters


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a plot, øre."""

    label: Any
    ore: int
    behind: Behind


@dataclass(frozen=True, slots=True)
class Report:
    """A report. `key` names it in addresses, commands, jobs and file names (`slug`: in Danish file names).

    about: what it tells, for the list of reports. permission: to take it away as a file; view: to see it on a page.
    fields: the filters it reads. kinds: the kinds it can be narrowed to. control: rows, and sums of the columns that
    are summed, the control total first. bars: what a plot of it shows. drill: what is
    behind the cells of a row, by column. needs_debtor: it is of one debtor.
    """

    key: str
    label: Any
    sheet: Any
    slug: str
    about: Any
    permission: Permission
    view: Permission
    gate: Gate
    fields: frozenset[Field]
    columns: Callable[[Filters], Sequence[Column]]
    control: Callable[[Connection, Scope], Control]
    frames: Callable[[Connection, Scope], Iterator[pd.DataFrame]]
    kinds: dict[str, Any] = field(default_factory=dict)
    bars: Callable[[Connection, Scope, Control], Sequence[Bar]] | None = None
    drill: Callable[[Filters, Mapping[str, Any]], dict[str, Behind]] | None = None
    needs_debtor: bool = False
