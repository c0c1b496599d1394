"""Open items: every posting that is not wholly settled at the end of a day, with what is left of it and its age."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, String, func, select, type_coerce
from sqlalchemy.engine import Connection

from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.models.documents import SaleDocument
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import ageing, posting_words
from gecko.permissions import Permission

from . import accounts, balance_list
from .columns import Column, Kind
from .filters import Field, Filters
from .report import Bar, Control, Report, Scope

if TYPE_CHECKING:
    import pandas as pd

KINDS: dict[str, Any] = {str(kind): label for kind, label in posting_words.KINDS.items()}
REMAINING = Column("remaining", _("Remaining"), Kind.MONEY)
OVERDUE = Column("overdue", _("Days overdue"), Kind.INTEGER)
_READ = (
    (accounts.NUMBERED, Debtor.number),
    (accounts.NAMED, accounts.NAME),
    (Column("posting_no", _("Posting no."), Kind.INTEGER), DebtorPosting.id),
    (Column("posted_on", _("Posting date"), Kind.DATE), DebtorPosting.posted_on),
    (Column("due_on", _("Due date"), Kind.DATE), DebtorPosting.due_on),
    (Column("document_no", _("Document no."), width=14), SaleDocument.number),
    (Column("kind", _("Kind"), Kind.CHOICE, choices=KINDS), type_coerce(DebtorPosting.kind, String)),
    (Column("text", _("Text"), width=36), DebtorPosting.text),
    (Column("amount", _("Amount"), Kind.MONEY), DebtorPosting.amount_ore),
)
_KEYS = (
    (accounts.KEY, DebtorPosting.debtor_id),
    (Column("document_id", "", Kind.INTEGER), DebtorPosting.document_id),
)


def columns(_filters: Filters) -> tuple[Column, ...]:
    """The columns of the sheet."""
    return (*(column for column, _source in _READ), REMAINING, OVERDUE)


def control(connection: Connection, scope: Scope) -> Control:
    """Rows and what is open by the database; of whole accounts, what is open is what the postings come to."""
    left = ageing.remaining(scope.filters.day)
    counted = _narrowed(select(func.count(), func.coalesce(func.sum(left), 0)), scope, left)
    rows, ore = connection.execute(counted).one()
    is_whole = scope.filters.kind is None and scope.filters.bucket is None
    return Control(rows=rows, totals={REMAINING.key: balance_list.balance(connection, scope) if is_whole else int(ore)})


def frames(connection: Connection, scope: Scope) -> Iterator[pd.DataFrame]:
    """The postings, debtor by debtor, the one due first at the top. Credits are never overdue."""
    import pandas as pd

    from . import frames as reading

    read = [column for column, _source in (*_READ, *_KEYS)]
    day = pd.Timestamp(scope.filters.day)
    for frame in reading.stream(connection, statement(scope), [*read, REMAINING]):
        days = (day - frame["due_on"].fillna(frame["posted_on"])).dt.days
        frame["overdue"] = days.where((days > 0) & (frame["remaining"] > 0)).astype("Int64")
        yield frame


def statement(scope: Scope) -> Select[*tuple[Any, ...]]:
    """The rows; each debtor's in the order in which they are settled."""
    left = ageing.remaining(scope.filters.day)
    found = _narrowed(select(*(source for _column, source in (*_READ, *_KEYS)), left), scope, left)
    falls_on = func.coalesce(DebtorPosting.due_on, DebtorPosting.posted_on)
    return found.order_by(DebtorPosting.debtor_id, falls_on, DebtorPosting.posted_on, DebtorPosting.id)


def bars(connection: Connection, scope: Scope, _control: Control) -> Sequence[Bar]:
    """The ages of all that is open, also where one bucket is looked at."""
    if scope.filters.kind:
        return []
    return balance_list.bars(connection, scope, balance_list.control(connection, scope))


def _narrowed(statement: Select[*tuple[Any, ...]], scope: Scope, left: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    filters = scope.filters
    conditions = [DebtorPosting.posted_on <= filters.day, left != 0, *accounts.conditions(scope)]
    if filters.debtor_id is not None:
        conditions.append(DebtorPosting.debtor_id == filters.debtor_id)
    if filters.kind is not None:
        conditions.append(DebtorPosting.kind == PostingKind(filters.kind))
    if filters.bucket is not None:
        cut = filters.ageing
        conditions += [DebtorPosting.amount_ore > 0, cut.within(cut.buckets[filters.bucket])]
    return (
        statement.select_from(DebtorPosting)
        .join(Debtor, Debtor.id == DebtorPosting.debtor_id)
        .outerjoin(SaleDocument, SaleDocument.id == DebtorPosting.document_id)
        .where(*conditions)
    )


REPORT = Report(
    key="open-items",
    label=_("Open items"),
    sheet=_("Open items"),
    slug="aabne-poster",
    about=_("Every posting that is not wholly settled at the end of any day, with what is left of it and its age."),
    permission=Permission.DEBTOR_EXPORT,
    view=Permission.DEBTOR_VIEW,
    gate=accounts.GATE,
    fields=frozenset({Field.AS_OF, Field.BASIS, Field.BUCKETS, Field.BUCKET, Field.KIND, *accounts.FIELDS}),
    kinds=KINDS,
    columns=columns,
    control=control,
    frames=frames,
    bars=bars,
)
