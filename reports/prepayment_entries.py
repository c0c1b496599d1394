"""The entries of prepayments: what came in, was used, paid out or taken back, by day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, String, func, select, type_coerce
from sqlalchemy.engine import Connection

from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.models.payment_types import PaymentType
from gecko.models.prepayments import PrepaymentEntry, PrepaymentKind
from gecko.operations import posting_words
from gecko.permissions import Permission

from . import accounts
from .columns import Column, Kind
from .filters import Field, Filters
from .report import Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

KINDS: dict[str, Any] = {str(kind): label for kind, label in posting_words.PREPAYMENTS.items()}
_ROW = PrepaymentEntry
_READ = (
    (Column("entry_no", _("Entry no."), Kind.INTEGER), _ROW.id),
    (Column("posted_on", _("Posting date"), Kind.DATE), _ROW.posted_on),
    (accounts.NUMBERED, Debtor.number),
    (accounts.NAMED, accounts.NAME),
    (Column("kind", _("Kind"), Kind.CHOICE, choices=KINDS), type_coerce(_ROW.kind, String)),
    (Column("payment_type", _("Payment type"), width=18), PaymentType.name),
    (Column("text", _("Text"), width=36), _ROW.text),
    (Column("posting_no", _("Posting no."), Kind.INTEGER), _ROW.posting_id),
    (Column("amount", _("Amount"), Kind.MONEY), _ROW.amount_ore),
)


def columns(_filters: Filters) -> tuple[Column, ...]:
    """The columns of the sheet. posting_no: the payment on the debtor's account that a use became."""
    return tuple(column for column, _source in _READ)


def control(connection: Connection, scope: Scope) -> Control:
    """Rows and sum by the database."""
    counted = _narrowed(select(func.count(), func.coalesce(func.sum(_ROW.amount_ore), 0)), scope)
    rows, ore = connection.execute(counted).one()
    return Control(rows=rows, totals={"amount": int(ore)})


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """The entries, the oldest first."""
    from . import frames as reading

    read = (*_READ, (accounts.KEY, _ROW.debtor_id))
    statement = _narrowed(select(*(source for _column, source in read)), scope)
    yield from reading.stream(
        connection, statement.order_by(_ROW.posted_on, _ROW.id), [column for column, _source in read]
    )


def _narrowed(statement: Select[*tuple[Any, ...]], scope: Scope) -> Select[*tuple[Any, ...]]:
    filters = scope.filters
    conditions = [*filters.period(_ROW.posted_on), *accounts.conditions(scope)]
    if filters.kind is not None:
        conditions.append(_ROW.kind == PrepaymentKind(filters.kind))
    return (
        statement.select_from(_ROW)
        .join(Debtor, Debtor.id == _ROW.debtor_id)
        .outerjoin(PaymentType, PaymentType.id == _ROW.payment_type_id)
        .where(*conditions)
    )


REPORT = Report(
    key="prepayment-entries",
    label=_("Entries of prepayments"),
    sheet=_("Entries"),
    slug="forudbetalingsposter",
    about=_("Every prepayment that came in, was used, paid out or taken back, by day and debtor."),
    permission=Permission.DEBTOR_EXPORT,
    view=Permission.DEBTOR_VIEW,
    gate=accounts.GATE,
    fields=frozenset({Field.PERIOD, Field.KIND, *accounts.FIELDS}),
    kinds=KINDS,
    columns=columns,
    control=control,
    frames=frames,
)
