"""The ledger against books in plain Python: whatever is done in whatever order, both agree, and nothing is broken."""

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import text

from gecko.db import db, transaction
from gecko.operations import settling
from jobs.chaos import ledger
from jobs.chaos.ledger import ACTS
from jobs.chaos.trial import Differs
from tests import factories, invariants

NOON = "2026-11-20 12:00+01:00"
FEW = settings(max_examples=3, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))


class Ledger(RuleBasedStateMachine):
    """Two debtors, and any acts in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.trial = ledger.begin(2)

    @rule(name=st.sampled_from(sorted(ACTS)), data=st.data())
    def act(self, name, data):
        self.trial.step(name, lambda n: data.draw(st.integers(0, n - 1)))

    def teardown(self):
        self.trial.compare_all()
        assert [one.name for one in invariants.checked() if not one.is_ok] == []


@time_machine.travel(NOON)
def test_the_ledger_and_the_books_agree_whatever_is_done(app):
    run_state_machine_as_test(Ledger, settings=FEW)


@time_machine.travel(NOON)
def test_a_trial_does_everything_there_is(sqlite_app):
    found = ledger.run(150, seed=7, among=3)
    assert found.is_clean
    assert found.refused > 0
    assert set(found.done) >= set(ACTS) - {"merge"}
    assert found.settlements > 10


@time_machine.travel(NOON)
@pytest.mark.parametrize(
    "wrong",
    ["UPDATE open_posting SET remaining_ore = remaining_ore - 1", "DELETE FROM open_posting"],
)
def test_an_oere_that_is_not_as_the_books_say_ends_the_trial(sqlite_app, wrong):
    trial = ledger.begin(1)
    trial.step("invoice", lambda n: n - 1)
    with transaction() as session:
        session.execute(text(wrong))
    with pytest.raises(Differs, match="what is open"):
        trial.compare(trial.debtor_ids[0])


@time_machine.travel(NOON)
def test_what_is_done_though_the_books_forbid_it_ends_the_trial(sqlite_app):
    trial = ledger.begin(1)
    trial.step("invoice", lambda n: n - 1)
    trial.step("payment", lambda n: 0)
    trial.books.items.clear()  # as if nothing had ever been posted
    with pytest.raises(Differs):
        trial.compare(trial.debtor_ids[0])
    opened = [one.posting_id for one in settling.open_of(trial.debtor_ids[0])]
    with pytest.raises(Differs, match="cannot be"):
        trial.try_(False, lambda: settling.settle(trial.debtor_ids[0], opened).id)
    db.session.rollback()
    other = factories.debtor().id
    with pytest.raises(Differs, match="can be done"):
        trial.try_(True, lambda: settling.settle(other, opened).id)
