"""A whole base compared with itself, in bounded memory: candidates by shared keys, then the one scoring policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ...models.duplicates import Lane
from .candidates import Candidates, candidates
from .evidence import digests
from .found import Found
from .frequencies import count
from .policy import Context
from .scoring import LANES, Scores, score_rows
from .shares import measured
from .signature import Signatures, rows
from .similarity import Similarities

BATCH = 1 << 17
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
    similarities = Similarities()
    for start in range(0, len(wanted.pairs), BATCH):
        left, right = wanted.rows(start, start + BATCH)
        yield kept(left, right, score_rows(signatures, left, right, context, similarities))


def kept(left: npt.NDArray[np.intp], right: npt.NDArray[np.intp], scores: Scores) -> Batch:
    """Only the pairs that have a lane."""
    at = np.flatnonzero(scores.lane)
    levels, probability, household, odds, lane = scores
    return Batch(left[at], right[at], Scores(levels[at], probability[at], household[at], odds[at], lane[at]))


class FoundPairs(Sequence[Found]):
    """A batch as the matcher answers, by customers' ids (the lower first); each pair is told in words only when it is
    asked for.

    a_ids, b_ids: arrays. scores: see scoring.
    """

    def __init__(self, ids: npt.NDArray[np.int64], signatures: Signatures, batch: Batch, model: int) -> None:
        one, other = ids[batch.left], ids[batch.right]
        turned = one > other
        self.a_ids, self.b_ids = np.minimum(one, other), np.maximum(one, other)
        self.scores = batch.scores
        self._left, self._right = (
            rows(signatures, np.where(turned, *sides))
            for sides in ((batch.right, batch.left), (batch.left, batch.right))
        )
        self._model = model

    def __len__(self) -> int:
        return len(self.a_ids)

    @overload
    def __getitem__(self, at: int) -> Found: ...
    @overload
    def __getitem__(self, at: slice) -> list[Found]: ...
    def __getitem__(self, at: int | slice) -> Found | list[Found]:
        return self._found[at]

    def __iter__(self) -> Iterator[Found]:
        return iter(self._found)

    @cached_property
    def _found(self) -> list[Found]:
        levels, probability, household, odds, lane = self.scores
        columns = zip(
            self.a_ids.tolist(), self.b_ids.tolist(), probability.tolist(), household.tolist(), odds.tolist(),
            [LANES[number] or Lane.SAME_NAME for number in lane.tolist()], level_texts(levels),
            digests(self._left, self._right), [self._model] * len(self), strict=True,
        )  # fmt: skip
        return [Found(*row) for row in columns]


def level_texts(levels: npt.NDArray[np.uint8]) -> list[str]:
    """A row of levels as text, a character for each comparator."""
    text = np.ascontiguousarray(_DIGITS[levels])
    return [row.decode() for row in text.view(f"S{levels.shape[1]}").ravel().tolist()]
