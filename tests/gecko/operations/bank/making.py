"""Accounts, entries and invoices for tests of payments from the bank."""

from sqlalchemy import select, text

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.bank import BankEntry, BankFileKind
from gecko.models.postings import DebtorPosting
from gecko.operations.bank import accounts, suggesting, taking_in
from gecko.operations.bank.statements import Entry, Statement
from tests import factories
from tests.gecko.operations.bank.files import NUMBER, REGISTRATION


def account(**values):
    wanted = {"name": "Driftskonto", "registration_no": REGISTRATION, "account_no": NUMBER, **values}
    with transaction():
        return accounts.create(wanted).id


def take_in(*entries, account_id=None, sha256="a", kind=BankFileKind.CAMT, **values):
    account_id = account_id or account()
    with transaction():
        return taking_in.take_in(account_id, "konto.xml", sha256, Statement(kind, entries=list(entries), **values)).id


def paid(ore, said="", **values):
    return Entry(1, today(), ore, said, **values)


def entries():
    db.session.rollback()
    return list(db.session.scalars(select(BankEntry).order_by(BankEntry.id)))


def invoice(debtor_id, ore):
    """The id of an invoice's posting, and its number."""
    document = factories.invoice(debtor_id, ore)
    posting = db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.document_id == document.id)).one()
    return posting, document.number


def numbered(debtor_id, ore, number):
    """An invoice that has a long number, as in a series that has run for years."""
    with transaction() as session:
        session.execute(text("UPDATE number_series SET next_no = :no WHERE code = 'invoice'"), {"no": number})
    return invoice(debtor_id, ore)


def best():
    [entry] = entries()
    return next(iter(suggesting.suggest([entry])[entry.id]), None)
