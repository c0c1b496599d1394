"""Placeholders are learned and take effect; weights are kept only if they are better."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from gecko.db import db, transaction
from gecko.models.matching import MatchModel, MatchPlaceholder, PlaceholderState
from gecko.operations import matching
from gecko.operations.matching import contexts, learning, scans, state, training, verifying, weights
from gecko.operations.matching.training import Trained
from jobs import registry
from jobs.matching import learn
from tests import factories
from tests.gecko.operations.matching.bases import fill


def shared_values() -> None:
    fill(120)
    with transaction() as session:
        session.execute(text("UPDATE customer SET mobile = '+4570101010' WHERE id <= 60"))
        session.execute(text("UPDATE customer SET email = 'f.aelles@huset.dk' WHERE id BETWEEN 61 AND 112"))
        session.execute(text("UPDATE customer SET birth_date = '1985-05-05' WHERE id <= 70"))


def test_values_of_many_unrelated_customers_are_learned(app):
    shared_values()
    found = {(one.kind, one.value): len(one.customer_ids) for one in learning.learn_placeholders()}
    assert found == {
        ("phone", "70101010"): 60, ("email", "f.aelles@huset.dk"): 52, ("birth_date", "1985-05-05"): 70,
    }  # fmt: skip
    scans.mend()
    assert verifying.verify().wrong == []
    typed = {"name": "Xaver Quist", "mobile": "70 10 10 10", "email": "f.aelles@huset.dk"}
    newcomer = factories.customer(**typed, birth_date=None).id
    assert matching.check(newcomer) == []
    assert learning.learn_placeholders() == []


def test_what_staff_rejected_stays_a_value(sqlite_app):
    shared_values()
    learning.learn_placeholders()
    with transaction() as session:
        for row in session.scalars(select(MatchPlaceholder).where(MatchPlaceholder.kind == "phone")):
            row.state = PlaceholderState.REJECTED
        state.raise_version(session.connection(), "placeholders")
    scans.mend()
    assert verifying.verify().wrong == []
    assert learning.learn_placeholders() == []


def test_a_value_of_one_family_is_none(sqlite_app):
    factories.customers([f"Ida{n} Ravnsborg" for n in range(60)], mobile="+4570101010")
    assert learning.learn_placeholders() == []


@pytest.mark.parametrize(("likelihood", "is_accepted"), [(-9.0, True), (-10.01, False)])
def test_weights_are_put_in_force_only_if_they_are_better(app, monkeypatch, likelihood, is_accepted):
    fill(30)
    trained = Trained(weights.shipped(), likelihood, -10.0)
    monkeypatch.setattr(training, "train", lambda *_arguments: trained)
    assert learning.reestimate() is trained
    row = db.session.scalars(select(MatchModel)).one()
    assert (row.version, row.customers, row.is_accepted) == (2, 30, is_accepted)
    connection = db.session.connection()
    assert state.read(connection).model == (2 if is_accepted else 0)
    assert contexts.current(connection, state.read(connection)).weights.version == (2 if is_accepted else 1)


def test_a_small_base_keeps_the_shipped_weights(sqlite_app):
    fill(30)
    assert learning.reestimate() is None
    assert not learning.is_due()


def test_the_nightly_upkeep_verifies_and_learns(sqlite_app):
    shared_values()
    with transaction() as session:
        session.execute(text("DELETE FROM match_signature WHERE customer_id = 115"))

    class Told:
        def progress(self, *_arguments, **_more):
            return None

    assert registry.get("matching.learn").run is learn
    result = learn(Told())
    assert (result["customers"], result["wrong"], result["placeholders"]) == (120, 1, 3)
    scans.mend()
    assert verifying.verify().wrong == []
