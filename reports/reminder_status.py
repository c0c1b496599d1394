"""Reminder status: which payment reminders were made, what they claimed and added, and what is still open of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, cast, func, select
from sqlalchemy.engine import Connection

from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.models.dunning import Dunning, DunningLine
from gecko.models.settlements import OpenPosting
from gecko.operations.dunning import states
from gecko.permissions import Permission

from . import accounts
from .columns import Column, Kind
from .filters import Field, Filters
from .report import Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

KINDS: dict[str, Any] = {str(state): label for state, label in states.WORDS.items()}
_STILL_OPEN = (
    select(cast(func.coalesce(func.sum(OpenPosting.remaining_ore), 0), BigInteger))
    .join(DunningLine, DunningLine.posting_id == OpenPosting.posting_id)
    .where(DunningLine.dunning_id == Dunning.id, DunningLine.is_claim)
    .correlate(Dunning)
    .scalar_subquery()
)
_SUMMED = {
    "claims": Dunning.claims_ore,
    "fee": Dunning.fee_ore,
    "interest": Dunning.interest_ore,
    "compensation": Dunning.compensation_ore,
}
_READ = (
    (Column("reminder_no", _("Reminder no."), Kind.INTEGER), Dunning.number),
    (Column("created_on", _("Date"), Kind.DATE), Dunning.created_on),
    (Column("due_on", _("Due date"), Kind.DATE), Dunning.due_on),
    (Column("stage", _("Reminder"), Kind.INTEGER), Dunning.stage),
    (accounts.NUMBERED, Debtor.number),
    (accounts.NAMED, accounts.NAME),
    (Column("state", _("State"), Kind.CHOICE, choices=KINDS), states.state_sql()),
    (Column("claims", _("Claimed"), Kind.MONEY), Dunning.claims_ore),
    (Column("fee", _("Reminder fee"), Kind.MONEY), Dunning.fee_ore),
    (Column("interest", _("Interest"), Kind.MONEY), Dunning.interest_ore),
    (Column("compensation", _("Compensation"), Kind.MONEY), Dunning.compensation_ore),
    (Column("still_open", _("Of the invoices still open"), Kind.MONEY), _STILL_OPEN),
)
_KEYS = ((accounts.KEY, Dunning.debtor_id),)


def columns(_filters: Filters) -> tuple[Column, ...]:
    """The columns of the sheet."""
    return tuple(column for column, _source in _READ)


def control(connection: Connection, scope: Scope) -> Control:
    """Rows and sums by the database. An invoice reminded twice is open twice, so that column has no sum."""
    sums = (func.coalesce(func.sum(column), 0) for column in _SUMMED.values())
    rows, *ore = connection.execute(_narrowed(select(func.count(), *sums), scope)).one()
    return Control(rows=rows, totals={key: int(found) for key, found in zip(_SUMMED, ore, strict=True)})


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """The reminders, the oldest first."""
    from . import frames as reading

    read = (*_READ, *_KEYS)
    statement = _narrowed(select(*(source for _column, source in read)), scope)
    ordered = statement.order_by(Dunning.created_on, Dunning.id)
    yield from reading.stream(connection, ordered, [column for column, _source in read])


def _narrowed(statement: Select[*tuple[Any, ...]], scope: Scope) -> Select[*tuple[Any, ...]]:
    conditions = [*scope.filters.period(Dunning.created_on), *accounts.conditions(scope)]
    if scope.filters.kind is not None:
        conditions.append(states.state_sql() == scope.filters.kind)
    return statement.select_from(Dunning).join(Debtor, Debtor.id == Dunning.debtor_id).where(*conditions)


REPORT = Report(
    key="reminder-status",
    label=_("Reminder status"),
    sheet=_("Reminders"),
    slug="rykkerstatus",
    about=_("Which payment reminders were made, whether they went out, what they added, and what is still open."),
    permission=Permission.DEBTOR_EXPORT,
    view=Permission.DEBTOR_VIEW,
    gate=accounts.GATE,
    fields=frozenset({Field.PERIOD, Field.KIND, *accounts.FIELDS}),
    kinds=KINDS,
    columns=columns,
    control=control,
    frames=frames,
)
