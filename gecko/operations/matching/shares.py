"""How many pairs of one person and of one household a base holds, and how carefully it was kept: one register has few
families, another many, and a pair that may be either is judged by which is commoner here.

Estimated from the base itself without labels, starting from the shipped shares and held to them in a small base.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .candidates import Candidates
from .comparing import compare
from .frequencies import Frequencies
from .scoring import Context, Floats, joint
from .signature import Signatures, rows
from .weights import Pairs

Rows = npt.NDArray[np.intp]
MOST_PAIRS, BATCH = 200_000, 32_768
_SHAPE = 2.0
"""How firmly the shipped shares are held (shape of a gamma distribution): as if so many pairs had been seen before."""
_ROUNDS = 60


def estimate(signatures: Signatures, found: Candidates, context: Context) -> Pairs:
    """Pairs of each class per customer."""
    step = max(1, -(-len(found.pairs) // MOST_PAIRS))
    left, right = found.sample(step)
    shipped = context.weights.pairs
    parts = [part / prior for part, prior in zip(_joint(signatures, left, right, context), context.priors, strict=True)]
    pairs, customers = shipped, len(signatures)
    for _round in range(_ROUNDS):
        priors = context.weights.priors(customers, pairs)
        weighed = [part * prior for part, prior in zip(parts, priors, strict=True)]
        whole = np.sum(weighed, axis=0)
        sums = [float((part / whole).sum()) * step for part in weighed[:3]]
        now = [(total + _SHAPE) / (customers + _SHAPE / held) for total, held in zip(sums, shipped, strict=True)]
        close = np.allclose(now, pairs, rtol=0.005)
        pairs = now[0], now[1], now[2]
        if close:
            break
    return pairs


def _joint(signatures: Signatures, left: Rows, right: Rows, context: Context) -> list[Floats]:
    parts = [
        joint(compare(rows(signatures, left[at : at + BATCH]), rows(signatures, right[at : at + BATCH])), context)
        for at in range(0, max(len(left), 1), BATCH)
    ]
    return [np.concatenate(columns) for columns in zip(*parts, strict=True)]


def measured(signatures: Signatures, found: Candidates, context: Context) -> Frequencies:
    """The context's frequencies with the base's own shares."""
    return replace(context.frequencies, pairs=estimate(signatures, found, context))
