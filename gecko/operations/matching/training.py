"""Weights of a base's own, estimated without labels: expectation maximisation over the classes of `weights`.

The pairs are all candidates of the base. Nearly every pair of one person and of one household is among them, so their
levels can be counted there; how strangers agree is counted on pairs drawn at random, because strangers that share a key
are no fair sample. The weights in force stand in for so many pairs of each class, so that a small base changes little.
How careless records look is general knowledge and not learned: left free, that class takes up whatever else stands out.
What was learned is kept only if it makes pairs that it has not seen likelier.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .candidates import Candidates
from .comparing import Compared, compare_rows
from .levels import COMPARATORS, Email
from .likelihoods import joint
from .policy import Context, Floats
from .signature import Signatures
from .weights import Table, Weights, is_frequent

LEAST_CUSTOMERS = 20_000
"""Smaller bases hold too few duplicates to learn from."""

MOST_PAIRS, RANDOM_PAIRS = 300_000, 400_000
_HELD = 150.0
"""So many pairs of each class are thought to be as the weights in force say."""
_ROUNDS, _HELD_OUT, _SEED = 30, 5, 20_260_101
_LEAST_GAIN = 0.05
"""Bits a pair; less is chance, and not worth scores that change under the reviewers' hands."""
Tables = dict[str, Table]
_ALIKE = (Email.SAME, Email.DOTS, Email.LOCAL, Email.ALIKE, Email.OTHER)
_OTHER_NAME = (
    Email.SAME_OTHER_NAME, Email.LOCAL_OTHER_NAME, Email.ALIKE_OTHER_NAME, Email.OTHER_OTHER_NAME,
)  # fmt: skip


@dataclass(frozen=True)
class Trained:
    """What training came to. likelihood, likelihood_before: mean log-likelihood of held-out pairs, in bits."""

    weights: Weights
    likelihood: float
    likelihood_before: float

    @property
    def is_better(self) -> bool:
        """Whether pairs that were not trained on are clearly likelier than before."""
        return self.likelihood > self.likelihood_before + _LEAST_GAIN


def train(signatures: Signatures, found: Candidates, context: Context, version: int) -> Trained | None:
    """Weights estimated from a base, under the version they would have; None where it is too small."""
    if len(signatures) < LEAST_CUSTOMERS or not len(found.pairs):
        return None
    step = max(1, -(-len(found.pairs) // MOST_PAIRS))
    left, right = found.sample(step)
    held_out = np.arange(len(left)) % _HELD_OUT == 0
    seen = compare_rows(signatures, left[~held_out], right[~held_out])
    unseen = compare_rows(signatures, left[held_out], right[held_out])
    scale = step * _HELD_OUT / (_HELD_OUT - 1)
    learned = replace(_with_strangers(signatures, context), version=version)
    start = replace(context, weights=learned)
    for _round in range(_ROUNDS):
        start = _round_of(seen, start, context.weights, scale)
    return Trained(
        replace(start.weights, pairs=context.weights.pairs), _likelihood(unseen, start), _likelihood(unseen, context)
    )


def _likelihood(compared: Compared, context: Context) -> float:
    """The mean log-likelihood of what was found, in bits."""
    return float(np.log2(np.sum(joint(compared, context), axis=0)).mean())


def _round_of(compared: Compared, context: Context, held: Weights, scale: float) -> Context:
    """One round: whose pairs they probably are under `context`, and what levels those pairs then have."""
    parts = joint(compared, context)
    whole = np.sum(parts, axis=0)
    shares = [part / whole for part in parts[:3]]
    person, household = (
        {name: _counted(name, compared, share * scale, getattr(held, group)[name], context) for name in COMPARATORS}
        for group, share in (("person", shares[0]), ("household", shares[2]))
    )
    weights = replace(context.weights, person=person, household=household)
    customers = context.frequencies.customers
    pairs = [
        (float(share.sum()) * scale + before * 100) / (customers + 100)
        for share, before in zip(shares, held.pairs, strict=True)
    ]
    return Context(weights, replace(context.frequencies, pairs=(pairs[0], pairs[1], pairs[2])))


def _counted(name: str, compared: Compared, share: Floats, before: Table, context: Context) -> Table:
    """The distribution of levels among pairs that belong to a class by these shares."""
    levels = compared.levels[:, list(COMPARATORS).index(name)]
    counts = np.bincount(levels, weights=share, minlength=len(before)).astype(np.float64)
    return _distribution(name, counts, before)


def _distribution(name: str, counts: Floats, before: Table) -> Table:
    """Counts as probabilities, with `_HELD` pairs as before; mailboxes are counted apart by whether names are alike."""
    found = before.copy()
    groups = (_ALIKE, _OTHER_NAME) if name == "email" else (range(1, len(before)),)
    for group in groups:
        at = np.array(list(group))
        prior = before[at] / before[at].sum()
        found[at] = (counts[at] + _HELD * prior) / (counts[at].sum() + _HELD)
    return found


def _with_strangers(signatures: Signatures, context: Context) -> Weights:
    """The weights with the levels of strangers as pairs drawn at random have them.

    Only levels that do not go by frequency and that names do not bear on; others stay as they are.
    """
    chance = np.random.default_rng(_SEED)
    left, right = (chance.integers(0, len(signatures), RANDOM_PAIRS) for _side in range(2))
    apart = left != right
    compared = compare_rows(signatures, left[apart], right[apart])
    strangers = {
        name: context.weights.strangers[name] if name == "email" else _strangers(name, compared, context)
        for name in COMPARATORS
    }
    return replace(context.weights, strangers=strangers)


def _strangers(name: str, compared: Compared, context: Context) -> Table:
    before = context.weights.strangers[name]
    levels = compared.levels[:, list(COMPARATORS).index(name)]
    counts = np.bincount(levels, minlength=len(before)).astype(np.float64)
    known = counts[1:].sum()
    if known < 1_000:
        return before
    free = ~is_frequent(name)
    free[0] = False
    found = before.copy()
    held = min(known, 20_000.0)
    found[free] = (counts[free] + held * before[free]) / (known + held)
    return found
