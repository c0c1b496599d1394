"""Comparing customers anew, at once, where a decision or a merge needs what is true now."""

from __future__ import annotations

from collections.abc import Collection

from ...db import db
from ...models.duplicates import DuplicatePair
from .. import matching
from . import recording


def update_evidence(pairs: Collection[DuplicatePair]) -> None:
    """Give pairs the scores and evidence of this moment: a decision is about what was seen, not the last scan."""
    found = {(one.a_id, one.b_id): one for end in {pair.a_id for pair in pairs} for one in matching.check(end)}
    for pair in pairs:
        one = found.get((pair.a_id, pair.b_id))
        if one is not None:
            for name, value in recording.scores(one).items():
                setattr(pair, name, value)


def check(customer_id: int) -> recording.Recorded:
    """Compare one customer with all others now, as it stands in the running transaction, and store what comes of it."""
    matching.keep(db.session(), [customer_id])
    return recording.record(matching.check(customer_id), checked=[customer_id])
