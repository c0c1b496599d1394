"""A small round of `gecko chaos tampering`: every way to change a sealed row is found, and named."""

import random

from gecko.operations import checking
from gecko.operations.checking import seal
from jobs.chaos import tampering


def test_every_row_that_is_tampered_with_is_found(app):
    tampering.trade(invoices=12)
    reckoning = tampering.run(14, dice=random.Random(7))
    assert reckoning.missed == []
    assert (reckoning.tampered, reckoning.found) == (14, 14)
    assert len(reckoning.kinds) >= 6
    assert reckoning.is_clean


def test_what_nobody_finds_is_reckoned_as_missed(sqlite_app, monkeypatch):
    tampering.trade(invoices=12)
    monkeypatch.setattr(seal, "chain", lambda: checking.Check("seal", True, {}))
    reckoning = tampering.run(2, dice=random.Random(7))
    assert (reckoning.found, len(reckoning.missed)) == (0, 2)
    assert not reckoning.is_clean
