"""Entries of the bank: taken in once, suggested, accepted, ignored and opened again."""

import threading

import pytest
import sqlalchemy.exc
from flask_babel import force_locale
from sqlalchemy import func, select, text

from gecko import fik
from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid, NotFound
from gecko.models.bank import BankDecision, BankFile, BankFileKind, EntryState
from gecko.models.documents import SaleDocument
from gecko.models.payment_types import PaymentMeans
from gecko.models.postings import PostingKind
from gecko.models.settlements import Settlement
from gecko.operations import ledger, reversing, settling
from gecko.operations.bank import accounts, deciding
from gecko.operations.bank.statements import BadFile
from tests import factories, invariants
from tests.gecko.operations.bank.making import account, entries, invoice, paid, take_in


def accept(*args, **values):
    with transaction():
        return deciding.accept(*args, **values).id


def left(*posting_ids):
    db.session.rollback()
    found = settling.remaining(posting_ids)
    return tuple(found[one] for one in posting_ids)


def is_clean():
    return [one.name for one in invariants.checked() if not one.is_ok] == []


def test_files_that_overlap_bring_each_entry_once_and_equal_ones_stay_apart(app):
    account_id = account()
    same, other = paid(500, "Kaffe"), paid(700, "Te")
    take_in(same, same, account_id=account_id)
    second = take_in(same, same, same, other, account_id=account_id, sha256="b")
    assert [one.amount_ore for one in entries()] == [500, 500, 500, 700]
    file = db.session.get(BankFile, second)
    assert (file.taken_in, file.known) == (2, 2)
    assert is_clean()


def test_a_file_comes_once_and_of_its_account(sqlite_app):
    account_id = account()
    take_in(paid(500), account_id=account_id)
    with force_locale("en"), pytest.raises(Invalid, match="before"):
        take_in(paid(600), account_id=account_id)
    with force_locale("en"), pytest.raises(BadFile, match="another account"):
        take_in(paid(600), account_id=account_id, sha256="b", account=accounts.digits("DK5099990000000001"))
    other = account(name="Opsparing", account_no="42")
    take_in(paid(500), account_id=other, sha256="d", kind=BankFileKind.CSV, account=accounts.digits("3000 42"))
    assert len(entries()) == 2


def test_accepting_pays_and_settles_from_the_top_down_on_the_day_it_was_booked(app):
    debtor_id = factories.debtor().id
    first, second, third = (invoice(debtor_id, ore)[0] for ore in (1_000, 2_000, 4_000))
    take_in(paid(2_500, "Tak"))
    [entry] = entries()
    decision = accept(entry.id, debtor_id, (first, second), key="k")
    assert accept(entry.id, debtor_id, (first, second), key="k") == decision
    payment = db.session.get(BankDecision, decision).posting
    assert (payment.kind, payment.amount_ore, payment.posted_on) == (PostingKind.PAYMENT, -2_500, today())
    assert payment.payment_type.means == PaymentMeans.BANK
    assert left(first, second, third, payment.id) == (0, 500, 4_000, 0)
    assert db.session.scalar(select(Settlement.effective_on)) == today()
    assert entries()[0].state == EntryState.ACCEPTED
    with pytest.raises(Conflict):
        accept(entry.id, debtor_id)
    assert is_clean()


def test_a_payment_for_nothing_in_particular_stays_on_the_account(sqlite_app):
    debtor_id = factories.debtor().id
    take_in(paid(2_500))
    accept(entries()[0].id, debtor_id)
    assert ledger.outstanding(debtor_id) == -2_500


def test_what_was_settled_meanwhile_is_not_paid_again(sqlite_app):
    mine, other = factories.debtor().id, factories.debtor().id
    owed, theirs = invoice(mine, 500)[0], invoice(other, 500)[0]
    take_in(paid(500))
    [entry] = entries()
    entry_id = entry.id
    with pytest.raises(Invalid):
        accept(entry_id, mine, (theirs,))
    with transaction():
        settling.settle(mine, (owed, ledger.record_payment(mine, 500).id))
    with pytest.raises(Invalid):
        accept(entry_id, mine, (owed,))
    with pytest.raises(NotFound):
        accept(entry_id + 1, mine)
    assert entries()[0].state == EntryState.OPEN


def test_the_sure_ones_are_accepted_as_they_are_now(app):
    debtor_id = factories.debtor().id
    owed, number = invoice(debtor_id, 500)
    take_in(paid(500, reference=fik.reference(int(number))), paid(300, "Ukendt"))
    known, unknown = (entry.id for entry in entries())
    with transaction():
        assert deciding.accept_sure(known) is not None
        assert deciding.accept_sure(known) is None
        assert deciding.accept_sure(unknown) is None
    assert [entry.state for entry in entries()] == [EntryState.ACCEPTED, EntryState.OPEN]
    assert left(owed) == (0,)


def test_an_acceptance_is_taken_back_by_a_reversal_and_can_be_made_anew(app):
    debtor_id = factories.debtor().id
    owed, _number = invoice(debtor_id, 500)
    take_in(paid(500))
    entry_id = entries()[0].id
    for _turn in range(2):
        accept(entry_id, debtor_id, (owed,))
        assert left(owed) == (0,)
        with transaction():
            deciding.reopen(entry_id)
        assert left(owed) == (500,)
        assert ledger.outstanding(debtor_id) == 500
    with pytest.raises(Conflict), transaction():
        deciding.reopen(entry_id)
    db.session.rollback()
    assert [one.kind.value for one in deciding.history(entry_id)] == ["accept", "reopen"] * 2
    assert is_clean()


def test_a_payment_that_was_reversed_by_hand_is_not_reversed_again(sqlite_app):
    debtor_id = factories.debtor().id
    take_in(paid(500))
    entry_id = entries()[0].id
    accept(entry_id, debtor_id)
    with transaction():
        reversing.reverse(deciding.payment_of(entry_id).id)
    with transaction():
        deciding.reopen(entry_id)
    assert ledger.outstanding(debtor_id) == 0
    assert is_clean()


def test_an_entry_is_ignored_for_a_reason_and_found_again(sqlite_app):
    take_in(paid(500, "Renter"))
    entry_id = entries()[0].id
    with pytest.raises(Invalid) as error, transaction():
        deciding.ignore(entry_id, " ")
    assert error.value.field == "reason"
    with transaction():
        deciding.ignore(entry_id, "Renter af kontoen")
    assert entries()[0].state == EntryState.IGNORED
    with transaction():
        deciding.reopen(entry_id)
    assert entries()[0].state == EntryState.OPEN


def test_two_people_at_once_accept_an_entry_once(app):
    debtor_id = factories.debtor().id
    owed, _number = invoice(debtor_id, 500)
    take_in(paid(500))
    entry_id = entries()[0].id
    outcomes, start = [], threading.Barrier(2)

    def work():
        with app.app_context():
            start.wait()
            try:
                accept(entry_id, debtor_id, (owed,))
                outcomes.append("accepted")
            except Conflict:
                outcomes.append("refused")
            finally:
                db.session.remove()

    db.session.remove()
    threads = [threading.Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["accepted", "refused"]
    assert ledger.outstanding(debtor_id) == 0


@pytest.mark.parametrize(
    "statement",
    ["UPDATE bank_entry SET amount_ore = 1", "DELETE FROM bank_entry", "DELETE FROM bank_decision",
     "UPDATE bank_file SET name = 'x'"],
)  # fmt: skip
def test_what_the_bank_said_and_what_was_decided_never_changes(app, statement):
    take_in(paid(500))
    entry_id = entries()[0].id
    with transaction():
        deciding.ignore(entry_id, "Renter")
    with pytest.raises(sqlalchemy.exc.IntegrityError), transaction() as session:
        session.execute(text(statement))


def test_the_check_finds_a_state_that_no_decision_explains(app):
    take_in(paid(500))
    with transaction() as session:
        session.execute(text("UPDATE bank_entry SET state = 'accepted'"))
    [wrong] = [one for one in invariants.checked() if not one.is_ok]
    assert (wrong.name, wrong.figures["problems"]) == ("bank entries", 1)
    assert db.session.scalar(select(func.count()).select_from(SaleDocument)) == 0
