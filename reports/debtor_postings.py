"""Debtor postings: every movement on the debtors' accounts, account by account in the order of posting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, String, case, func, select, type_coerce
from sqlalchemy.engine import Connection

from gecko.language import _
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor
from gecko.models.documents import SaleDocument
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import posting_words, visibility
from gecko.permissions import Permission

from . import accounts
from .columns import Column, Kind
from .filters import Field, Filters
from .report import Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

KINDS: dict[str, Any] = {str(kind): label for kind, label in posting_words.KINDS.items()}
_READ = (
    (Column("posting_no", _("Posting no."), Kind.INTEGER), DebtorPosting.id),
    (Column("posted_on", _("Posting date"), Kind.DATE), DebtorPosting.posted_on),
    (Column("due_on", _("Due date"), Kind.DATE), DebtorPosting.due_on),
    (Column("debtor_no", _("Debtor no."), width=12), Debtor.number),
    (Column("debtor_name", _("Debtor"), width=32), func.coalesce(Debtor.company_name, Debtor.name)),
    (Column("cvr", _("CVR no."), width=12), Debtor.cvr),
    (Column("ean", _("EAN no."), width=16), Debtor.ean),
    (Column("document_no", _("Document no."), width=14), SaleDocument.number),
    (Column("kind", _("Kind"), Kind.CHOICE, choices=KINDS), type_coerce(DebtorPosting.kind, String)),
    (Column("text", _("Text"), width=36), DebtorPosting.text),
    (Column("amount", _("Amount"), Kind.MONEY), DebtorPosting.amount_ore),
    (Column("customer_no", _("Customer no."), width=12), Customer.number),
    (Column("debtor_id", "", Kind.INTEGER), DebtorPosting.debtor_id),
)
_DEBIT = Column("debit", _("Debit"), Kind.MONEY)
_CREDIT = Column("credit", _("Credit"), Kind.MONEY)
_BALANCE = Column("balance", _("Balance"), Kind.MONEY)


def has_balance(filters: Filters) -> bool:
    """Whether a running balance makes sense: only where whole accounts are shown."""
    return filters.kind is None and filters.customer_id is None


def columns(filters: Filters) -> tuple[Column, ...]:
    """The columns of the sheet: debit, credit and amount side by side, and the balance where it makes sense."""
    read = {column.key: column for column, _source in _READ}
    amounts = (_DEBIT, _CREDIT, read["amount"], *((_BALANCE,) if has_balance(filters) else ()))
    before = [column for key, column in read.items() if key not in {"amount", "customer_no", "debtor_id"}]
    return (*before, *amounts, read["customer_no"])


def control(connection: Connection, scope: Scope) -> Control:
    """Rows and sum by the database."""
    counted = _narrowed(select(func.count(), func.coalesce(func.sum(DebtorPosting.amount_ore), 0)), scope)
    rows, ore = connection.execute(counted).one()
    return Control(rows=rows, totals={"amount": int(ore)})


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """The rows, debtor by debtor. The index gives the order, so that nothing is sorted in memory."""
    from . import frames as reading
    from .balances import RunningBalance

    balance = RunningBalance(connection, before=scope.filters.starts_on) if has_balance(scope.filters) else None
    for frame in reading.stream(connection, statement(scope), [column for column, _source in _READ]):
        amount = frame["amount"]
        frame["debit"] = amount.where(amount > 0).astype("Int64")
        frame["credit"] = (-amount).where(amount < 0).astype("Int64")
        if balance:
            frame["balance"] = balance.of(frame)
        yield frame


def statement(scope: Scope) -> Select[*tuple[Any, ...]]:
    """The rows, along the index of accounts."""
    narrowed = _narrowed(select(*(_shown(column, source, scope) for column, source in _READ)), scope)
    return narrowed.order_by(DebtorPosting.debtor_id, DebtorPosting.posted_on, DebtorPosting.id)


def _shown(column: Column, source: Any, scope: Scope) -> Any:
    """What a row shows: on a shared account, nothing that names a customer whom the one who asks may not see."""
    rule = visibility.customer_rule(scope.principal) if scope.principal else None
    return source if rule is None or column.key != "customer_no" else case((rule, source))


def _narrowed(statement: Select[*tuple[Any, ...]], scope: Scope) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(DebtorPosting)
        .join(Debtor, Debtor.id == DebtorPosting.debtor_id)
        .outerjoin(SaleDocument, SaleDocument.id == DebtorPosting.document_id)
        .outerjoin(Customer, Customer.id == SaleDocument.customer_id)
        .where(*_conditions(scope))
    )


def _conditions(scope: Scope) -> list[ColumnElement[bool]]:
    filters = scope.filters
    conditions = filters.period(DebtorPosting.posted_on) + accounts.conditions(scope)
    if filters.debtor_id is not None:
        conditions.append(DebtorPosting.debtor_id == filters.debtor_id)
    if filters.customer_id is not None:
        conditions.append(SaleDocument.customer_id == filters.customer_id)
    if filters.kind is not None:
        conditions.append(DebtorPosting.kind == PostingKind(filters.kind))
    return conditions


REPORT = Report(
    key="debtor-postings",
    label=_("Debtor postings"),
    sheet=_("Postings"),
    slug="debitorposteringer",
    about=_("Every movement on the debtors’ accounts, with the balance after each."),
    permission=Permission.DEBTOR_EXPORT,
    view=Permission.DEBTOR_VIEW,
    gate=accounts.GATE,
    fields=frozenset({Field.PERIOD, Field.CUSTOMER, Field.KIND, *accounts.FIELDS}),
    kinds=KINDS,
    columns=columns,
    control=control,
    frames=frames,
)
