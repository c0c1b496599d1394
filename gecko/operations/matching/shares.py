"""How many pairs of one person and of one household a base holds, and how carefully it was kept: one register has few
families, another many, and a pair that may be either is judged by which is commoner here.

Estimated from the base itself without labels, starting from the shipped shares and held to them in a small base.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .candidates import Candidates
from .comparing import Rows, compare_rows
from .compiling import compiled
from .frequencies import Frequencies
from .likelihoods import joint
from .policy import Context, Floats, Four
from .signature import Signatures
from .threads import shared
from .weights import Pairs

Three = tuple[float, float, float]
MOST_PAIRS, BATCH = 200_000, 32_768
_SHAPE = 2.0
"""How firmly the shipped shares are held (shape of a gamma distribution): as if so many pairs had been seen before."""
_ROUNDS = 60


def estimate(signatures: Signatures, found: Candidates, context: Context) -> Pairs:
    """Pairs of each class per customer."""
    step = max(1, -(-len(found.pairs) // MOST_PAIRS))
    parts = _parts(signatures, *found.sample(step), context)
    shipped, customers = context.weights.pairs, len(signatures)
    pairs = shipped
    for _round in range(_ROUNDS):
        sums = _sums(parts, context.weights.priors(customers, pairs))
        now = [(total * step + _SHAPE) / (customers + _SHAPE / held) for total, held in zip(sums, shipped, strict=True)]
        close = np.allclose(now, pairs, rtol=0.005)
        pairs = now[0], now[1], now[2]
        if close:
            break
    return pairs


def _parts(signatures: Signatures, left: Rows, right: Rows, context: Context) -> Floats:
    """A column for each pair, a row for each class: how probable what was found is in that class."""
    starts = range(0, max(len(left), 1), BATCH)
    found = shared(
        lambda at: joint(compare_rows(signatures, left[at : at + BATCH], right[at : at + BATCH]), context), starts
    )
    return np.asarray(np.concatenate(found, axis=1) / np.array(context.priors)[:, None])


@compiled
def _sums(parts: Floats, priors: Four) -> Three:
    """How many of the pairs are of each of the first three classes, by what each probably is."""
    careful, careless, household = 0.0, 0.0, 0.0
    for pair in range(parts.shape[1]):
        one, two, three = parts[0, pair] * priors[0], parts[1, pair] * priors[1], parts[2, pair] * priors[2]
        whole = one + two + three + parts[3, pair] * priors[3]
        careful, careless, household = careful + one / whole, careless + two / whole, household + three / whole
    return careful, careless, household


def measured(signatures: Signatures, found: Candidates, context: Context) -> Frequencies:
    """The context's frequencies with the base's own shares."""
    return replace(context.frequencies, pairs=estimate(signatures, found, context))
