"""Many issue at once and a fifth goes down in the middle: numbers without gap or double, and nobody told wrong."""

from gecko.db import transaction
from gecko.models.documents import Series
from gecko.operations import numbering
from jobs.chaos import issuing


def test_numbers_have_no_gap_whoever_is_killed(app):
    found = issuing.run(app, invoices=60, writers=4, kills=2)
    assert found.is_clean, found
    assert found.broken > 2
    assert found.killed > 2
    assert found.struck == 2


def test_the_trial_sees_a_gap_and_a_number_that_is_not_so(sqlite_app, monkeypatch):
    with transaction():
        numbering.move_forward(Series.INVOICE, 3)
    told = issuing.Notes.told
    monkeypatch.setattr(issuing.Notes, "told", lambda notes: dict.fromkeys(told(notes), "1"))
    found = issuing.run(sqlite_app, invoices=10, writers=2, kills=0)
    assert found.missing > 0
    assert found.untrue > 0
    assert not found.is_clean
