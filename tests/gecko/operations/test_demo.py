"""The demo's data: the same every time, and as correct as what people type in."""

import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text

from gecko import phones
from gecko.channels import MessageChannel
from gecko.clock import now
from gecko.db import db
from gecko.models.bank import BankEntry
from gecko.models.bookings import Booking
from gecko.models.consents import Consent
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor, PaymentTerm
from gecko.models.documents import DocumentKind, SaleDocument, SaleLine
from gecko.models.duplicates import DuplicateCase, DuplicatePair, Lane
from gecko.models.messages import Message, MessageBooking, MessageKind
from gecko.models.people import StaffUser
from gecko.models.postings import DebtorPosting
from gecko.models.settlements import OpenPosting, Settlement, SettlementMethod
from gecko.models.texts import MessageTemplate
from gecko.operations import (
    checking,
    company,
    demo,
    ledger,
    message_templates,
    numbering,
    passwords,
    payment_terms,
    settings,
)
from gecko.operations.demo import staff
from gecko.operations.messaging import reminding
from gecko.operations.texts import storing
from gecko.operations.texts.reviewing import review
from gecko.registration_numbers import normalise_cvr, normalise_ean
from tests.conftest import make_app

SCALE = 0.25
# What differs between two builds: salted hashes, and when the log was written.
_OWN_TIME = {
    "audit_entry", "staff_user", "alembic_version", "payment_term", "customer_group", "audit_context", "duplicate_pair",
    "duplicate_case", "match_scan", "match_model", "consent", "consent_text", "bank_file", "bank_entry",
}  # fmt: skip


_PAIR = (DuplicatePair.a_id, DuplicatePair.b_id, DuplicatePair.lane, DuplicatePair.score, DuplicatePair.evidence)


def contents():
    tables = [name for name in inspect(db.engine).get_table_names() if name not in _OWN_TIME and "_fts" not in name]
    found = {name: db.session.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2")).all() for name in tables}
    entries = select(BankEntry.identity, BankEntry.booked_on, BankEntry.amount_ore).order_by(BankEntry.id)
    found["payments"] = db.session.execute(entries).all()
    found["answers"] = db.session.execute(select(Consent.customer_id, Consent.channel, Consent.source)).all()
    return found | {"pairs": db.session.execute(select(*_PAIR).order_by(DuplicatePair.a_id, DuplicatePair.b_id)).all()}


@pytest.fixture(scope="module")
def demo_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build on SQLite of another installation; tests take copies of it."""
    folder = tmp_path_factory.mktemp("demo")
    path = shutil.copy(sqlite_template, folder / "gecko.db")
    with make_app(folder, f"sqlite:///{path}").app_context():
        assert demo.build(scale=SCALE)
        db.session.remove()
        db.engine.dispose()
    return path


def take(copied: Path) -> None:
    """From now on the SQLite database of the test is a copy."""
    db.session.remove()
    db.engine.dispose()
    shutil.copy(copied, db.engine.url.database)


@pytest.fixture
def built(app, request):
    if db.engine.dialect.name == "sqlite":
        take(request.getfixturevalue("demo_file"))
    else:
        assert demo.build(scale=SCALE)
    return app


def test_two_builds_are_the_same(sqlite_app, demo_file):
    assert demo.build(scale=SCALE)
    first = contents()
    take(demo_file)
    again = contents()
    assert again.keys() == first.keys()
    for name, rows in first.items():
        assert again[name] == rows, name


def test_the_demo_obeys_every_rule(built):
    _documents_add_up()
    _debtors_have_valid_numbers()
    assert numbering.gaps("invoice") == numbering.gaps("credit_note") == []
    assert demo.build(scale=SCALE) is False  # a second build adds nothing
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 500
    assert ledger.total() == sum(row.outstanding_ore for row in ledger.balance_list()) > 0
    assert min(ledger.outstanding_many(db.session.scalars(select(Debtor.id)).all()).values()) >= 0
    assert all(phones.normalise(mobile) == mobile for mobile in db.session.scalars(select(Customer.mobile)) if mobile)
    for account in settings.get("demo.accounts"):
        user = db.session.scalars(select(StaffUser).where(StaffUser.username == account["username"])).one()
        assert passwords.verify(user.password_hash, account["password"])
    assert company.checked(company.read()) == company.Company(**staff.COMPANY)


def _documents_add_up():
    lines = select(func.sum(SaleLine.total_ore), func.sum(SaleLine.vat_ore)).group_by(SaleLine.document_id)
    sums = select(SaleDocument.total_ore, SaleDocument.vat_ore).order_by(SaleDocument.id)
    assert db.session.execute(lines.order_by(SaleLine.document_id)).all() == db.session.execute(sums).all()
    posted = select(DebtorPosting.document_id, DebtorPosting.amount_ore).where(DebtorPosting.document_id.is_not(None))
    issued = select(SaleDocument.id, SaleDocument.total_ore)
    assert set(db.session.execute(posted).all()) == set(db.session.execute(issued).all())
    for document in db.session.scalars(select(SaleDocument).where(SaleDocument.kind == DocumentKind.INVOICE).limit(50)):
        term = PaymentTerm(**{name: document.term[name] for name in ("name", "days", "day_kind")})
        assert document.due_on == payment_terms.due_on(term, document.document_date)


def _debtors_have_valid_numbers():
    debtors = db.session.scalars(select(Debtor)).all()
    firms, bodies = [d.cvr for d in debtors if d.cvr], [d.ean for d in debtors if d.ean]
    assert [normalise_cvr(cvr) for cvr in firms] == firms
    assert [normalise_ean(ean) for ean in bodies] == bodies
    assert len(firms) == 24
    assert len(bodies) == 10


def test_the_calendars_are_full_and_nobody_is_booked_twice(built):
    rows = db.session.scalars(select(Booking).order_by(Booking.calendar_id, Booking.start_at)).all()
    buckets = Counter(row.bucket(now()) for row in rows)
    assert min(buckets.values()) > 20
    assert len(buckets) == 3
    assert any(row.is_no_show for row in rows)
    assert any(row.customer_id is None for row in rows)
    living = [row for row in rows if row.deleted_at is None]
    pairs = [(a, b) for a, b in pairwise(living) if a.calendar_id == b.calendar_id]
    assert all(a.end_at <= b.start_at for a, b in pairs)
    assert all(row.created_at < now() and (row.deleted_at or row.created_at) < now() for row in rows)
    assert all(row.created_at < (row.deleted_at or row.start_at) for row in rows)
    strangers = [row for row in rows if row.customer_id and row.service.group_id not in (None, row.customer.group_id)]
    assert strangers == []


def test_what_the_clinic_writes_holds_no_wrong_codes(sqlite_app, demo_file):
    take(demo_file)
    templates = db.session.scalars(select(MessageTemplate)).all()
    assert {one.channel for one in templates} == set(MessageChannel)
    changed = [held for held in storing.all_held().values() if held.is_changed]
    assert len(changed) == 1
    for one in templates:
        assert review(message_templates.source(one), one.channel, frozenset()).is_clean, one.name
    assert review(changed[0].source, changed[0].name.channel, frozenset()).is_clean


def test_messages_about_bookings_name_them_and_nobody_is_reminded_twice(sqlite_app, demo_file):
    take(demo_file)
    told = (
        select(MessageBooking.booking_id, MessageBooking.starts_at)
        .join(Message, Message.id == MessageBooking.message_id)
        .where(Message.kind == MessageKind.REMINDER)
    )
    reminded = {(row.booking_id, row.starts_at) for row in db.session.execute(told)}
    assert len(reminded) == db.session.query(Message).filter_by(kind=MessageKind.REMINDER).count() > 20
    stand = {(row.id, row.start_at) for row in db.session.scalars(select(Booking))}
    assert reminded <= stand
    [rule] = reminding.rules()
    due = {(one.booking_id, one.start_at) for one in reminding.due(rule, now())}
    assert not due & reminded


def test_some_people_are_registered_twice_and_some_only_look_so(sqlite_app, demo_file):
    take(demo_file)
    waiting = select(DuplicateCase.lane, func.count()).where(DuplicateCase.closed_at.is_(None))
    lanes = dict(db.session.execute(waiting.group_by(DuplicateCase.lane)).all())
    assert lanes[Lane.SURE] > 20
    assert lanes[Lane.HOUSEHOLD] > 5
    live = select(Customer.name, Customer.mobile, Customer.email, Customer.birth_date, Customer.address)
    rows = db.session.execute(live).all()
    addresses = [row.address for row in rows]
    families = {row.address for row in rows if addresses.count(row.address) > 2}
    assert len(families) >= 10
    mailboxes = [row.email for row in rows if row.email]
    names = [row.name for row in rows]
    assert len(mailboxes) - len(set(mailboxes)) > 15
    assert len(names) - len(set(names)) > 15
    assert all(row.name.strip() == row.name and "  " not in row.name for row in rows)


def test_most_of_what_was_paid_is_settled_and_some_of_it_waits(built):
    paid = db.session.scalar(select(func.count()).where(DebtorPosting.amount_ore < 0))
    waiting = db.session.scalar(select(func.count()).where(OpenPosting.remaining_ore < 0))
    assert 0 < waiting < paid / 5
    in_part = select(func.count()).where(
        OpenPosting.remaining_ore > 0, OpenPosting.remaining_ore < OpenPosting.amount_ore
    )
    assert db.session.scalar(in_part)
    methods = set(db.session.scalars(select(Settlement.method).distinct()))
    assert methods == {SettlementMethod.MANUAL, SettlementMethod.AUTOMATIC, SettlementMethod.REVERSAL}
    assert [one.problems for one in checking.run() if one.name in {"remaining", "settlements"}] == [[], []]
