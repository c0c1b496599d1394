"""The demo's data: the same every time, and as correct as what people type in."""

import shutil
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import func, inspect, select, text

from gecko import phones
from gecko.channels import MessageChannel
from gecko.clock import now
from gecko.config import load_secrets
from gecko.db import db
from gecko.models.bank import BankEntry
from gecko.models.bookings import Booking
from gecko.models.consents import Consent
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor, PaymentTerm
from gecko.models.documents import DocumentKind, SaleDocument, SaleLine
from gecko.models.dunning import Dunning, DunningRun, DunningState
from gecko.models.duplicates import DuplicateCase, DuplicatePair, Lane
from gecko.models.jobs import JobRun
from gecko.models.messages import Message, MessageBooking, MessageKind, MessageState
from gecko.models.people import StaffUser
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.models.prepayments import PrepaymentEntry, PrepaymentKind
from gecko.models.settlements import OpenPosting, Settlement, SettlementMethod
from gecko.models.texts import MessageTemplate
from gecko.operations import (
    company,
    demo,
    ledger,
    message_templates,
    numbering,
    passwords,
    payment_terms,
    periods,
    settings,
)
from gecko.operations import statements as account_statements
from gecko.operations.bookkeeping import batches
from gecko.operations.demo import staff
from gecko.operations.demo.draw import ANCHOR
from gecko.operations.demo.papers import Papers
from gecko.operations.dunning import papers as letters
from gecko.operations.dunning import planning, states
from gecko.operations.dunning.planning import Hindrance
from gecko.operations.messaging import reminding
from gecko.operations.sealing import verifying
from gecko.operations.texts import storing
from gecko.operations.texts.reviewing import review
from gecko.permissions import Principal
from gecko.registration_numbers import normalise_cvr, normalise_ean
from reports.letters import reminders, statements
from tests import invariants
from tests.conftest import make_app

SCALE = 0.25
PAPERS = Papers(reminders.make, statements.mailed)
# What differs between two builds: salted hashes, and when the log was written.
_OWN_TIME = {
    "audit_entry", "staff_user", "alembic_version", "payment_term", "customer_group", "audit_context", "duplicate_pair",
    "duplicate_case", "match_scan", "match_model", "consent", "consent_text", "bank_file", "bank_entry",
    "ledger_seal",
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
        assert demo.build(PAPERS, scale=SCALE)
        db.session.remove()
        db.engine.dispose()
    return path


def take(copied: Path) -> None:
    """From now on the SQLite database of the test is a copy, and its installation the one that signed what is there."""
    current_app.config["GECKO_SECRETS"] = load_secrets(copied.parent)
    db.session.remove()
    db.engine.dispose()
    shutil.copy(copied, db.engine.url.database)


@pytest.fixture
def built(app, request):
    if db.engine.dialect.name == "sqlite":
        take(request.getfixturevalue("demo_file"))
    else:
        assert demo.build(PAPERS, scale=SCALE)
    return app


def test_two_builds_are_the_same(sqlite_app, demo_file):
    assert demo.build(PAPERS, scale=SCALE)
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
    assert demo.build(PAPERS, scale=SCALE) is False  # a second build adds nothing
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 500
    assert ledger.total() == sum(row.outstanding_ore for row in ledger.balance_list()) > 0
    assert min(ledger.outstanding_many(db.session.scalars(select(Debtor.id)).all()).values()) >= 0
    assert all(phones.normalise(mobile) == mobile for mobile in db.session.scalars(select(Customer.mobile)) if mobile)
    for account in settings.get("demo.accounts"):
        user = db.session.scalars(select(StaffUser).where(StaffUser.username == account["username"])).one()
        assert passwords.verify(user.password_hash, account["password"])
    assert set(db.session.scalars(select(PrepaymentEntry.kind))) == set(PrepaymentKind)
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
    assert {one.name: one.problems for one in invariants.checked() if one.problems} == {}


def test_the_accountants_desk_shows_work_that_is_done_and_work_that_waits(sqlite_app, demo_file):
    take(demo_file)
    _reminders_went_out_and_wait()
    _who_is_not_reminded_is_told()
    assert [step.is_closing for step in periods.history()] == [True, True, False, True, True]
    assert periods.closed_until() == date(2026, 9, 30)
    handed_over = [(one.number, one.starts_on.month, one.postings > 10) for one in batches.listed()]
    assert handed_over == [(3, 9, True), (2, 8, True), (1, 7, True)]
    [run] = db.session.scalars(select(JobRun).where(JobRun.kind == "statements.send"))
    assert {one.state for one in account_statements.sent(str(run.id)).values()} == {MessageState.SENT}
    assert len(account_statements.sent(str(run.id))) == run.done > 0
    verdict = verifying.verify()
    assert (verdict.problems, verdict.unsealed) == ([], 0)
    assert verdict.seals >= 1


def _reminders_went_out_and_wait():
    made = db.session.execute(select(Dunning.id, DunningRun.stage, Dunning.run_id).join(DunningRun)).all()
    known = states.of([row.id for row in made])
    first, second, last = sorted({row.run_id for row in made})
    assert {row.stage for row in made if row.run_id == second} == {2}
    assert {known[row.id] for row in made if row.run_id in (first, second)} == {DunningState.SENT}
    assert {known[row.id] for row in made if row.run_id == last} == {DunningState.CREATED}
    assert all(letters.content(row.id).startswith(b"%PDF") for row in made)
    kinds = set(db.session.scalars(select(DebtorPosting.kind).distinct()))
    assert {PostingKind.REMINDER_FEE, PostingKind.INTEREST, PostingKind.COMPENSATION} <= kinds


def _who_is_not_reminded_is_told():
    who = Principal(0, None, "", "")
    terms = planning.Terms(2, ANCHOR)
    plans = list(planning.plans(terms, planning.candidates(terms, who)))
    reasons = {one.why for plan in plans for one in plan.left_out} | {plan.hindrance for plan in plans}
    assert {Hindrance.BLOCKED, Hindrance.DISPUTED, Hindrance.REMINDED, Hindrance.EARLIER_STAGE} <= reasons
    terms = planning.Terms(1, ANCHOR)
    assert any(plan.goes for plan in planning.plans(terms, planning.candidates(terms, who)))
