"""Whether what must always hold still holds: the ledger, the links, the log, the numbers, search and the schema.

Every check reads; none mends. Sums are made by the database in one way and compared with another way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.exc import DBAPIError

from .. import schema, trigger_state, triggers
from ..db import _WRITING, Base, db
from ..models.audit import AuditContext, AuditEntry
from ..models.customers import Customer
from ..models.debtors import CustomerDebtorLink, Debtor
from ..models.documents import NumberSeries, SaleDocument, SaleLine
from ..models.merges import CustomerErasure, Merge, MergedCustomer
from ..models.name_counts import CustomerNameCount
from ..models.postings import DebtorPosting, PostingKind
from . import name_counts, numbering
from .matching import verifying
from .merging.rules import MOVED

_SHOWN = 20
_COMPARED = 5_000


@dataclass(frozen=True, slots=True)
class Check:
    """One check: whether all is well, its figures, and the first of what is wrong."""

    name: str
    is_ok: bool
    figures: dict[str, Any]
    problems: list[str] = field(default_factory=list)


def run() -> list[Check]:
    """Make every check; those on a ledger that is written meanwhile see it as of one moment."""
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":  # on SQLite a read transaction is a snapshot by itself
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        return [check() for check in CHECKS]
    finally:
        db.session.rollback()


def _found(name: str, figures: dict[str, Any], problems: list[str]) -> Check:
    return Check(name, not problems, {**figures, "problems": len(problems)}, problems[:_SHOWN])


def _listed(statement: Any, words: str) -> list[str]:
    return [words % tuple(row) for row in db.session.execute(statement)]


def _count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def document_lines() -> Check:
    """Every document's amounts are the sums of its lines."""
    sums = (
        select(
            SaleLine.document_id,
            func.sum(SaleLine.total_ore).label("total"),
            func.sum(SaleLine.vat_ore).label("vat"),
        )
        .group_by(SaleLine.document_id)
        .subquery()
    )
    wrong = (
        select(SaleDocument.series, SaleDocument.number, SaleDocument.total_ore, func.coalesce(sums.c.total, 0))
        .outerjoin(sums, sums.c.document_id == SaleDocument.id)
        .where(
            or_(
                SaleDocument.total_ore != func.coalesce(sums.c.total, 0),
                SaleDocument.vat_ore != func.coalesce(sums.c.vat, 0),
                SaleDocument.total_ore != SaleDocument.net_ore + SaleDocument.vat_ore,
            )
        )
        .order_by(SaleDocument.id)
    )
    problems = _listed(wrong, "%s %s says %s øre, its lines %s øre")
    return _found("document_lines", {"documents": _count(SaleDocument), "lines": _count(SaleLine)}, problems)


def document_postings() -> Check:
    """Every document has its one posting: same debtor, same amount, same kind."""
    wrong = (
        select(SaleDocument.series, SaleDocument.number)
        .outerjoin(DebtorPosting, DebtorPosting.document_id == SaleDocument.id)
        .where(
            or_(
                DebtorPosting.id.is_(None),
                DebtorPosting.amount_ore != SaleDocument.total_ore,
                DebtorPosting.debtor_id != SaleDocument.debtor_id,
                DebtorPosting.kind != SaleDocument.kind,
            )
        )
        .order_by(SaleDocument.id)
    )
    loose = select(DebtorPosting.id).where(
        DebtorPosting.document_id.is_(None), DebtorPosting.kind.in_([PostingKind.INVOICE, PostingKind.CREDIT_NOTE])
    )
    problems = _listed(wrong, "%s %s has no posting of its own amount, debtor and kind")
    problems += _listed(loose, "posting %s is of a document that it does not name")
    documents = db.session.scalar(select(func.coalesce(func.sum(SaleDocument.total_ore), 0)))
    return _found(
        "document_postings", {"documents": _count(SaleDocument), "documents_ore": int(documents or 0)}, problems
    )


def outstanding() -> Check:
    """What each debtor owes, summed from postings and again from documents and what is no document."""
    by_posting = _sums(select(DebtorPosting.debtor_id, func.sum(DebtorPosting.amount_ore)))
    other = _sums(
        select(DebtorPosting.debtor_id, func.sum(DebtorPosting.amount_ore)).where(DebtorPosting.document_id.is_(None))
    )
    documents = _sums(select(SaleDocument.debtor_id, func.sum(SaleDocument.total_ore)), SaleDocument.debtor_id)
    again = {key: documents.get(key, 0) + other.get(key, 0) for key in {*documents, *other}}
    problems = [
        f"debtor {key} owes {by_posting.get(key, 0)} øre by postings, {again.get(key, 0)} øre by documents"
        for key in sorted({*by_posting, *again})
        if by_posting.get(key, 0) != again.get(key, 0)
    ]
    figures = {"postings": _count(DebtorPosting), "debtors": len(by_posting), "total_ore": sum(by_posting.values())}
    return _found("outstanding", figures, problems)


def _sums(statement: Any, column: Any = DebtorPosting.debtor_id) -> dict[int, int]:
    return {key: int(value) for key, value in db.session.execute(statement.group_by(column))}


def reversals() -> Check:
    """A reversal takes back one whole posting of the same debtor, once, and is not itself reversed."""
    mirror = DebtorPosting.__table__.alias("mirror")
    own: Any = DebtorPosting.__table__
    wrong = (
        select(mirror.c.id)
        .outerjoin(own, own.c.id == mirror.c.reverses_id)
        .where(
            or_(
                and_(mirror.c.kind == PostingKind.REVERSAL, mirror.c.reverses_id.is_(None)),
                and_(mirror.c.kind != PostingKind.REVERSAL, mirror.c.reverses_id.is_not(None)),
                own.c.amount_ore + mirror.c.amount_ore != 0,
                own.c.debtor_id != mirror.c.debtor_id,
                own.c.kind == PostingKind.REVERSAL,
            )
        )
    )
    twice = (
        select(own.c.reverses_id).where(own.c.reverses_id.is_not(None)).group_by(own.c.reverses_id)
        .having(func.count() > 1)
    )  # fmt: skip
    problems = _listed(wrong, "posting %s does not mirror the one it reverses")
    problems += _listed(twice, "posting %s is reversed more than once")
    reversing = select(func.count()).select_from(own).where(own.c.reverses_id.is_not(None))
    return _found("reversals", {"reversals": db.session.scalar(reversing) or 0}, problems)


def links() -> Check:
    """A customer has at most one debtor at a time, and both ends of every link are there."""
    twice = (
        select(CustomerDebtorLink.customer_id)
        .where(CustomerDebtorLink.unlinked_at.is_(None))
        .group_by(CustomerDebtorLink.customer_id)
        .having(func.count() > 1)
    )
    dangling = (
        select(CustomerDebtorLink.id)
        .outerjoin(Customer, Customer.id == CustomerDebtorLink.customer_id)
        .outerjoin(Debtor, Debtor.id == CustomerDebtorLink.debtor_id)
        .where(or_(Customer.id.is_(None), Debtor.id.is_(None)))
    )
    deleted = (
        select(CustomerDebtorLink.customer_id, CustomerDebtorLink.debtor_id)
        .join(Debtor, Debtor.id == CustomerDebtorLink.debtor_id)
        .where(CustomerDebtorLink.unlinked_at.is_(None), Debtor.deleted_at.is_not(None))
    )
    problems = _listed(twice, "customer %s has more than one debtor")
    problems += _listed(dangling, "link %s points to a customer or debtor that is not there")
    problems += _listed(deleted, "customer %s is linked to the deleted debtor %s")
    return _found("links", {"links": _count(CustomerDebtorLink)}, problems)


def references() -> Check:
    """Every foreign key of every table points to a row."""
    if db.engine.dialect.name == "sqlite":
        rows = db.session.execute(text("PRAGMA foreign_key_check")).all()
        return _found("references", {}, [f"{row[0]} row {row[1]} points to no {row[2]}" for row in rows])
    problems, keys = [], 0
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            keys += 1
            parent = key.column.table.alias("parent")
            target = parent.c[key.column.name]
            missing = (
                select(func.count()).select_from(table).outerjoin(parent, key.parent == target)
                .where(key.parent.is_not(None), target.is_(None))
            )  # fmt: skip
            if count := db.session.scalar(missing):
                problems.append(f"{count} rows of {table.name}.{key.parent.name} point to no {key.column.table.name}")
    return _found("references", {"foreign_keys": keys}, problems)


def log_triggers() -> Check:
    """The triggers that keep the log and refuse changes are exactly the ones this version makes."""
    connection = db.session.connection()
    problems = [f"{name} is missing or changed" for name in trigger_state.deviations(connection)]
    return _found("log_triggers", {"expected": trigger_state.count(connection)}, problems)


def log() -> Check:
    """No change came from outside the product, and nobody is left in the log's context."""
    outside = (
        select(AuditEntry.id, AuditEntry.action, AuditEntry.entity, AuditEntry.entity_id)
        .where(AuditEntry.name.is_(None))
        .order_by(AuditEntry.id)
    )
    problems = _listed(outside, "entry %s: %s of %s %s came from outside")
    if db.engine.dialect.name == "sqlite" and _count(AuditContext):
        problems.append("the log's context is not empty between transactions")
    return _found("log", {"entries": _count(AuditEntry)}, problems)


def numbers() -> Check:
    """Numbers of issued documents follow each other without a gap, and the next one is free."""
    problems = []
    series = list(db.session.scalars(select(NumberSeries).order_by(NumberSeries.code)))
    for one in series:
        problems += [f"{one.code}: {first} to {last} are missing" for first, last in _gaps(one)]
        if (highest := numbering.highest_used(one.code)) >= one.next_no:
            problems.append(f"{one.code}: the next number {one.next_no} is not above {highest}")
    twice = (
        select(SaleDocument.series, SaleDocument.sequence_no)
        .where(SaleDocument.sequence_no.is_not(None))
        .group_by(SaleDocument.series, SaleDocument.sequence_no)
        .having(func.count() > 1)
    )
    problems += _listed(twice, "%s %s stands on more than one document")
    return _found("numbers", {one.code: one.next_no - one.first_no for one in series}, problems)


def _gaps(series: NumberSeries) -> list[tuple[int, int]]:
    """Gaps of a series of documents; other series (debtor numbers) promise none."""
    is_of_documents = series.code in {"invoice", "credit_note"}
    return numbering.gaps(series.code) if is_of_documents else []


def search() -> Check:
    """The search indexes hold what the rows hold."""
    tables = [table.name for table in triggers.searchable_tables()]
    if db.engine.dialect.name != "sqlite":  # part of the table on PostgreSQL; log_triggers sees that it is there
        return _found("search", {"indexes": len(tables)}, _invalid_indexes())
    problems = []
    for name in tables:
        db.session.rollback()
        with db.engine.connect().execution_options(**{_WRITING: True}) as connection:
            try:
                connection.exec_driver_sql(f"INSERT INTO {name}_fts({name}_fts, rank) VALUES ('integrity-check', 1)")
            except DBAPIError as error:
                problems.append(f"{name}_fts: {error.orig}")
            finally:
                connection.rollback()
    return _found("search", {"indexes": len(tables)}, problems)


def _invalid_indexes() -> list[str]:
    statement = text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready)")
    return [f"the index {name} is not valid" for name in db.session.scalars(statement)]


def duplicates() -> Check:
    """What the matcher stored of customers is what they give when they are normalised now (thousands, spread out)."""
    done = verifying.verify(sample=_COMPARED)
    problems = [f"customer {one} is not stored as it would be now" for one in done.wrong]
    return _found("duplicates", {"customers": done.customers}, problems)


def names() -> Check:
    """The customers counted by the beginnings of their names are those that there are."""
    problems = [f"the number of customers whose names begin with {one!r} is wrong" for one in name_counts.deviations()]
    return _found("names", {"beginnings": _count(CustomerNameCount)}, problems)


def migrations() -> Check:
    """The database has the schema that this version describes."""
    db.session.rollback()
    problems = [] if schema.is_current() else ["the migrations are not up to date; run `gecko db upgrade`"]
    problems += [str(difference) for difference in schema.differences()]
    return _found("migrations", {"tables": len(Base.metadata.tables)}, problems)


def merges() -> Check:
    """Nothing belongs to a customer who was merged, those are hidden, and no merge or erasure was left half-way."""
    in_force = select(MergedCustomer.customer_id).where(MergedCustomer.undone_at.is_(None))
    problems = []
    for table_name, column in MOVED:
        owner = Base.metadata.tables[table_name].c[column]
        left = select(owner, func.count()).where(owner.in_(in_force)).group_by(owner)
        problems += _listed(left, f"customer %s was merged and still has %s rows of {table_name}")
    visible = select(Customer.id).where(Customer.id.in_(in_force), Customer.deleted_at.is_(None))
    problems += _listed(visible, "customer %s was merged and is not hidden")
    problems += _listed(select(Merge.id).where(Merge.is_running), "merge %s was left half-way")
    unfinished = select(CustomerErasure.customer_id).where(CustomerErasure.finished_at.is_(None))
    problems += _listed(unfinished, "the erasure of customer %s was left half-way")
    return _found("merges", {"merges": _count(Merge), "erased": _count(CustomerErasure)}, problems)


CHECKS: tuple[Callable[[], Check], ...] = (
    document_lines, document_postings, outstanding, reversals, links, references, log_triggers, log, numbers, search,
    duplicates, merges, names, migrations,
)  # fmt: skip
