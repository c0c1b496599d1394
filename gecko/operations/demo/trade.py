"""Three years of the demo's business: invoices, credit notes, payments, reversals and ad hoc purchases.

The rules are those of the real operations (lines, VAT, terms, snapshots, numbers drawn with their documents); only
the rows are written many at a time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ...clock import local
from ...db import transaction
from ...models.debtors import Debtor, PaymentTerm
from ...models.documents import DocumentKind, SaleDocument, SaleLine, Series
from ...models.items import Item
from ...models.postings import DebtorPosting, PostingKind
from ...models.purchases import AdHocLine, AdHocPurchase
from .. import crediting, invoicing, late_payment, numbering, payment_terms, settings
from . import bulk, settlements, words
from .draw import ANCHOR, YEARS, Dice
from .payers import Account

INVOICES = 6_000
_CHUNK = 400
Written = list[tuple[int, dict[str, Any]]]
"""Documents with their ids."""
_NEVER = 5_000
"""Days."""
_CALLED_IN = timedelta(days=200)
"""After that the other half of a payment is there, too."""
_PAYMENT_TEXTS = ("Bankoverførsel", "MobilePay", "Dankort", "Indbetalingskort")


def build(dice: Dice, accounts: list[Account], item_ids: list[int], staff: dict[str, int], scale: float) -> None:
    """Write everything in the order of time, a few hundred documents a transaction."""
    orders = _orders(dice, accounts, round(INVOICES * scale))
    for start in range(0, len(orders), _CHUNK):
        with transaction() as session:
            _write(dice, session, orders[start : start + _CHUNK], item_ids, staff)


def _orders(dice: Dice, accounts: list[Account], count: int) -> list[tuple[datetime, Account, int]]:
    """When which account buys for whom, oldest first. A few accounts buy a lot, most now and then."""
    orders = []
    for _ in range(count):
        account = dice.one(accounts, towards_first=1.4)
        day = dice.day(ANCHOR - YEARS, ANCHOR)
        orders.append((dice.instant(day), account, dice.one(account.customers)))
    return sorted(orders, key=lambda order: (order[0], order[1].debtor_id, order[2]))


def _write(
    dice: Dice,
    session: Session,
    orders: list[tuple[datetime, Account, int]],
    item_ids: list[int],
    staff: dict[str, int],
) -> None:
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(item_ids)))}
    debtors = _debtors(session, {account.debtor_id for _at, account, _customer in orders})
    terms = {debtor_id: payment_terms.term_of(debtor) for debtor_id, debtor in debtors.items()}
    seller = invoicing.seller_snapshot()
    documents, lines = [], []
    for issued_at, account, customer_id in orders:
        debtor = debtors[account.debtor_id]
        composed = invoicing.compose(_lines(dice, item_ids, items), items)
        documents.append(
            _document(
                DocumentKind.INVOICE,
                debtor,
                terms[debtor.id],
                composed,
                issued_at,
                customer_id,
                seller,
                staff["office"],
            )
        )
        lines.append(composed)
    ids = _insert_documents(session, Series.INVOICE, documents, lines)
    issued = list(zip(ids, documents, strict=True))
    credited = _credit(dice, session, issued, debtors, terms, seller, staff)
    _insert_postings(session, _postings(dice, issued, credited, staff))


def _postings(dice: Dice, issued: Written, credited: Written, staff: dict[str, int]) -> list[dict[str, Any]]:
    """Those of the documents, and what was paid of the invoices, in the order of time."""
    postings = [
        _posting_of(document_id, document) | {"bought_on": document["refers_to_id"] or document_id}
        for document_id, document in [*issued, *credited]
    ]
    notes = {document["refers_to_id"]: document for _id, document in credited}
    postings += [
        payment | {"bought_on": document_id}
        for document_id, document in issued
        for payment in _payments(dice, document, notes.get(document_id), staff)
    ]
    return sorted(postings, key=lambda posting: (posting["created_at"], posting["debtor_id"], posting["amount_ore"]))


def _debtors(session: Session, ids: set[int]) -> dict[int, Debtor]:
    return {debtor.id: debtor for debtor in session.scalars(select(Debtor).where(Debtor.id.in_(ids)))}


def _lines(dice: Dice, item_ids: list[int], items: dict[int, Item]) -> list[invoicing.Line]:
    lines = []
    for item_id in dice.sample(item_ids, dice.one([1, 2, 3, 4], towards_first=1.5)):
        quantity = dice.one([1_000, 2_000, 3_000, 500], towards_first=2.5)
        gross = invoicing.gross_ore(quantity, items[item_id].price_ore)
        discount = gross // 10 if dice.some(0.12) else 0
        lines.append(invoicing.Line(quantity, items[item_id].price_ore, item_id=item_id, discount_ore=discount))
    if dice.some(0.05):
        lines.append(invoicing.Line(1_000, 4_900, "Porto og ekspedition"))
    return lines


def _document(
    kind: DocumentKind,
    debtor: Debtor,
    term: PaymentTerm,
    lines: list[SaleLine],
    issued_at: datetime,
    customer_id: int,
    seller: dict[str, Any],
    user_id: int,
    refers_to_id: int | None = None,
) -> dict[str, Any]:
    day = local(issued_at).date()
    sums = invoicing.totals(lines)
    return {
        "kind": kind,
        "series": Series(kind.value),
        "customer_id": customer_id,
        "debtor_id": debtor.id,
        "issued_at": issued_at,
        "created_at": issued_at,
        "document_date": day,
        "due_on": payment_terms.due_on(term, day) if kind == DocumentKind.INVOICE else day,
        "buyer": invoicing.buyer_snapshot(debtor),
        "buyer_name": debtor.display_name,
        "seller": seller,
        "term": {**invoicing.term_snapshot(term), "late_text": settings.DEFAULTS[late_payment.key(debtor.language)]},
        "total_ore": sums.total_ore,
        "net_ore": sums.net_ore,
        "vat_ore": sums.vat_ore,
        "vat_free_ore": sums.vat_free_ore,
        "refers_to_id": refers_to_id,
        "created_by_id": user_id,
    }


def _insert_documents(
    session: Session, series: Series, documents: list[dict[str, Any]], lines: list[list[SaleLine]]
) -> list[int]:
    if not documents:
        return []
    first = numbering.draw(series, len(documents))
    for sequence_no, document in enumerate(documents, start=first):
        document |= {"sequence_no": sequence_no, "number": str(sequence_no)}
    ids = bulk.add(session, SaleDocument, documents)
    rows = [
        {"document_id": document_id} | {name: getattr(line, name) for name in _LINE}
        for document_id, composed in zip(ids, lines, strict=True)
        for line in composed
    ]
    session.execute(insert(SaleLine), rows)
    return ids


_LINE = (
    "position", "item_id", "item_no", "text", "quantity_milli", "unit_price_ore", "discount_ore", "total_ore",
    "vat_bp", "vat_ore", "refers_to_line_id",
)  # fmt: skip


def _credit(
    dice: Dice,
    session: Session,
    issued: list[tuple[int, dict[str, Any]]],
    debtors: dict[int, Debtor],
    terms: dict[int, PaymentTerm],
    seller: dict[str, Any],
    staff: dict[str, int],
) -> list[tuple[int, dict[str, Any]]]:
    """Credit a few of the invoices a few days later, wholly or for their first line."""
    documents, lines = [], []
    for document_id, invoice in issued:
        at = invoice["issued_at"] + timedelta(days=dice.randint(1, 9))
        if not dice.some(0.025) or local(at).date() > ANCHOR:
            continue
        rows = crediting.remaining(document_id)
        chosen = rows if dice.some(0.5) else rows[:1]
        composed = [crediting.credit_line(row, row.quantity_milli, n) for n, row in enumerate(chosen, start=1)]
        debtor = debtors[invoice["debtor_id"]]
        documents.append(
            _document(
                DocumentKind.CREDIT_NOTE, debtor, terms[debtor.id],
                composed, at, invoice["customer_id"], seller, staff["accountant"], document_id,
            )
        )  # fmt: skip
        lines.append(composed)
    ids = _insert_documents(session, Series.CREDIT_NOTE, documents, lines)
    return list(zip(ids, documents, strict=True))


def _posting_of(document_id: int, document: dict[str, Any]) -> dict[str, Any]:
    return _EMPTY_POSTING | {
        "debtor_id": document["debtor_id"],
        "kind": PostingKind(document["kind"].value),
        "amount_ore": document["total_ore"],
        "posted_on": document["document_date"],
        "due_on": document["due_on"],
        "document_id": document_id,
        "text": document["number"],
        "created_at": document["issued_at"],
        "created_by_id": document["created_by_id"],
    }


_EMPTY_POSTING: dict[str, Any] = dict.fromkeys(("due_on", "document_id", "payment_type_id", "reverses_id"))


def _payments(
    dice: Dice, invoice: dict[str, Any], note: dict[str, Any] | None, staff: dict[str, int]
) -> list[dict[str, Any]]:
    """Most pay about when it is due; some late, some half, and a few never. One in 250 was typed in wrongly.

    Firms and public bodies are the slow ones.
    """
    owed = invoice["total_ore"] + (note["total_ore"] if note else 0)
    paid_on = invoice["due_on"] + timedelta(days=dice.randint(-6, 20 if dice.some(0.2) else 2))
    if dice.some(0.25 if invoice["buyer"].get("cvr") or invoice["buyer"].get("ean") else 0.06):
        paid_on += timedelta(days=_NEVER if dice.some(0.1) else dice.randint(25, 140))
    paid_on = max(paid_on, invoice["document_date"])
    if owed <= 0 or paid_on > ANCHOR:
        return []
    amount = owed // 2 if dice.some(0.02) and paid_on > ANCHOR - _CALLED_IN else owed
    payment = _EMPTY_POSTING | {
        "debtor_id": invoice["debtor_id"],
        "kind": PostingKind.PAYMENT,
        "amount_ore": -amount,
        "posted_on": paid_on,
        "text": dice.one(_PAYMENT_TEXTS),
        "created_at": dice.instant(paid_on),
        "created_by_id": staff["accountant"],
        "is_mistake": dice.some(0.004),
    }
    return [payment]


def _insert_postings(session: Session, postings: list[dict[str, Any]]) -> None:
    mistakes = [posting.pop("is_mistake", False) for posting in postings]
    bought = [posting.pop("bought_on") for posting in postings]
    ids = bulk.add(session, DebtorPosting, postings)
    reversals = [
        posting
        | {
            "kind": PostingKind.REVERSAL,
            "amount_ore": -posting["amount_ore"],
            "text": "Indtastet forkert",
            "reverses_id": posting_id,
            "created_at": posting["created_at"] + timedelta(minutes=12),
        }
        for posting_id, posting, is_mistake in zip(ids, postings, mistakes, strict=True)
        if is_mistake
    ]
    settlements.of_reversals(session, reversals, bulk.add(session, DebtorPosting, reversals))
    stands = [
        settlements.Posted(posting_id, invoice_id, posting)
        for posting_id, invoice_id, posting, is_mistake in zip(ids, bought, postings, mistakes, strict=True)
        if not is_mistake
    ]
    settlements.of_payments(session, stands)


def build_ad_hoc(dice: Dice, customer_ids: list[int], item_ids: list[int], staff: dict[str, int]) -> None:
    """Some customers bought something elsewhere; one in forty of these purchases was undone."""
    with transaction() as session:
        items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(item_ids)))}
        for customer_id in dice.sample(customer_ids, 300):
            day = dice.day(ANCHOR - YEARS, ANCHOR)
            item = items[dice.one(item_ids)]
            quantity = dice.one([1_000, 2_000])
            purchase = _ad_hoc(dice, customer_id, item, quantity, day, staff["receptionist"])
            session.add(purchase)
            session.flush()
            if dice.some(0.025):
                undoing = _ad_hoc(dice, customer_id, item, -quantity, day, staff["office"])
                undoing.reverses_id = purchase.id
                session.add(undoing)


def _ad_hoc(dice: Dice, customer_id: int, item: Item, quantity: int, day: Any, user_id: int) -> AdHocPurchase:
    total = invoicing.gross_ore(quantity, item.price_ore)
    line = AdHocLine(
        position=1, item_id=item.id, item_no=item.item_no, text=item.name, quantity_milli=quantity,
        unit_price_ore=item.price_ore, total_ore=total,
    )  # fmt: skip
    return AdHocPurchase(
        customer_id=customer_id,
        purchased_on=day,
        source_text=dice.one(words.SHOPS),
        total_ore=total,
        created_at=dice.instant(day),
        created_by_id=user_id,
        lines=[line],
    )
