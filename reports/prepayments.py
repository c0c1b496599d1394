"""Prepayments by debtor: what came in, what it was used for, and what is left at the end of any day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.models.prepayments import PrepaymentEntry, PrepaymentKind
from gecko.permissions import Permission

from . import accounts
from .columns import Column, Kind
from .filters import Field, Filters
from .report import Behind, Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

LEFT = Column("prepayment", _("Prepayment"), Kind.MONEY)
_MOVED = (
    (Column("paid_in", _("Paid in"), Kind.MONEY), PrepaymentKind.PAID_IN),
    (Column("used", _("Used"), Kind.MONEY), PrepaymentKind.USED),
    (Column("paid_out", _("Paid out"), Kind.MONEY), PrepaymentKind.PAID_OUT),
)
_TAKEN_BACK = aliased(PrepaymentEntry, name="taken_back")


def columns(_filters: Filters) -> tuple[Column, ...]:
    """Who, what came in and went out (what was taken back is not in it), and what is left."""
    return (accounts.NUMBERED, accounts.GROUPED, accounts.NAMED, *(column for column, _kind in _MOVED), LEFT)


def control(connection: Connection, scope: Scope) -> Control:
    """What is left by the entries alone; what moved, and how many debtors, by the list."""
    listed = statement(scope).order_by(None).subquery()
    keys = [column.key for column, _kind in _MOVED]
    sums = (func.coalesce(func.sum(listed.c[key]), 0) for key in keys)
    rows, *ore = connection.execute(select(func.count(), *sums).select_from(listed)).one()
    totals = {key: int(found) for key, found in zip(keys, ore, strict=True)}
    return Control(rows=rows, totals={LEFT.key: _left(connection, scope), **totals})


def _left(connection: Connection, scope: Scope) -> int:
    row = PrepaymentEntry
    summed = select(func.coalesce(func.sum(row.amount_ore), 0)).where(row.posted_on <= scope.filters.day)
    debtors = accounts.chosen(scope)
    if debtors is not None:
        summed = summed.where(row.debtor_id.in_(debtors))
    return int(connection.execute(summed).scalar_one())


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """The debtors in Danish order of their names."""
    from . import frames as reading

    yield from reading.stream(connection, statement(scope), (*columns(scope.filters), accounts.KEY))


def statement(scope: Scope) -> Select[*tuple[Any, ...]]:
    """A row for each debtor with a prepayment; for each who ever prepaid where everybody is asked for."""
    moved = _moved(scope)
    sums = [moved.c[column.key] for column in (*(column for column, _kind in _MOVED), LEFT)]
    found = select(Debtor.number, accounts.group_name(), accounts.NAME, *sums, Debtor.id)
    found = found.join(moved, moved.c.debtor_id == Debtor.id).where(*accounts.conditions(scope))
    if not scope.filters.everybody:
        found = found.where(moved.c[LEFT.key] != 0)
    return found.order_by(Debtor.name_sort, Debtor.id)


def _moved(scope: Scope) -> Any:
    """The sums of each debtor; an entry that was taken back counts with the one that did so, under its kind."""
    row = PrepaymentEntry
    kind = func.coalesce(_TAKEN_BACK.kind, row.kind)
    sums = (func.coalesce(func.sum(row.amount_ore).filter(kind == of), 0).label(column.key) for column, of in _MOVED)
    return (
        select(row.debtor_id, *sums, func.sum(row.amount_ore).label(LEFT.key))
        .outerjoin(_TAKEN_BACK, _TAKEN_BACK.id == row.reverses_id)
        .where(row.posted_on <= scope.filters.day)
        .group_by(row.debtor_id)
        .subquery()
    )


def drill(filters: Filters, row: Mapping[str, Any]) -> dict[str, Behind]:
    """A debtor's number and what is left lead to the entries."""
    mine = Filters(ends_on=filters.day, debtor_id=row["debtor_id"], locale=filters.locale)
    behind = Behind("prepayment-entries", mine)
    return {accounts.NUMBERED.key: behind, LEFT.key: behind}


REPORT = Report(
    key="prepayments",
    label=_("Prepayments"),
    sheet=_("Prepayments"),
    slug="forudbetalinger",
    about=_("What debtors have prepaid at the end of any day, what came in, and what was used or paid out."),
    permission=Permission.DEBTOR_EXPORT,
    view=Permission.DEBTOR_VIEW,
    gate=accounts.GATE,
    fields=frozenset({Field.AS_OF, Field.EVERYBODY, *accounts.FIELDS}),
    columns=columns,
    control=control,
    frames=frames,
    drill=drill,
)
