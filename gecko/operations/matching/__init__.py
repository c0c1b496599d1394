"""The matcher: which customers may be the same person, and why.

The pure part knows no database:

* `normalising.normalise(values, learned)` reads a customer's raw values into a Profile, `signature.pack(profile)` makes
  its 96 bytes (`signature.VERSION` says by which layout), `keys.of(signature)` its blocking keys as (kind, key) pairs.
  `normalising.FIELDS` names the fields whose change calls for it.
* Customers that share a key are candidates, unless more than the kind's cap share it: `keys.KINDS[kind].cap`; what is
  skipped is counted.
* `scoring.score(left, right, context)` compares rows of `signature.DTYPE` and gives levels, probabilities and lanes.
  Every path ends there, with the same context (weights, and how frequent values are).
* `scanning.scan(ids, signatures, context)` does both for a whole base, in batches.
"""

from __future__ import annotations

from .found import Found, Reason, Thresholds

__all__ = ["Found", "Reason", "Thresholds"]
