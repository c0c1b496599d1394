"""How many pairs of one person and of one household a base holds: a register of patients has few families at one
number, a club has many, and a pair that may be either is judged by which is commoner here.

Estimated from the base itself without labels, starting from the shipped shares and held to them in a small base.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .candidates import Candidates
from .comparing import compare
from .frequencies import Frequencies
from .scoring import Context, joint
from .signature import Signatures

MOST_PAIRS = 200_000
_HELD = 500
"""So many customers with the shipped shares are thought to be in the base beside its own."""
_ROUNDS = 25


def estimate(signatures: Signatures, found: Candidates, context: Context) -> tuple[float, float]:
    """Pairs of one person, and of one household, per customer."""
    step = max(1, -(-len(found.pairs) // MOST_PAIRS))
    left, right = found.sample(step)
    person, household, strangers = joint(compare(signatures[left], signatures[right]), context)
    start = context.priors
    person, household, strangers = person / start[0], household / start[1], strangers / start[2]
    customers, shipped = len(signatures), context.weights.pairs
    pairs = shipped
    for _round in range(_ROUNDS):
        priors = context.weights.priors(customers, pairs)
        parts = person * priors[0], household * priors[1]
        whole = parts[0] + parts[1] + strangers * priors[2]
        sums = [float((part / whole).sum()) * step for part in parts]
        now = tuple((total + held * _HELD) / (customers + _HELD) for total, held in zip(sums, shipped, strict=True))
        if np.allclose(now, pairs, rtol=0.005):
            break
        pairs = now[0], now[1]
    return pairs


def measured(signatures: Signatures, found: Candidates, context: Context) -> Frequencies:
    """The context's frequencies with the base's own shares."""
    return replace(context.frequencies, pairs=estimate(signatures, found, context))
