"""The statement of account of one debtor: what was owed at first, every movement with the balance after it, the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, case, func, select, type_coerce
from sqlalchemy.engine import Connection

from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.models.documents import SaleDocument
from gecko.models.postings import DebtorPosting
from gecko.permissions import Permission

from . import accounts
from .columns import Column, Kind
from .filters import Field, Filters
from .open_items import KINDS
from .report import Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

_AMOUNT = DebtorPosting.amount_ore
_READ = (
    (Column("posted_on", _("Posting date"), Kind.DATE), DebtorPosting.posted_on),
    (Column("due_on", _("Due date"), Kind.DATE), DebtorPosting.due_on),
    (Column("document_no", _("Document no."), width=14), SaleDocument.number),
    (Column("kind", _("Kind"), Kind.CHOICE, choices=KINDS), type_coerce(DebtorPosting.kind, String)),
    (Column("text", _("Text"), width=36), DebtorPosting.text),
    (Column("debit", _("Debit"), Kind.MONEY), case((_AMOUNT > 0, _AMOUNT))),
    (Column("credit", _("Credit"), Kind.MONEY), case((_AMOUNT < 0, -_AMOUNT))),
)
_BALANCE = Column("balance", _("Balance"), Kind.MONEY)
_KEY = Column("document_id", "", Kind.INTEGER)


def columns(_filters: Filters) -> tuple[Column, ...]:
    """The columns of the sheet."""
    return (*(column for column, _source in _READ), _BALANCE)


def control(connection: Connection, scope: Scope) -> Control:
    """Movements, opening and closing line; the sums of both sides by the database."""
    sums = select(
        func.count(),
        func.coalesce(func.sum(case((_AMOUNT > 0, _AMOUNT))), 0),
        func.coalesce(func.sum(case((_AMOUNT < 0, -_AMOUNT))), 0),
    )
    conditions = scope.filters.period(DebtorPosting.posted_on)
    rows, debit, credit = connection.execute(sums.where(_mine(scope), *conditions)).one()
    lines = rows + 2 if _is_visible(connection, scope) else 0
    return Control(rows=lines, totals={"debit": int(debit), "credit": int(credit)})


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """Opening, movements, closing; nothing where the debtor is not for the one who asks."""
    from . import frames as reading

    if _is_visible(connection, scope):
        read = [*columns(scope.filters), _KEY]
        yield from reading.chunked(read, _lines(connection, scope))


def _lines(connection: Connection, scope: Scope) -> Iterator[tuple[Any, ...]]:
    filters = scope.filters
    balance, day = 0, None
    if filters.starts_on:
        day = filters.starts_on - timedelta(days=1)
        before = select(func.coalesce(func.sum(_AMOUNT), 0)).where(_mine(scope), DebtorPosting.posted_on <= day)
        balance = int(connection.execute(before).scalar_one())
    yield _resting(_("Opening balance"), day, balance)
    statement = (
        select(*(source for _column, source in _READ), _AMOUNT, DebtorPosting.document_id)
        .outerjoin(SaleDocument, SaleDocument.id == DebtorPosting.document_id)
        .where(_mine(scope), *filters.period(DebtorPosting.posted_on))
        .order_by(DebtorPosting.posted_on, DebtorPosting.id)
    )
    result = connection.execution_options(yield_per=1_000).execute(statement)
    for *shown, amount, document_id in result:
        balance += amount
        yield (*shown, balance, document_id)
    yield _resting(_("Closing balance"), filters.ends_on, balance)


def _resting(text: Any, day: date | None, balance: int) -> tuple[Any, ...]:
    return (day, None, None, None, str(text), None, None, balance, None)


def _mine(scope: Scope) -> Any:
    visible = select(Debtor.id).where(*accounts.conditions(scope))
    return DebtorPosting.debtor_id.in_(visible)


def _is_visible(connection: Connection, scope: Scope) -> bool:
    return connection.execute(select(Debtor.id).where(*accounts.conditions(scope))).first() is not None


REPORT = Report(
    key="account-statement",
    label=_("Statement of account"),
    sheet=_("Statement"),
    slug="kontoudtog",
    about=_("One debtor’s account: what was owed at first, every movement with the balance after it, and the end."),
    permission=Permission.DEBTOR_EXPORT,
    view=Permission.DEBTOR_VIEW,
    gate=accounts.GATE,
    fields=frozenset({Field.PERIOD, Field.DEBTOR}),
    columns=columns,
    control=control,
    frames=frames,
    needs_debtor=True,
)
