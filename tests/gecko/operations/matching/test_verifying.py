"""What is stored of customers is compared with what their rows give: faults are found and mended."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from gecko.db import _WRITING, db, transaction
from gecko.operations.matching import scans, verifying
from tests import invariants
from tests.gecko.operations.matching.bases import fill

FAULTS = {
    "an old signature": "UPDATE match_signature SET signature = (SELECT signature FROM match_signature"
                        " WHERE customer_id = 8) WHERE customer_id = 7",
    "no signature": "DELETE FROM match_signature WHERE customer_id = 7",
    "another group": "UPDATE match_signature SET group_id = 99 WHERE customer_id = 7",
    "a key lost": "DELETE FROM match_key WHERE customer_id = 7 AND key ="
                  " (SELECT min(key) FROM match_key WHERE customer_id = 7)",
    "a signature of nobody": "INSERT INTO match_signature SELECT 7777, group_id, signature FROM match_signature"
                             " WHERE customer_id = 7",
}  # fmt: skip


def plant(statement: str) -> None:
    db.session.rollback()
    with db.engine.connect().execution_options(**{_WRITING: True}) as connection, connection.begin():
        connection.execute(text(statement))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_mended(app, fault):
    fill(40)
    assert verifying.verify().wrong == []
    plant(FAULTS[fault])
    assert verifying.verify().wrong == [7777 if "nobody" in fault else 7]
    check = next(one for one in invariants.checked() if one.name == "duplicates")
    assert not check.is_ok
    verifying.mark(verifying.verify().wrong)
    assert scans.mend() == 1
    assert verifying.verify().wrong == []


def test_what_is_marked_is_no_fault(app):
    fill(20)
    plant("UPDATE customer SET name = 'Somebody Else' WHERE id = 3")
    done = verifying.verify()
    assert (done.customers, done.wrong) == (19, [])


def test_a_sample_is_spread_over_the_base(sqlite_app, monkeypatch):
    monkeypatch.setattr(verifying, "AT_ONCE", 5)
    fill(60)
    told: list[int] = []
    assert verifying.verify(sample=20, progress=told.append).customers == 20
    assert told == [5, 10, 15, 20]
    with transaction() as session:
        session.execute(text("DELETE FROM match_signature WHERE customer_id BETWEEN 46 AND 50"))
    assert verifying.verify(sample=20).wrong == [46, 47, 48, 49, 50]
