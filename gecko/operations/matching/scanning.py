"""A whole base compared with itself, in bounded memory: candidates by shared keys, then the one scoring policy.

Most candidates cannot reach any lane whatever their names are; they are left out by a bound on their score, which is
the score itself with the best that unread names could be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...models.duplicates import Lane
from .candidates import Candidates, candidates
from .evidence import digests
from .found import Found
from .frequencies import count
from .scoring import LANES, Context, Scores, score
from .shares import measured
from .signature import Signatures, rows

BATCH = 32_768
_DIGITS = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


@dataclass(frozen=True)
class Batch:
    """Scored pairs by their rows in the base; only those that have a lane."""

    left: npt.NDArray[np.intp]
    right: npt.NDArray[np.intp]
    scores: Scores


def context_of(signatures: Signatures, context: Context, found: Candidates | None = None) -> Context:
    """The context that scores of a base rest on: its frequencies, and how many duplicates and families it holds."""
    counted = Context(context.weights, count(signatures))
    return Context(counted.weights, measured(signatures, found or candidates(signatures), counted))


def scan(
    signatures: Signatures, context: Context, found: Candidates, chosen: npt.NDArray[Any] | None = None
) -> Iterator[Batch]:
    """Scored pairs in the order of their rows. chosen: one flag per candidate pair, where not all are wanted."""
    wanted = found if chosen is None else Candidates(found.pairs[chosen], found.dropped)
    for start in range(0, len(wanted.pairs), BATCH):
        left, right = wanted.rows(start, start + BATCH)
        yield kept(left, right, score(rows(signatures, left), rows(signatures, right), context))


def kept(left: npt.NDArray[np.intp], right: npt.NDArray[np.intp], scores: Scores) -> Batch:
    """Only the pairs that have a lane."""
    at = np.flatnonzero(scores.lane)
    levels, probability, household, odds, lane = scores
    return Batch(left[at], right[at], Scores(levels[at], probability[at], household[at], odds[at], lane[at]))


def found_pairs(ids: npt.NDArray[np.int64], signatures: Signatures, batch: Batch, model: int) -> list[Found]:
    """A batch as the matcher answers, by customers' ids (the lower first)."""
    scores, one, other = batch.scores, ids[batch.left], ids[batch.right]
    left, right = np.where(one < other, batch.left, batch.right), np.where(one < other, batch.right, batch.left)
    columns = zip(
        np.minimum(one, other).tolist(), np.maximum(one, other).tolist(),
        scores.probability.tolist(), scores.household.tolist(), scores.score.tolist(),
        [LANES[lane] or Lane.SAME_NAME for lane in scores.lane.tolist()], level_texts(scores.levels),
        digests(rows(signatures, left), rows(signatures, right)), [model] * len(left), strict=True,
    )  # fmt: skip
    return [Found(*row) for row in columns]


def level_texts(levels: npt.NDArray[np.uint8]) -> list[str]:
    """A row of levels as text, a character for each comparator."""
    text = np.ascontiguousarray(_DIGITS[levels])
    return [row.decode() for row in text.view(f"S{levels.shape[1]}").ravel().tolist()]
