"""The matcher: which customers may be the same person, and why.

The pure part knows no database:

* `normalising.normalise(values, learned)` reads a customer's raw values into a Profile, `signature.pack(profile)` makes
  its 96 bytes (`signature.VERSION` says by which layout), `keys.of(signature)` its blocking keys as (kind, key) pairs.
  `normalising.FIELDS` names the fields whose change calls for it.
* Customers that share a key are candidates, unless more than the kind's cap share it: `keys.KINDS[kind].cap`; what is
  skipped is counted.
* `scoring.score_rows(signatures, left, right, context)` compares rows of `signature.DTYPE` and gives levels,
  probabilities and lanes; pairs with lane 0 are not shown. Every path ends there, in code that is compiled.
  `signature.unpack(bytes)` makes such rows; no words, mailboxes or other texts are looked up.
* A `policy.Context` is weights and `frequencies.Frequencies`. `scanning.context_of(signatures, context)` measures the
  base, and `contexts` stores what it measured: every path has the same.
* `candidates.candidates(signatures)` are the pairs of a whole base, `scanning.scan` scores them in batches and
  `scanning.FoundPairs` makes a batch into Found; `operations.duplicates.clusters` makes cases of them.
* `explaining.explain(left, right, context)` says why, for many pairs at a time.

The rest keeps, reads and compares what is stored:

* `keeping` (with `patching`) writes signatures and keys in the transaction that changes a customer, `filling` those of
  a base without any (a large one with `helping`), `store` and `copying` know the tables, `marks` what changed, `state`
  and `contexts` what every process keeps in memory of them.
* `check` and `check_values` look one customer up, `scan` and `scan_changed` many; all give the same pairs and scores.
"""

from __future__ import annotations

from .checks import check, check_values
from .found import Found, Reason, Thresholds
from .keeping import keep
from .scans import Batch, clear, scan, scan_changed
from .telling import check_values_with_reasons, check_with_reasons, reasons, thresholds

__all__ = [
    "Batch",
    "Found",
    "Reason",
    "Thresholds",
    "check",
    "check_values",
    "check_values_with_reasons",
    "check_with_reasons",
    "clear",
    "keep",
    "reasons",
    "scan",
    "scan_changed",
    "thresholds",
]
