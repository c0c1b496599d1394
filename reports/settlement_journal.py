"""The settlement journal: which credit paid how much of which debit, from when, by whom; undos are lines below zero."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, String, func, select, type_coerce
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.models.people import StaffUser
from gecko.models.postings import DebtorPosting
from gecko.models.settlements import Settlement, SettlementLine, SettlementMethod
from gecko.operations import posting_words
from gecko.permissions import Permission

from . import accounts
from .columns import Column, Kind
from .filters import Field, Filters
from .report import Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

KINDS: dict[str, Any] = {str(method): label for method, label in posting_words.METHODS.items()}
_DEBIT, _CREDIT = aliased(DebtorPosting, name="debit"), aliased(DebtorPosting, name="credit")
_READ = (
    (Column("settlement_no", _("Settlement no."), Kind.INTEGER), Settlement.id),
    (Column("effective_on", _("Counts from"), Kind.DATE), Settlement.effective_on),
    (Column("created_at", _("Created"), Kind.INSTANT), Settlement.created_at),
    (Column("kind", _("Kind"), Kind.CHOICE, choices=KINDS), type_coerce(Settlement.method, String)),
    (accounts.NUMBERED, Debtor.number),
    (accounts.NAMED, accounts.NAME),
    (Column("debit_no", _("Debit posting"), Kind.INTEGER), _DEBIT.id),
    (Column("debit_text", _("Text of the debit")), _DEBIT.text),
    (Column("credit_no", _("Credit posting"), Kind.INTEGER), _CREDIT.id),
    (Column("credit_text", _("Text of the credit")), _CREDIT.text),
    (Column("settled", _("Settled"), Kind.MONEY), SettlementLine.amount_ore),
    (Column("undoes_no", _("Undoes no."), Kind.INTEGER), Settlement.undoes_id),
    (Column("reason", _("Reason")), Settlement.reason),
    (Column("by", _("By"), width=18), StaffUser.name),
)
_KEYS = ((accounts.KEY, Settlement.debtor_id),)


def columns(_filters: Filters) -> tuple[Column, ...]:
    """The columns of the sheet."""
    return tuple(column for column, _source in _READ)


def control(connection: Connection, scope: Scope) -> Control:
    """Rows and sum by the database."""
    counted = _narrowed(select(func.count(), func.coalesce(func.sum(SettlementLine.amount_ore), 0)), scope)
    rows, ore = connection.execute(counted).one()
    return Control(rows=rows, totals={"settled": int(ore)})


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """The lines in the order in which they count."""
    from . import frames as reading

    read = (*_READ, *_KEYS)
    statement = (
        _narrowed(select(*(source for _column, source in read)), scope)
        .join(_DEBIT, _DEBIT.id == SettlementLine.debit_posting_id)
        .join(_CREDIT, _CREDIT.id == SettlementLine.credit_posting_id)
        .outerjoin(StaffUser, StaffUser.id == Settlement.created_by_id)
        .order_by(Settlement.effective_on, Settlement.id, SettlementLine.id)
    )
    yield from reading.stream(connection, statement, [column for column, _source in read])


def _narrowed(statement: Select[*tuple[Any, ...]], scope: Scope) -> Select[*tuple[Any, ...]]:
    filters = scope.filters
    conditions = [*filters.period(Settlement.effective_on), *accounts.conditions(scope)]
    if filters.kind is not None:
        conditions.append(Settlement.method == SettlementMethod(filters.kind))
    return (
        statement.select_from(Settlement)
        .join(SettlementLine, SettlementLine.settlement_id == Settlement.id)
        .join(Debtor, Debtor.id == Settlement.debtor_id)
        .where(*conditions)
    )


REPORT = Report(
    key="settlement-journal",
    label=_("Settlement journal"),
    sheet=_("Settlements"),
    slug="udligningsjournal",
    about=_("Which payment or credit note settled which invoice, how much, from when and by whom; undos as well."),
    permission=Permission.DEBTOR_EXPORT,
    view=Permission.DEBTOR_VIEW,
    gate=accounts.GATE,
    fields=frozenset({Field.PERIOD, Field.KIND, *accounts.FIELDS}),
    kinds=KINDS,
    columns=columns,
    control=control,
    frames=frames,
)
