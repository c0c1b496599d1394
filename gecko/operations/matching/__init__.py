"""The matcher: which customers may be the same person, and why.

The pure part knows no database:

* `normalising.normalise(values, learned)` reads a customer's raw values into a Profile, `signature.pack(profile)` makes
  its 96 bytes (`signature.VERSION` says by which layout), `keys.of(signature)` its blocking keys as (kind, key) pairs.
  `normalising.FIELDS` names the fields whose change calls for it.
* Customers that share a key are candidates, unless more than the kind's cap share it: `keys.KINDS[kind].cap`; what is
  skipped is counted.
* `scoring.score(left, right, context)` compares rows of `signature.DTYPE` and gives levels, probabilities and lanes;
  pairs with lane 0 are not shown. Every path ends there. `signature.unpack(bytes)` makes such rows; no words, mailboxes
  or other texts are looked up.
* A `scoring.Context` is weights and `frequencies.Frequencies`. `scanning.context_of(signatures, context)` measures the
  base; `Frequencies.rows` are what is stored, and `of_rows` reads them: every path has the same.
* `candidates.candidates(signatures)` are the pairs of a whole base, `scanning.scan` scores them in batches and
  `scanning.found_pairs` makes a batch into Found. `clusters.clusters` parts what must not hang together.
* `explaining.explain(left, right, context)` says why.
"""

from __future__ import annotations

from .found import Found, Reason, Thresholds

__all__ = ["Found", "Reason", "Thresholds"]
