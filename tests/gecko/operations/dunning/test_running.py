"""Who is reminded of what: stages, days, fees, compensation, what is left out, and taking it back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import Invalid
from gecko.models.debtors import Debtor
from gecko.models.dunning import Dunning, DunningLine, ReferenceRate
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations import crediting, debtors, ledger, numbering, settling
from gecko.operations.dunning import cancelling, interest, parking, policy, running
from gecko.operations.dunning.planning import Hindrance, Terms
from tests import factories, invariants

from .making import ago, choose, overdue, plan, remind, run_of


def charged(debtor_id: int) -> dict[PostingKind, int]:
    """What reminders and their reversals add up to on an account, by kind."""
    rows = db.session.execute(select(DebtorPosting.kind, DebtorPosting.amount_ore).filter_by(debtor_id=debtor_id))
    found: dict[PostingKind, int] = {}
    for kind, ore in rows:
        found[kind] = found.get(kind, 0) + ore
    return found


def all_is_well() -> bool:
    return [check.problems for check in invariants.checked() if not check.is_ok] == []


def test_a_first_reminder_is_a_new_debit_beside_the_invoice(app: Flask) -> None:
    debtor_id = factories.debtor().id
    posting_id = overdue(debtor_id)
    dunning = remind(debtor_id)
    assert dunning is not None
    assert (dunning.claims_ore, dunning.fee_ore, dunning.total_ore) == (100_000, 10_000, 110_000)
    assert dunning.due_on == today() + timedelta(days=10)
    assert [(line.posting_id, line.remaining_ore, line.is_claim) for line in dunning.lines] == [
        (posting_id, 100_000, True)
    ]
    assert charged(debtor_id) == {PostingKind.INVOICE: 100_000, PostingKind.REMINDER_FEE: 10_000}
    assert all_is_well()


@pytest.mark.parametrize(("days", "hindrance"), [(9, Hindrance.TOO_EARLY), (10, None)])
def test_the_second_reminder_waits_ten_days(app: Flask, days: int, hindrance: Hindrance | None) -> None:
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    remind(debtor_id, on=days)
    found = plan(debtor_id, 2)
    assert found is not None
    assert [one.why for one in found.left_out] == ([hindrance] if hindrance else [])
    assert (remind(debtor_id, 2) is None) == bool(hindrance)


def test_a_reminder_that_is_dated_back_goes_no_earlier_for_it(app: Flask) -> None:
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    with transaction():
        run = running.create(Terms(1, ago(20)), [debtor_id], key="tilbage")
        assert running.write(run, debtor_id) is not None
    for on in (0, 10):
        [left_out] = plan(debtor_id, 2, on=on).left_out  # type: ignore[union-attr]
        assert (left_out.why, left_out.on) == (Hindrance.TOO_EARLY, today() + timedelta(days=10))
    other_id = factories.debtor().id
    overdue(other_id)
    remind(other_id, on=20)
    [left_out] = plan(other_id, 2, on=15).left_out  # type: ignore[union-attr]
    assert (left_out.why, left_out.on) == (Hindrance.TOO_EARLY, ago(10))


def test_a_stage_needs_the_one_before_and_comes_once(app: Flask) -> None:
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    assert plan(debtor_id, 2).left_out[0].why == Hindrance.EARLIER_STAGE  # type: ignore[union-attr]
    assert remind(debtor_id, 2) is None
    assert remind(debtor_id, 1, on=20) is not None
    assert plan(debtor_id, 1).left_out[0].why == Hindrance.REMINDED  # type: ignore[union-attr]
    assert remind(debtor_id, 1) is None


def test_the_fourth_reminder_bears_no_fee(app: Flask) -> None:
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    fees = [remind(debtor_id, stage, on=50 - 10 * stage).fee_ore for stage in (1, 2, 3, 4)]  # type: ignore[union-attr]
    assert fees == [10_000, 10_000, 10_000, 0]
    assert charged(debtor_id)[PostingKind.REMINDER_FEE] == 30_000
    assert all_is_well()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"fee_ore": 10_001}, "fee_ore"),
        ({"fee_ore": 25_001, "claim_kind": policy.ClaimKind.PUBLIC}, "fee_ore"),
        ({"fees_per_claim": 4}, "fees_per_claim"),
        ({"days_between": 9}, "days_between"),
        ({"days_to_pay": 9}, "days_to_pay"),
        ({"claim_kind": policy.ClaimKind.PUBLIC, "has_compensation": True}, "has_compensation"),
    ],
)
def test_no_choice_goes_beyond_the_law(values: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        policy.choices(policy.Policy(**values))  # type: ignore[arg-type]
    assert refused.value.field == field


def test_public_claims_bear_their_own_fee(sqlite_app: Flask) -> None:
    choose(claim_kind=policy.ClaimKind.PUBLIC, fee_ore=25_000)
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    assert remind(debtor_id).fee_ore == 25_000  # type: ignore[union-attr]


def test_the_database_refuses_a_fee_beyond_the_cap(app: Flask) -> None:
    choose(fee_ore=10_000)
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    remind(debtor_id)
    with pytest.raises(DatabaseError, match="never change"), transaction() as session:
        session.execute(text("UPDATE dunning SET fee_ore = 1, total_ore = total_ore - fee_ore + 1"))


def test_compensation_is_due_once_for_a_claim_and_by_firms_alone(app: Flask) -> None:
    choose(has_compensation=True)
    firm, person = factories.debtor(cvr="10150817"), factories.debtor(company_name=None, name="Bo Ravn")
    firm_id, person_id = firm.id, person.id
    overdue(firm_id), overdue(firm_id), overdue(person_id)
    first = remind(firm_id, 1, on=20)
    assert first is not None
    assert first.compensation_ore == 62_000
    assert remind(person_id, 1, on=20).compensation_ore == 0  # type: ignore[union-attr]
    overdue(firm_id, issued=60)
    assert remind(firm_id, 2).compensation_ore == 0  # type: ignore[union-attr]
    assert remind(firm_id, 1).compensation_ore == 31_000  # type: ignore[union-attr]
    assert charged(firm_id)[PostingKind.COMPENSATION] == 93_000
    assert all_is_well()


def test_interest_goes_on_where_the_last_reminder_ended(app: Flask) -> None:
    choose(has_interest=True)
    _know_rates(ago(120))
    debtor_id = factories.debtor().id
    posting_id = overdue(debtor_id, 1_000_000, issued=98)
    first, second = remind(debtor_id, 1, on=40), remind(debtor_id, 2, on=5)
    assert first is not None
    assert second is not None
    lines = [(line.interest_from, line.interest_until) for line in (*first.lines, *second.lines) if line.is_claim]
    assert lines == [(ago(90), ago(40)), (ago(40), ago(5))]
    days = [interest.days_360(*stretch) for stretch in lines]  # type: ignore[arg-type]
    expected = [(2 * 1_000_000 * 1_000 * number + 3_600_000) // 7_200_000 for number in days]
    assert [first.interest_ore, second.interest_ore] == expected
    listed = {line.posting_id: line.remaining_ore for line in second.lines if not line.is_claim}
    assert listed == {first.fee_posting_id: 10_000, first.interest_posting_id: first.interest_ore}
    assert posting_id not in listed
    assert all_is_well()


def _know_rates(since: date) -> None:
    """A reference rate of 2 %, so 10 % a year, for every half-year from then to today."""
    with transaction() as session:
        session.query(ReferenceRate).delete()
        day = interest.half_year(since)
        while day <= today():
            session.add(ReferenceRate(starts_on=day, rate_bp=200))
            day = interest.next_half_year(day)


def test_a_payment_ends_interest_on_its_day_whenever_it_was_settled(app: Flask) -> None:
    choose(has_interest=True, fee_ore=0)
    _know_rates(ago(120))
    debtor_id = factories.debtor().id
    posting_id = overdue(debtor_id, 1_000_000, issued=98)
    with transaction():
        payment = ledger.record_payment(debtor_id, 999_900, paid_on=ago(90))
        settling.settle(debtor_id, [posting_id, payment.id])
    found = plan(debtor_id)
    assert found is not None
    assert found.claims_ore == 100
    assert found.interest_ore == (2 * 100 * 1_000 * interest.days_360(ago(90), today()) + 3_600_000) // 7_200_000


def test_what_was_credited_never_bore_interest(app: Flask) -> None:
    choose(has_interest=True, fee_ore=0)
    _know_rates(ago(120))
    debtor_id = factories.debtor().id
    document = factories.invoice(debtor_id, 600_000, 400_000, document_date=ago(98))
    document_id, [_kept, credited] = document.id, [line.id for line in document.lines]
    with transaction():
        note = crediting.issue(document_id, quantities={credited: 1_000}, document_date=ago(20))
        both = db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.document_id.in_([document_id, note.id])))
        settling.settle(debtor_id, both)
    found = plan(debtor_id)
    assert found is not None
    assert found.claims_ore == 600_000
    days = interest.days_360(ago(90), today())
    assert found.interest_ore == (2 * 600_000 * 1_000 * days + 3_600_000) // 7_200_000


def test_blocked_disputed_paid_and_not_due_claims_are_left_out(app: Flask) -> None:
    debtor_id = factories.debtor().id
    disputed, paid, _due = overdue(debtor_id), overdue(debtor_id), overdue(debtor_id)
    overdue(debtor_id, issued=8)
    with transaction():
        parking.park(disputed, reason="Varen var i stykker")
        payment = ledger.record_payment(debtor_id, 100_000)
        settling.settle(debtor_id, [paid, payment.id])
    found = plan(debtor_id)
    assert found is not None
    assert found.goes
    assert {one.why for one in found.left_out} == {Hindrance.DISPUTED, Hindrance.NOT_DUE}
    assert [one.debit.posting_id for one in found.claims] == [_due]
    with transaction():
        debtors.update(debtor_id, {"reminder_block": True})
    found = plan(debtor_id)
    assert found is not None
    assert found.hindrance == Hindrance.BLOCKED
    assert remind(debtor_id) is None


def test_a_released_claim_is_reminded_again(app: Flask) -> None:
    debtor_id = factories.debtor().id
    posting_id = overdue(debtor_id)
    with transaction():
        parked_id = parking.park(posting_id, reason="Uenig").id
    assert remind(debtor_id) is None
    with transaction():
        parking.release(parked_id)
    assert remind(debtor_id) is not None


def test_who_has_paid_as_much_as_is_owed_is_not_reminded(app: Flask) -> None:
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    with transaction():
        ledger.record_payment(debtor_id, 100_000)
    found = plan(debtor_id)
    assert found is not None
    assert found.hindrance == Hindrance.OWES_NOTHING
    assert found.credit_ore == 100_000
    assert remind(debtor_id) is None


def test_a_run_that_is_made_twice_reminds_once(app: Flask) -> None:
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    run = run_of(debtor_id)
    assert run_of(debtor_id).id == run.id
    for _again in range(2):
        with transaction():
            running.write(run, debtor_id)
    assert db.session.query(Dunning).count() == 1
    assert running.waiting(run) == []
    with transaction():
        other = running.write(run_of_another(debtor_id), debtor_id)
    assert other is None
    assert charged(debtor_id)[PostingKind.REMINDER_FEE] == 10_000


def run_of_another(debtor_id: int):  # type: ignore[no-untyped-def]
    return running.create(running.Terms(1, today()), [debtor_id], key="another form")


def test_cancelling_reverses_what_it_cost_and_lets_the_claim_be_reminded_anew(app: Flask) -> None:
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    dunning = remind(debtor_id, on=15)
    assert dunning is not None
    dunning_id = dunning.id
    for _again in range(2):
        with transaction():
            cancelling.cancel(dunning_id, reason="Betalt samme dag")
    assert ledger.outstanding(debtor_id) == 100_000
    assert charged(debtor_id)[PostingKind.REVERSAL] == -10_000
    again = remind(debtor_id)
    assert again is not None
    assert again.stage == 1
    assert again.earlier_ore == 0
    assert numbering.gaps("dunning") == []
    assert all_is_well()


def test_a_reminder_with_a_later_one_is_not_cancelled_first(app: Flask) -> None:
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    first, second = remind(debtor_id, 1, on=20), remind(debtor_id, 2)
    assert first is not None
    assert second is not None
    with pytest.raises(Invalid) as refused, transaction():
        cancelling.cancel(first.id, reason="Fejl")
    assert refused.value.params == {"number": second.number}


def test_due_by_the_payment_term(sqlite_app: Flask) -> None:
    choose(is_due_by_term=True)
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    assert plan(debtor_id, on=20).due_on == ago(12)  # type: ignore[union-attr]


def test_a_hundred_debtors_take_as_many_queries_as_one(app: Flask, queries) -> None:  # type: ignore[no-untyped-def]
    from gecko.operations.dunning import planning

    one, *others = [factories.debtor().id for _ in range(6)]
    for debtor_id in (one, *others):
        overdue(debtor_id)
    with queries(app) as single:
        list(planning.plans(planning.Terms(1, today()), [one]))
    with queries(app) as many:
        assert len(list(planning.plans(planning.Terms(1, today()), [one, *others]))) == 6
    assert len(many) == len(single)


def test_lines_and_papers_never_change(app: Flask) -> None:
    debtor_id = factories.debtor().id
    overdue(debtor_id)
    remind(debtor_id)
    for statement in (
        "DELETE FROM dunning",
        "UPDATE dunning_line SET remaining_ore = 1",
        "UPDATE dunning_run SET stage = 2",
    ):
        with pytest.raises(DatabaseError, match="never change"), transaction() as session:
            session.execute(text(statement))
    assert db.session.query(DunningLine).count() == 1
    assert db.session.get_one(Debtor, debtor_id).reminder_block is False
