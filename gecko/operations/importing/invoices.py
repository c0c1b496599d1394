"""Writing invoices and credit notes from another system: documents in the series `imported`, each with a posting.

The files give totals: their VAT is unknown. A document's net is its total and its VAT nothing, unless a column maps
the VAT. Its one line carries the total, so that documents and lines always agree. Amounts keep the file's sign.
A number that is there already with the same date, customer, total (and VAT and quantity where mapped) is the same
document; with anything else it is refused, since a document never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import and_, select

from ...clock import local
from ...db import db
from ...models.debtors import PaymentTerm
from ...models.documents import DocumentKind, SaleDocument, SaleLine, Series
from ...models.postings import DebtorPosting, PostingKind
from .. import invoicing, payment_terms, periods
from .faults import Refused
from .mapping import Mapping
from .parsing import Parsed
from .parties import Parties, Party
from .writing import Batch, Content, Context, Outcome, Seen, allocate, among, insert, listing, only_import

_DOCUMENT: Any = SaleDocument.__table__
_LINE: Any = SaleLine.__table__
_POSTING: Any = DebtorPosting.__table__
_LINE_TEXT = "Varer i alt"  # stored, in the language of the house


class InvoiceWriter:
    """Decides on rows of documents and writes the new ones."""

    def __init__(self, mapping: Mapping, context: Context) -> None:
        self._mapping = mapping
        self._context = context
        self._parties = Parties(mapping, context)
        self._seen = Seen() if context.is_dry else None
        self._terms: dict[int, PaymentTerm] = {}
        self._snapshots: dict[int, dict[str, Any]] = {}
        self._closed_until: date | None = None
        self._due: dict[tuple[int, date], date] = {}
        document = _DOCUMENT.c
        self._present = (
            select(document.number, document.issued_at, document.total_ore, document.vat_ore, document.buyer,
                   _LINE.c.quantity_milli)
            .outerjoin(_LINE, and_(_LINE.c.document_id == document.id, _LINE.c.position == 1))
            .where(document.series == Series.IMPORTED, among(document.number))
        )  # fmt: skip

    def write(self, rows: Sequence[Parsed], batch: Batch) -> None:
        """Decide on every row and write what is new."""
        only_import(self._context)
        self._closed_until = periods.hold()
        known = self._known([row.values["number"] for row in rows])
        parties = self._parties.find((row.values["customer_number"] for row in rows), batch)
        fresh: list[tuple[Parsed, Party]] = []
        for row in rows:
            try:
                outcome = self._decide(row, known, parties, fresh)
            except Refused as reason:
                batch.reject(row, reason)
            else:
                batch.count(row, outcome)
        if self._seen is None:
            self._parties.make([party for _row, party in fresh], batch)
            self._write(fresh)

    def _decide(
        self,
        row: Parsed,
        known: dict[str, Content],
        parties: dict[str, Party | Refused],
        fresh: list[tuple[Parsed, Party]],
    ) -> Outcome:
        number, customer = row.values["number"], row.values["customer_number"]
        content = self._content(row)
        present = known.get(number)
        if present is not None:
            if any(present[key] != value for key, value in content.items() if key in present):
                raise Refused("The number %(number)s is already there with other content.", number=number)
            return Outcome.EXISTING
        self._require_open(row.values["issued_at"])
        party = parties.get(customer)
        if isinstance(party, Refused):
            raise party
        if party is None:
            party = parties[customer] = self._parties.missing(customer, row.values.get("customer_name"))
        self._parties.require_debtor(party)
        known[number] = content
        if self._seen is not None:
            self._seen.add(number, content)
        fresh.append((row, party))
        return Outcome.IMPORTED

    def _require_open(self, issued_at: datetime) -> None:
        until = self._closed_until
        if until is not None and local(issued_at).date() <= until:
            raise Refused("The books are closed up to and including %(day)s.", day=periods.written(until))

    def _content(self, row: Parsed) -> Content:
        """What makes a document the same one: only what the mapping reads takes part."""
        found = row.values
        content = {
            "issued_at": found["issued_at"].isoformat(),
            "customer_number": found["customer_number"],
            "total_ore": found["total"],
        }
        if "vat" in found:
            content["vat_ore"] = found["vat"] or 0
        if found.get("quantity") is not None:
            content["quantity_milli"] = found["quantity"]
        return content

    def _known(self, numbers: list[str]) -> dict[str, Content]:
        known = {
            row.number: {
                "issued_at": row.issued_at.isoformat(),
                "customer_number": row.buyer.get("customer_number"),
                "total_ore": row.total_ore,
                "vat_ore": row.vat_ore,
                "quantity_milli": row.quantity_milli,
            }
            for row in db.session.connection().execute(self._present, {"wanted": listing(numbers)})
        }
        if self._seen is not None:
            known |= self._seen.find(set(numbers) - set(known))
        return known

    def _kind(self, number: str, total: int) -> DocumentKind:
        prefix = self._mapping.credit_note_prefix
        is_credit = number.startswith(prefix) if prefix else total < 0
        return DocumentKind.CREDIT_NOTE if is_credit else DocumentKind.INVOICE

    def _write(self, fresh: list[tuple[Parsed, Party]]) -> None:
        if not fresh:
            return
        self._terms = {term.id: term for term in db.session.scalars(select(PaymentTerm))}
        self._snapshots = {term.id: invoicing.term_snapshot(term) for term in self._terms.values()}
        seller = invoicing.seller_snapshot()
        documents, lines, postings = [], [], []
        for (row, party), document_id in zip(fresh, allocate(_DOCUMENT, len(fresh)), strict=True):
            document = self._document(row.values, party, document_id) | {"seller": seller}
            documents.append(document)
            lines.append(_line(row.values, document))
            postings.append(_posting(document))
        insert(_DOCUMENT, documents)
        insert(_LINE, lines)
        insert(_POSTING, postings)

    def _document(self, found: dict[str, Any], party: Party, document_id: int) -> dict[str, Any]:
        total, vat = found["total"], found.get("vat") or 0
        issued_at: datetime = found["issued_at"]
        day = local(issued_at).date()
        term = self._term(party)
        buyer = party.buyer()
        return {
            "id": document_id,
            "kind": self._kind(found["number"], total),
            "series": Series.IMPORTED,
            "number": found["number"],
            "customer_id": party.customer_id,
            "debtor_id": party.debtor_id,
            "issued_at": issued_at,
            "document_date": day,
            "due_on": found.get("due_on") or self._due_on(term, day),
            "buyer": buyer,
            "buyer_name": buyer.get("company_name") or buyer.get("name") or party.name,
            "term": self._snapshots[term.id],
            "total_ore": total,
            "net_ore": total - vat,
            "vat_ore": vat,
            "created_by_id": self._context.user_id,
        }

    def _term(self, party: Party) -> PaymentTerm:
        for term_id in (party.own_term, party.group_term):
            if term_id is not None:
                return self._terms[term_id]
        return next(term for term in self._terms.values() if term.is_default)

    def _due_on(self, term: PaymentTerm, day: date) -> date:
        key = (term.id, day)
        if key not in self._due:
            self._due[key] = payment_terms.due_on(term, day)
        return self._due[key]


def _line(found: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    quantity = found.get("quantity")
    quantity = 1000 if quantity is None else quantity
    total = document["total_ore"]
    price = Decimal(total * 1000) / quantity if quantity else Decimal(total)
    vat, net = document["vat_ore"], document["net_ore"]
    return {
        "document_id": document["id"],
        "position": 1,
        "text": found.get("text") or _LINE_TEXT,
        "quantity_milli": quantity,
        "unit_price_ore": int(price.to_integral_value(rounding=ROUND_HALF_UP)),
        "total_ore": total,
        "vat_bp": round(vat * 10_000 / net) if net else 0,
        "vat_ore": vat,
    }


def _posting(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "debtor_id": document["debtor_id"],
        "kind": PostingKind(document["kind"]),
        "amount_ore": document["total_ore"],
        "posted_on": document["document_date"],
        "due_on": document["due_on"],
        "document_id": document["id"],
        "text": document["number"],
        "created_by_id": document["created_by_id"],
    }
