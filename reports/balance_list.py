"""The balance list by age: what each debtor owes at the end of a day, in buckets, and what nobody has placed yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.engine import Connection

from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.models.postings import DebtorPosting
from gecko.operations import ageing
from gecko.permissions import Permission

from . import accounts
from .columns import Column, Kind
from .filters import Field, Filters
from .report import Bar, Behind, Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

CREDITS = Column("credits", _("Unallocated credits"), Kind.MONEY)
TOTAL = Column("total", _("Balance"), Kind.MONEY)


def columns(filters: Filters) -> tuple[Column, ...]:
    """Who, the buckets from the youngest to the oldest, credits that nobody has placed, and the balance."""
    buckets = (Column(bucket.key, bucket.label, Kind.MONEY) for bucket in filters.ageing.buckets)
    return (accounts.NUMBERED, accounts.GROUPED, accounts.NAMED, *buckets, CREDITS, TOTAL)


def control(connection: Connection, scope: Scope) -> Control:
    """The balance by the postings alone, so that buckets that do not come to it are never published."""
    listed = statement(scope).order_by(None).subquery()
    keys = [column.key for column in columns(scope.filters) if column.kind is Kind.MONEY and column != TOTAL]
    sums = (func.coalesce(func.sum(listed.c[key]), 0) for key in keys)
    rows, *ore = connection.execute(select(func.count(), *sums).select_from(listed)).one()
    totals = {key: int(found) for key, found in zip(keys, ore, strict=True)}
    return Control(rows=rows, totals={TOTAL.key: balance(connection, scope), **totals})


def balance(connection: Connection, scope: Scope) -> int:
    """What the chosen debtors owe together at the end of the day, by their postings, øre."""
    summed = select(func.coalesce(func.sum(DebtorPosting.amount_ore), 0))
    debtors = accounts.chosen(scope)
    if debtors is not None:
        summed = summed.where(DebtorPosting.debtor_id.in_(debtors))
    return int(connection.execute(summed.where(DebtorPosting.posted_on <= scope.filters.day)).scalar_one())


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """The debtors in Danish order of their names."""
    from . import frames as reading

    read = (*columns(scope.filters), accounts.KEY)
    yield from reading.stream(connection, statement(scope), read)


def statement(scope: Scope) -> Select[*tuple[Any, ...]]:
    """A row for each debtor of whom anything is open; for each living one where everybody is asked for."""
    aged = _aged(scope)
    sums = [
        func.coalesce(aged.c[column.key], 0).label(column.key)
        for column in columns(scope.filters)
        if column.kind is Kind.MONEY
    ]
    found = select(Debtor.number, accounts.group_name(), accounts.NAME, *sums, Debtor.id)
    found = found.outerjoin(aged, aged.c.debtor_id == Debtor.id).where(*accounts.conditions(scope))
    something = or_(*(one != 0 for one in sums))
    shown = or_(Debtor.deleted_at.is_(None), something) if scope.filters.everybody else something
    return found.where(shown).order_by(Debtor.name_sort, Debtor.id)


def bars(_connection: Connection, scope: Scope, control: Control) -> Sequence[Bar]:
    """A bar for each bucket; behind it are the open items that fall into it."""
    return [
        Bar(bucket.label, control.totals[bucket.key], Behind("open-items", replace(scope.filters, bucket=number)))
        for number, bucket in enumerate(scope.filters.ageing.buckets)
    ]


def drill(filters: Filters, row: Mapping[str, Any]) -> dict[str, Behind]:
    """A debtor's number and each of their buckets lead to the open items behind them."""
    mine = replace(filters, debtor_id=row["debtor_id"], everybody=None)
    found = {
        bucket.key: Behind("open-items", replace(mine, bucket=number))
        for number, bucket in enumerate(filters.ageing.buckets)
        if row[bucket.key]
    }
    return found | {accounts.NUMBERED.key: Behind("open-items", mine)}


def _aged(scope: Scope) -> Any:
    return ageing.by_debtor(scope.filters.ageing, accounts.chosen(scope))


REPORT = Report(
    key="balance-list",
    label=_("Balance list by age"),
    sheet=_("Balance list"),
    slug="saldoliste",
    about=_("What each debtor owes at the end of any day: not due, overdue by age, and credits nobody has placed."),
    permission=Permission.DEBTOR_EXPORT,
    view=Permission.DEBTOR_VIEW,
    gate=accounts.GATE,
    fields=frozenset({Field.AS_OF, Field.BASIS, Field.BUCKETS, Field.EVERYBODY, *accounts.FIELDS}),
    columns=columns,
    control=control,
    frames=frames,
    bars=bars,
    drill=drill,
)
