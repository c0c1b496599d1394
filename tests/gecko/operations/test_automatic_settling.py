"""Automatic settlement: which debtors, how much of each, the same beforehand and when it is done, and once."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from gecko.clock import now, today
from gecko.db import db, transaction
from gecko.models.debtors import Debtor
from gecko.models.postings import DebtorPosting
from gecko.models.settlements import SettlementMethod
from gecko.operations import automatic_settling as automatic
from gecko.operations import ledger, settling
from gecko.operations.automatic_settling import Choice
from gecko.operations.settling import Open
from tests import factories, invariants


def debtor(*amounts, **values):
    """A debtor with these postings, one a day."""
    debtor_id = factories.debtor(**values).id
    first = today() - timedelta(days=len(amounts))
    rows = [
        {"debtor_id": debtor_id, "kind": "payout" if ore > 0 else "payment", "amount_ore": ore, "text": str(n),
         "posted_on": first + timedelta(days=n)}
        for n, ore in enumerate(amounts)
    ]  # fmt: skip
    if rows:
        with transaction() as session:
            session.execute(insert(DebtorPosting), rows)
    return debtor_id


def found(**choice):
    db.session.rollback()
    return set(db.session.scalars(automatic.candidates(Choice(**choice))))


def settle(debtor_id, **choice):
    """How much each step settled."""
    sums = []
    while True:
        with transaction():
            made = automatic.settle(debtor_id, Choice(**choice))
            if made is None:
                return sums
            assert made.method == SettlementMethod.AUTOMATIC
            sums.append(sum(line.amount_ore for line in made.lines))


def left(debtor_id):
    return [one.remaining_ore for one in settling.open_of(debtor_id)]


def test_only_debtors_with_both_sides_are_found(app):
    both, zero, equal = debtor(500, -300), debtor(500, -200, -300), debtor(900, 500, -500)
    debtor(500), debtor(-500), debtor()
    gone = debtor(500, -500)
    with transaction() as session:
        session.get(Debtor, gone).deleted_at = now()
    assert found() == {both, zero, equal}
    assert found(only_zero=True) == {zero}
    assert found(only_equal=True) == {equal}
    assert found(only_zero=True, only_equal=True) == set()


def test_from_and_to_are_numbers_and_both_included(app):
    ids = {number: debtor(5, -5, number=number) for number in ("9", "10", "11", "100")}
    assert found(low="10", high="11") == {ids["10"], ids["11"]}
    assert found(low="11") == {ids["11"], ids["100"]}
    assert found(high="10") == {ids["9"], ids["10"]}


def test_pressed_twice_it_settles_once(app):
    debtor_id = debtor(500, 400, -600)
    assert settle(debtor_id) == [600]
    assert left(debtor_id) == [300]
    assert settle(debtor_id) == []
    assert found() == set()
    assert ledger.outstanding(debtor_id) == 300
    assert [one.name for one in invariants.checked() if not one.is_ok] == []


def test_several_equal_pairs_are_settled_and_nothing_else(app):
    debtor_id = debtor(500, 500, 500, 700, -500, -500, -650)
    plan = automatic.planned([debtor_id], Choice(only_equal=True))[debtor_id]
    assert [(one.debit.falls_on < one.credit.falls_on, one.amount_ore) for one in plan] == [(True, 500)] * 2
    assert settle(debtor_id, only_equal=True) == [1_000]
    assert sorted(left(debtor_id)) == [-650, 500, 700]
    assert settle(debtor_id, only_equal=True) == []


def test_who_owes_something_by_now_is_left_alone_where_only_zero_is_wanted(app):
    debtor_id = debtor(500, -500)
    plan = automatic.planned([debtor_id], Choice(only_zero=True))
    assert sum(one.amount_ore for one in plan[debtor_id]) == 500
    factories.invoice(debtor_id, 100)
    assert settle(debtor_id, only_zero=True) == []
    assert settle(debtor_id, only_zero=True, only_equal=True) == []
    assert settle(debtor_id) == [500]


@pytest.mark.parametrize("only_equal", [False, True])
def test_a_large_account_is_settled_step_by_step(app, monkeypatch, only_equal):
    monkeypatch.setattr(automatic, "STEP", 3)
    debtor_id = debtor(*[100, -100] * 7, 250)
    expected = sum(one.amount_ore for one in automatic.planned([debtor_id], Choice())[debtor_id])
    sums = settle(debtor_id, only_equal=only_equal)
    assert sums == [300, 300, 100]
    assert sum(sums) == expected
    assert left(debtor_id) == [250]


AMOUNTS = st.lists(st.integers(-5, 5).filter(bool), max_size=14)


@given(amounts=AMOUNTS, step=st.integers(1, 4))
def test_steps_come_to_what_was_planned(amounts, step):
    """The first postings of each side, matched, are the beginning of what all come to; pure, without a database."""
    day = today()
    postings = {n: Open(n, ore, day, day + timedelta(days=n)) for n, ore in enumerate(amounts)}
    whole = settling.match(list(postings.values()))
    taken = []
    while True:
        sides = ([one for one in postings.values() if one.remaining_ore > 0],
                 [one for one in postings.values() if one.remaining_ore < 0])  # fmt: skip
        matches = settling.match([one for side in sides for one in side[:step]])
        if not matches:
            break
        for one, (part, sign) in product(matches, (("debit", -1), ("credit", 1))):
            posting = postings[getattr(one, part).posting_id]
            postings[posting.posting_id] = Open(
                posting.posting_id, posting.remaining_ore + sign * one.amount_ore, day, posting.falls_on
            )
        taken += [(one.debit.posting_id, one.credit.posting_id, one.amount_ore) for one in matches]
    merged: dict[tuple[int, int], int] = {}
    for debit, credit, ore in taken:
        merged[debit, credit] = merged.get((debit, credit), 0) + ore
    assert merged == {(one.debit.posting_id, one.credit.posting_id): one.amount_ore for one in whole}
