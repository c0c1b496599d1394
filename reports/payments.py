"""Payments: what came in from debtors and what was paid out to them, by day and way of paying."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, String, func, or_, select, type_coerce
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.models.payment_types import PaymentType
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import posting_words
from gecko.permissions import Permission

from . import accounts
from .columns import Column, Kind
from .filters import UNSTATED, Field, Filters
from .report import Bar, Behind, Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

_MONEY = (PostingKind.PAYMENT, PostingKind.PAYOUT)
_TAKEN_BACK = aliased(DebtorPosting, name="taken_back")
_TYPE: Any = func.coalesce(DebtorPosting.payment_type_id, _TAKEN_BACK.payment_type_id)
KINDS: dict[str, Any] = {str(kind): posting_words.KINDS[kind] for kind in (*_MONEY, PostingKind.REVERSAL)}
_READ = (
    (Column("posting_no", _("Posting no."), Kind.INTEGER), DebtorPosting.id),
    (Column("posted_on", _("Posting date"), Kind.DATE), DebtorPosting.posted_on),
    (accounts.NUMBERED, Debtor.number),
    (accounts.NAMED, accounts.NAME),
    (Column("kind", _("Kind"), Kind.CHOICE, choices=KINDS), type_coerce(DebtorPosting.kind, String)),
    (Column("payment_type", _("Payment type"), width=18), PaymentType.name),
    (Column("text", _("Text"), width=36), DebtorPosting.text),
    (Column("received", _("Received"), Kind.MONEY), -DebtorPosting.amount_ore),
)
_KEYS = ((accounts.KEY, DebtorPosting.debtor_id),)


def columns(_filters: Filters) -> tuple[Column, ...]:
    """The columns of the sheet; what was paid out is below zero, as is a payment that was taken back."""
    return tuple(column for column, _source in _READ)


def control(connection: Connection, scope: Scope) -> Control:
    """Rows and sum by the database."""
    counted = _narrowed(select(func.count(), func.coalesce(func.sum(-DebtorPosting.amount_ore), 0)), scope)
    rows, ore = connection.execute(counted).one()
    return Control(rows=rows, totals={"received": int(ore)})


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """The payments, the oldest first."""
    from . import frames as reading

    read = (*_READ, *_KEYS)
    statement = _narrowed(select(*(source for _column, source in read)), scope)
    ordered = statement.order_by(DebtorPosting.posted_on, DebtorPosting.id)
    yield from reading.stream(connection, ordered, [column for column, _source in read])


def bars(connection: Connection, scope: Scope, _control: Control) -> Sequence[Bar]:
    """What came in by way of paying."""
    sums = _narrowed(select(_TYPE, PaymentType.name, func.sum(-DebtorPosting.amount_ore)), scope)
    found = connection.execute(sums.group_by(_TYPE, PaymentType.name).order_by(PaymentType.name))
    return [
        Bar(
            name or _("Not stated"),
            int(ore),
            Behind(REPORT.key, replace(scope.filters, payment_type_id=type_id or UNSTATED)),
        )
        for type_id, name, ore in found
    ]


def _narrowed(statement: Select[*tuple[Any, ...]], scope: Scope) -> Select[*tuple[Any, ...]]:
    filters = scope.filters
    conditions = [
        *filters.period(DebtorPosting.posted_on),
        *accounts.conditions(scope),
        or_(DebtorPosting.kind.in_(_MONEY), _TAKEN_BACK.kind.in_(_MONEY)),
    ]
    if filters.kind is not None:
        conditions.append(DebtorPosting.kind == PostingKind(filters.kind))
    if filters.payment_type_id is not None:
        conditions.append(_TYPE.is_(None) if filters.payment_type_id == UNSTATED else filters.payment_type_id == _TYPE)
    return (
        statement.select_from(DebtorPosting)
        .join(Debtor, Debtor.id == DebtorPosting.debtor_id)
        .outerjoin(_TAKEN_BACK, _TAKEN_BACK.id == DebtorPosting.reverses_id)
        .outerjoin(PaymentType, PaymentType.id == _TYPE)
        .where(*conditions)
    )


REPORT = Report(
    key="payments",
    label=_("Payments"),
    sheet=_("Payments"),
    slug="betalinger",
    about=_("What came in from debtors and what was paid out to them, by day and payment type."),
    permission=Permission.DEBTOR_EXPORT,
    view=Permission.DEBTOR_VIEW,
    gate=accounts.GATE,
    fields=frozenset({Field.PERIOD, Field.PAYMENT_TYPE, Field.KIND, *accounts.FIELDS}),
    kinds=KINDS,
    columns=columns,
    control=control,
    frames=frames,
    bars=bars,
)
