"""Nightly work for the search for duplicates: what is stored is verified, and the base is learned from."""

from __future__ import annotations

from typing import Any

from gecko.language import _
from gecko.operations.matching import filling, learning, verifying

from .registry import job
from .work import Work


@job("matching.learn", label=_("Upkeep of the search for duplicates"))
def learn(work: Work) -> dict[str, Any]:
    """Verify every customer's signature, find placeholders, and estimate weights where the base has grown enough.

    What is wrong, and who has a new placeholder, is marked: the scan of what changed makes it anew.
    """
    if filling.is_needed():
        return {}  # the scan makes everything anyhow
    done = verifying.verify(progress=lambda count: work.progress(count, message=_("Comparing with what is stored")))
    verifying.mark(done.wrong)
    found = learning.learn_placeholders()
    trained = learning.reestimate() if learning.is_due() else None
    return {
        "customers": done.customers,
        "wrong": len(done.wrong),
        "placeholders": len(found),
        "model": trained.weights.version if trained and trained.is_better else None,
    }
