"""What an entry of the bank most likely pays, and how sure that is."""

import pytest
from sqlalchemy import event, select

from gecko import fik
from gecko.clock import now, today
from gecko.db import db, transaction
from gecko.models.bank import BankEntry
from gecko.models.documents import SaleDocument
from gecko.operations import ledger, settling
from gecko.operations.bank import candidates, deciding, suggesting
from gecko.operations.bank.suggesting import Reason, Sureness
from tests import factories
from tests.gecko.operations.bank.making import best, entries, invoice, numbered, paid, take_in
from tests.plans import plan


def test_a_reference_with_the_right_amount_is_sure(app):
    debtor_id = factories.debtor().id
    owed, number = invoice(debtor_id, 12_500)
    take_in(paid(12_500, "Indbetaling", reference=fik.reference(int(number))))
    found = best()
    assert (found.debtor_id, found.posting_ids, found.sureness) == (debtor_id, (owed,), Sureness.SURE)
    assert found.reasons == (Reason.FIK, Reason.AMOUNT)


@pytest.mark.parametrize(("ore", "sureness"), [(12_000, Sureness.LIKELY), (13_000, Sureness.LIKELY)])
def test_a_reference_with_another_amount_is_looked_at(sqlite_app, ore, sureness):
    _owed, number = invoice(factories.debtor().id, 12_500)
    take_in(paid(ore, f"+71<{fik.reference(int(number))}+12345678<"))
    assert (best().sureness, best().reasons) == (sureness, (Reason.FIK,))


def test_a_reference_of_an_invoice_that_was_paid_leads_to_its_debtor(sqlite_app):
    debtor_id = factories.debtor().id
    owed, number = invoice(debtor_id, 500)
    with transaction():
        settling.settle(debtor_id, (owed, ledger.record_payment(debtor_id, 500).id))
    take_in(paid(500, reference=fik.reference(int(number))))
    assert (best().debtor_id, best().postings, best().reasons) == (debtor_id, (), (Reason.FIK, Reason.PAID))


@pytest.mark.parametrize(
    ("said", "sureness"),
    [
        ("Betaling 70123 70124", Sureness.SURE),
        ("Faktura nr. 70123, fakt. 70124", Sureness.SURE),
        ("faktura70123 og 70124 tak", Sureness.SURE),
        ("Fak 70123", Sureness.LIKELY),
        ("Ref 170123", None),
        ("70.123 kr", None),
        ("kr 70123,00", None),
    ],
)
def test_invoice_numbers_in_the_text_are_read_but_no_amounts_or_parts_of_numbers(sqlite_app, said, sureness):
    debtor_id = factories.debtor().id
    numbered(debtor_id, 10_000, 70_123)
    numbered(debtor_id, 5_001, 70_124)
    take_in(paid(15_001, said))
    found = best()
    assert (found.sureness if found else None) == sureness


def test_a_short_number_counts_only_where_a_word_says_what_it_is(sqlite_app):
    invoice(factories.debtor().id, 9_900)
    take_in(paid(100, "Bord 1"))
    assert best() is None
    take_in(paid(9_900, "Faktura 1"), account_id=db.session.scalar(select(BankEntry.account_id)), sha256="b")
    entry = entries()[1]
    assert suggesting.suggest([entry])[entry.id][0].sureness == Sureness.SURE


@pytest.mark.parametrize(
    ("ore", "sureness", "reasons", "which"),
    [
        (3_000, Sureness.LIKELY, (Reason.NAME, Reason.AMOUNT), (1,)),
        (6_000, Sureness.LIKELY, (Reason.NAME, Reason.BALANCE), (0, 1, 2)),
        (2_500, Sureness.POSSIBLE, (Reason.NAME,), (0, 1)),
    ],
)
def test_a_sender_whose_name_a_debtor_has_is_never_more_than_likely(sqlite_app, ore, sureness, reasons, which):
    debtor_id = factories.debtor(company_name="Ærø Blomster ApS").id
    owed = [invoice(debtor_id, each)[0] for each in (1_000, 3_000, 2_000)]
    take_in(paid(ore, counterparty="ærø  blomster aps"))
    found = best()
    assert (found.sureness, found.reasons) == (sureness, reasons)
    assert found.posting_ids == tuple(owed[index] for index in which)


def test_an_amount_alone_is_possible_where_just_one_posting_has_it(sqlite_app):
    owed, _number = invoice(factories.debtor().id, 4_321)
    take_in(paid(4_321, "Overførsel"))
    assert (best().posting_ids, best().sureness) == ((owed,), Sureness.POSSIBLE)
    invoice(factories.debtor().id, 4_321)
    assert best() is None


def test_fifty_entries_take_as_many_questions_as_one(sqlite_app):
    debtor_id = factories.debtor().id
    numbers = [invoice(debtor_id, 1_000 + n)[1] for n in range(50)]
    take_in(*(paid(1_000 + n, f"Faktura {number}") for n, number in enumerate(numbers)))
    counts = []
    for many in (1, 50):
        chosen, seen = entries()[:many], []
        event.listen(db.engine, "before_cursor_execute", listener := lambda *args, seen=seen: seen.append(args[2]))
        found = suggesting.suggest(chosen)
        event.remove(db.engine, "before_cursor_execute", listener)
        assert {one[0].sureness for one in found.values()} == {Sureness.SURE}
        counts.append(len(seen))
    assert counts[0] == counts[1]


def taken_over(debtor_id, ore, number):
    """The posting of an invoice that another system issued under this number."""
    document = factories.save(
        SaleDocument(
            kind="invoice", series="imported", number=number, debtor_id=debtor_id, issued_at=now(),
            document_date=today(), due_on=today(), buyer={}, seller={}, term={}, buyer_name="", total_ore=ore,
            net_ore=ore, vat_ore=0, vat_free_ore=ore,
        )
    )  # fmt: skip
    with transaction():
        return ledger.post_document(document).id


@pytest.mark.parametrize("by", ["reference", "text"])
def test_a_number_that_an_imported_invoice_bears_as_well_is_never_sure(app, by):
    ours, theirs = factories.debtor().id, factories.debtor().id
    numbered(ours, 50_000, 70_123)
    imported = taken_over(theirs, 70_000, "70123")
    take_in(paid(70_000, reference=fik.reference(70_123)) if by == "reference" else paid(70_000, "Faktura 70123"))
    [entry] = entries()
    found = suggesting.suggest([entry])[entry.id]
    assert {(one.debtor_id, one.sureness) for one in found} == {(ours, Sureness.LIKELY), (theirs, Sureness.LIKELY)}
    assert next(one for one in found if one.debtor_id == theirs).posting_ids == (imported,)
    with transaction():
        assert deciding.accept_sure(entry.id) is None


def test_amounts_are_found_by_their_index(app):
    invoice(factories.debtor().id, 4_321)
    take_in(paid(4_321))
    seen = []
    event.listen(db.engine, "before_cursor_execute", listener := lambda *args: seen.append(args[2:4]))
    candidates.read(entries())
    event.remove(db.engine, "before_cursor_execute", listener)
    [(statement, parameters)] = [one for one in seen if "min(open_posting.posting_id)" in one[0]]
    assert "ix_open_posting_amount" in plan(statement, parameters, without=("seqscan",))
