"""Erasing a customer: everything personal goes, wherever a merge or the log kept it; bookkeeping stays.

Invoices, credit notes, postings and the debtor they name have to be kept by bookkeeping law, and stay filed under the
nameless customer. What is gone: particulars, notes, CPR, password, markings, answers, contacts and debtors that belong
to nobody else (debtors without anything in the books alone), marks of failing addresses, the same of everybody the
customer absorbed, what journals of merges and the log remember of them, and old numbers and addresses. Backups and
freed pages of the database file go with their own age. Answers to marketing stay as proof of what was allowed when,
under the nameless customer and without the address that they came from. Bookings stay for the statistics, without what
anybody wrote about them; those to come are deleted, for nobody is to be expected. Sign-ups for recall are cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, func, null, or_, select, update

from ... import actor, audit
from ...clock import now
from ...db import db
from ...errors import Conflict, NotFound
from ...models.address_failures import AddressFailure, Channel
from ...models.audit import AuditEntry
from ...models.bookings import Booking, Bucket, DeletedBy, in_bucket
from ...models.consents import Consent
from ...models.contacts import Contact, CustomerContact
from ...models.customer_fields import CustomerFieldValue
from ...models.customers import Customer, Gender
from ...models.debtors import CustomerDebtorLink, Debtor
from ...models.documents import SaleDocument
from ...models.invoice_drafts import InvoiceDraft
from ...models.markings import CustomerMarking
from ...models.merges import CustomerErasure, Merge, MergeAlias, MergedCustomer, MergeStep
from ...models.postings import DebtorPosting
from ...models.purchases import AdHocPurchase
from ...permissions import Principal
from ...tombstones import BLANK
from .. import survivors, visibility
from ..messaging import forgetting
from ..recalls import erasing as recalls

EVENTS = frozenset({"customer.absorbed_others", "customer.was_absorbed", "customer.merge_undone", "customer.erased"})
"""Named events whose facts are ids and counts alone."""
_IMPERSONAL = frozenset({"sale_document", "customer_debtor_link"})
_EMPTY: dict[str, Any] = {
    "number": None, "name": BLANK, "address": None, "postal_code": None, "city": None, "telephone": None,
    "mobile": None, "email": None, "birth_date": None, "gender": Gender.UNKNOWN, "remind_sms": False,
    "remind_email": False, "accepts_marketing_email": False, "accepts_marketing_sms": False,
    "allows_open_tracking": False, "note": None,
    "important_note": None, "right_of_access": False, "cpr_encrypted": None, "cpr_index": None, "password_hash": None,
    "last_login_at": None, "last_login_ip": None,
}  # fmt: skip
_EMPTY_CONTACT: dict[str, Any] = {
    "name": BLANK, "email": None, "mobile": None, "telephone": None, "address": None, "note": None,
}  # fmt: skip
_EMPTY_DEBTOR: dict[str, Any] = {
    "name": BLANK, "company_name": None, "att": None, "address": None, "postal_code": None, "city": None, "phone": None,
    "email": None, "cvr": None, "ean": None, "contact_reference": None, "order_reference": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Extent:
    """What erasing a customer touches and what it leaves: people absorbed, documents and purchases that stay.

    bookings: those that stay without their texts. cancelled: how many of them are active now, and will be deleted.
    """

    absorbed: int
    documents: int
    purchases: int
    bookings: int
    cancelled: int


def extent(customer_id: int) -> Extent:
    """What erasing the customer would mean."""
    family = [customer_id, *survivors.absorbed_by(customer_id)]
    return Extent(
        absorbed=len(family) - 1,
        documents=_count(SaleDocument, family),
        purchases=_count(AdHocPurchase, family),
        bookings=_count(Booking, family),
        cancelled=_count(Booking, family, in_bucket(Bucket.ACTIVE, now())),
    )


def _count(model: Any, family: Sequence[int], *conditions: Any) -> int:
    statement = select(func.count()).select_from(model).where(model.customer_id.in_(family), *conditions)
    return db.session.scalar(statement) or 0


def erase(customer_id: int, *, row_version: int | None = None, principal: Principal | None = None) -> Extent:
    """Erase a customer with everybody it absorbed, for good; once done, doing it again changes nothing.

    Raises Invalid for one that was merged into another: the one who absorbed it is erased, or the merge undone first.
    """
    family = _lock(customer_id, row_version, principal)
    found = extent(customer_id)
    if is_erased(customer_id):
        return found
    erasures = [CustomerErasure(customer_id=one, erased_by_id=actor.current().user_id) for one in family]
    db.session.add_all(erasures)
    contact_ids = _own_contacts(family)
    addresses = _addresses(family, contact_ids)
    forgetting.forget(family)
    _empty_people(family)
    booking_ids = _empty_bookings(family)
    recalls.forget(family)
    _empty(Contact, contact_ids, _EMPTY_CONTACT)
    debtor_ids = _idle_debtors(family)
    _empty(Debtor, debtor_ids, _EMPTY_DEBTOR)
    failures = _forget_failures(addresses)
    _empty_journals(family)
    db.session.execute(update(Consent).where(Consent.customer_id.in_(family)).values(ip=None))
    db.session.flush()
    _blank_log(family, {"contact": contact_ids, "debtor": debtor_ids, "booking": booking_ids}, failures)
    for erasure in erasures:
        erasure.finished_at = now()
    facts = {"absorbed": found.absorbed, "documents": found.documents}
    audit.record("customer.erased", entity="customer", entity_id=customer_id, customer_id=customer_id, facts=facts)
    db.session.flush()
    return found


def is_erased(customer_id: int) -> bool:
    """Whether the customer has been erased."""
    return bool(db.session.scalar(select(exists().where(CustomerErasure.customer_id == customer_id))))


def _lock(customer_id: int, row_version: int | None, principal: Principal | None) -> list[int]:
    survivors.refuse_merged(customer_id)
    family = [customer_id, *survivors.absorbed_by(customer_id)]
    seen = select(Customer.id).where(Customer.id == customer_id)
    if db.session.scalar(seen if principal is None else visibility.customers(seen, principal)) is None:
        raise NotFound
    locking = select(Customer).where(Customer.id.in_(family)).order_by(Customer.id).with_for_update(of=Customer)
    people = {one.id: one for one in db.session.scalars(locking.execution_options(populate_existing=True))}
    survivors.refuse_merged(customer_id)
    is_changed = row_version is not None and people[customer_id].row_version != row_version
    if is_changed or {*family} != {customer_id, *survivors.absorbed_by(customer_id)}:
        raise Conflict
    return family


def _own_contacts(family: Sequence[int]) -> list[int]:
    """Contacts that belong to nobody else."""
    other = CustomerContact.__table__.alias("other")
    elsewhere = exists().where(other.c.contact_id == CustomerContact.contact_id, other.c.customer_id.not_in(family))
    mine = select(CustomerContact.contact_id).where(CustomerContact.customer_id.in_(family), ~elsewhere)
    return list(db.session.scalars(mine.distinct()))


def _addresses(family: Sequence[int], contact_ids: Sequence[int]) -> set[tuple[Channel, str]]:
    """Where they could be reached, now or under an old address."""
    found = set()
    for model, ids in ((Customer, family), (Contact, contact_ids)):
        columns = [getattr(model, name) for name in ("email", "mobile", "telephone")]
        for email, *numbers in db.session.execute(select(*columns).where(model.id.in_(ids))):
            found |= {(Channel.EMAIL, email), *((Channel.SMS, number) for number in numbers)}
    aliases = select(MergeAlias.field, MergeAlias.value).where(MergeAlias.customer_id.in_(family))
    for field, value in db.session.execute(aliases):
        found.add((Channel.EMAIL if field == "email" else Channel.SMS, value))
    return {(channel, address) for channel, address in found if address}


def _empty_people(family: Sequence[int]) -> None:
    for model in (CustomerMarking, CustomerFieldValue, CustomerContact, InvoiceDraft):
        db.session.execute(delete(model).where(model.customer_id.in_(family)))
    for person in db.session.scalars(select(Customer).where(Customer.id.in_(family))):
        for column, value in _EMPTY.items():
            setattr(person, column, value)
        person.deleted_at = person.deleted_at or now()
    db.session.flush()


def _empty_bookings(family: Sequence[int]) -> list[int]:
    """Blank what was written about their bookings, and delete those to come."""
    at, bookings = now(), list(db.session.scalars(select(Booking).where(Booking.customer_id.in_(family))))
    for booking in bookings:
        booking.booking_text = booking.internal_note = None
        if booking.bucket(at) == Bucket.ACTIVE:
            booking.deleted_at, booking.deleted_by_kind = at, DeletedBy.SYSTEM
    db.session.flush()
    return [booking.id for booking in bookings]


def _idle_debtors(family: Sequence[int]) -> list[int]:
    """Debtors who only ever paid for them and with whom there is nothing in the books."""
    other = CustomerDebtorLink.__table__.alias("other")
    elsewhere = exists().where(other.c.debtor_id == Debtor.id, other.c.customer_id.not_in(family))
    booked = or_(
        exists().where(SaleDocument.debtor_id == Debtor.id), exists().where(DebtorPosting.debtor_id == Debtor.id)
    )
    mine = select(CustomerDebtorLink.debtor_id).where(CustomerDebtorLink.customer_id.in_(family))
    return list(db.session.scalars(select(Debtor.id).where(Debtor.id.in_(mine), ~elsewhere, ~booked)))


def _empty(model: Any, ids: Sequence[int], empty: Mapping[str, Any]) -> None:
    for row in db.session.scalars(select(model).where(model.id.in_(ids))):
        for column, value in empty.items():
            setattr(row, column, value)
        if model is Debtor:
            row.number = f"{BLANK}{row.id}"
            _close_links(row.id)
        row.deleted_at = row.deleted_at or now()
    db.session.flush()


def _close_links(debtor_id: int) -> None:
    is_open = (CustomerDebtorLink.debtor_id == debtor_id) & CustomerDebtorLink.unlinked_at.is_(None)
    values = {"unlinked_at": now(), "unlinked_by_id": actor.current().user_id}
    db.session.execute(update(CustomerDebtorLink).where(is_open).values(**values))


def _forget_failures(addresses: set[tuple[Channel, str]]) -> list[str]:
    """Remove the marks of addresses that nobody else has; returns how the log names them."""
    forgotten = []
    for channel, address in sorted(addresses):
        if _has_owner(channel, address):
            continue
        row = db.session.get(AddressFailure, (channel, address))
        if row is not None:
            db.session.delete(row)
        forgotten.append(f"{channel}:{address}")
    db.session.flush()
    return forgotten


def _has_owner(channel: Channel, address: str) -> bool:
    names = ("email",) if channel == Channel.EMAIL else ("mobile", "telephone")
    return any(
        db.session.scalar(
            select(model.id)
            .where(model.deleted_at.is_(None), or_(*(getattr(model, name) == address for name in names)))
            .limit(1)
        )
        for model in (Customer, Contact)
    )


def _empty_journals(family: Sequence[int]) -> None:
    """Nothing can be restored from a merge that one of them took part in, whether it is in force or not."""
    part = select(MergedCustomer.merge_id).where(MergedCustomer.customer_id.in_(family))
    merges = select(Merge.id).where(or_(Merge.survivor_id.in_(family), Merge.id.in_(part)))
    ids = list(db.session.scalars(merges))
    db.session.execute(update(MergeStep).where(MergeStep.merge_id.in_(ids)).values(before=None, after=None))
    db.session.execute(delete(MergeAlias).where(MergeAlias.merge_id.in_(ids)))
    db.session.execute(update(Merge).where(Merge.id.in_(ids)).values(erased_at=now()))


def _blank_log(family: Sequence[int], others: Mapping[str, Sequence[int]], failures: Sequence[str]) -> None:
    """Take values out of the log, never entries: triggers allow this form alone, and only while an erasure runs."""
    db.session.flush()
    of_customer = AuditEntry.customer_id.in_(family) & AuditEntry.entity.not_in(_IMPERSONAL)
    of_others = [
        (AuditEntry.entity == entity) & AuditEntry.entity_id.in_([str(one) for one in ids])
        for entity, ids in others.items()
    ]
    blanking = update(AuditEntry).values(changes=null()).execution_options(synchronize_session=False)
    db.session.execute(
        blanking.where(or_(of_customer & AuditEntry.action.not_in(EVENTS), *of_others), AuditEntry.changes.is_not(None))
    )
    of_failure = (AuditEntry.entity == "address_failure") & AuditEntry.entity_id.in_(failures)
    db.session.execute(blanking.where(of_failure).values(entity_id=BLANK))
