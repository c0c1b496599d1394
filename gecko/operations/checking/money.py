"""Documents, postings, what is owed and the numbers: computed in one way and compared with another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, or_, select

from ...db import db
from ...models.document_files import DocumentFile
from ...models.documents import NumberSeries, SaleDocument, SaleLine
from ...models.dunning import SERIES
from ...models.postings import DebtorPosting, PostingKind
from .. import document_files as files
from .. import numbering
from .found import Check, count, found, listed


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
    problems = listed(wrong, "%s %s says %s øre, its lines %s øre")
    return found("document_lines", {"documents": count(SaleDocument), "lines": count(SaleLine)}, problems)


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
    problems = listed(wrong, "%s %s has no posting of its own amount, debtor and kind")
    problems += listed(loose, "posting %s is of a document that it does not name")
    documents = db.session.scalar(select(func.coalesce(func.sum(SaleDocument.total_ore), 0)))
    return found(
        "document_postings", {"documents": count(SaleDocument), "documents_ore": int(documents or 0)}, problems
    )


def document_files() -> Check:
    """Every stored file of a document has the SHA-256 it was kept with."""
    problems = [f"the {kind} of document {number} was changed" for number, kind in files.damaged()]
    return found("document_files", {"files": count(DocumentFile)}, problems)


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
    figures = {"postings": count(DebtorPosting), "debtors": len(by_posting), "total_ore": sum(by_posting.values())}
    return found("outstanding", figures, problems)


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
    problems = listed(wrong, "posting %s does not mirror the one it reverses")
    problems += listed(twice, "posting %s is reversed more than once")
    reversing = select(func.count()).select_from(own).where(own.c.reverses_id.is_not(None))
    return found("reversals", {"reversals": db.session.scalar(reversing) or 0}, problems)


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
    problems += listed(twice, "%s %s stands on more than one document")
    return found("numbers", {one.code: one.next_no - one.first_no for one in series}, problems)


def _gaps(series: NumberSeries) -> list[tuple[int, int]]:
    """Gaps of a series of documents or payment reminders; other series (debtor numbers) promise none."""
    is_gapless = series.code in {"invoice", "credit_note", SERIES}
    return numbering.gaps(series.code) if is_gapless else []
