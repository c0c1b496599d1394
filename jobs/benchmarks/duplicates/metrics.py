"""How good found pairs are, the truth being known: precision, recall, lanes, clusters, blocking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
KINDS = ("same_person", "household", "strangers")
"""What two records of a pair may be."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Found pairs by the places of their records, with the probability that both are one person, and their lanes."""

    a: Ints
    b: Ints
    probability: NDArray[np.float64]
    lane: NDArray[np.str_]

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, float, str]]) -> Pairs:
        """From rows of (place, place, probability, lane)."""
        columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
        return cls(
            np.array(columns[0], np.int64), np.array(columns[1], np.int64), np.array(columns[2], np.float64),
            np.array(columns[3], np.str_),
        )  # fmt: skip

    def where(self, chosen: NDArray[np.bool_]) -> Pairs:
        """The chosen ones."""
        return Pairs(self.a[chosen], self.b[chosen], self.probability[chosen], self.lane[chosen])

    def __len__(self) -> int:
        return len(self.a)


def pairs_within(groups: Ints) -> int:
    """How many pairs have the same group."""
    counts = np.unique(groups, return_counts=True)[1].astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())


def _rates(correct: int, found: int, there: int) -> dict[str, float]:
    precision, recall = correct / max(found, 1), correct / max(there, 1)
    f1 = 2 * correct / max(found + there, 1)
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def components(records: int, a: Ints, b: Ints) -> Ints:
    """The cluster of each record, by the lowest place in it, when the pairs join records."""
    found = np.arange(records, dtype=np.int64)
    while len(a):
        lower = np.minimum(found[a], found[b])
        if (found[a] == lower).all() and (found[b] == lower).all():
            break
        for ends in (a, b):
            np.minimum.at(found, found[ends], lower)
        found = found[found]
    return found


def clusters(a: Ints, b: Ints) -> int:
    """How many clusters pairs make, by whatever numbers their records go."""
    ids, places = np.unique(np.concatenate((a, b)), return_inverse=True)
    return len(np.unique(components(len(ids), places[: len(a)], places[len(a) :])))


def quality(pairs: Pairs, entity: Ints) -> dict[str, float]:
    """Precision, recall and F1 of the pairs."""
    correct = int((entity[pairs.a] == entity[pairs.b]).sum())
    return {"pairs": len(pairs), **_rates(correct, len(pairs), pairs_within(entity))}


def closure(pairs: Pairs, entity: Ints) -> dict[str, float]:
    """The same, when whoever hangs together counts as one person; and clusters in which people are mixed."""
    cluster = components(len(entity), pairs.a, pairs.b)
    both = np.unique(np.stack((cluster, entity)), axis=1, return_counts=True)[1].astype(np.int64)
    correct = int((both * (both - 1) // 2).sum())
    sizes = np.unique(cluster, return_counts=True)[1]
    several = np.flatnonzero(np.bincount(cluster, minlength=len(entity)) > 1)
    first = np.zeros(len(entity), np.int64)
    first[cluster[::-1]] = entity[::-1]
    impure = np.unique(cluster[first[cluster] != entity])
    return {
        **_rates(correct, pairs_within(cluster), pairs_within(entity)),
        "clusters": len(several),
        "impure": len(impure),
        "impure_share": round(len(impure) / max(len(several), 1), 5),
        "largest": int(sizes.max(initial=0)),
    }


def by_lane(pairs: Pairs, entity: Ints, household: Ints) -> dict[str, dict[str, float]]:
    """Of each lane: how many pairs, and which share is one person, one household, strangers."""
    same = entity[pairs.a] == entity[pairs.b]
    home = (household[pairs.a] == household[pairs.b]) & ~same
    found = {}
    for lane in sorted(set(pairs.lane.tolist())):
        here = pairs.lane == lane
        count = int(here.sum())
        shares = (round(float(kind[here].mean()), 4) for kind in (same, home, ~same & ~home))
        found[lane] = {"pairs": count, **dict(zip(KINDS, shares, strict=True))}
    return found


def household_share(pairs: Pairs, entity: Ints, household: Ints) -> float:
    """Of the found pairs that are two people of one household, the share that stands in the household lane."""
    home = (household[pairs.a] == household[pairs.b]) & (entity[pairs.a] != entity[pairs.b])
    return round(float((pairs.lane[home] == "household").mean()), 4) if home.any() else 1.0


def judged(pairs: Pairs, threshold: float, entity: Ints, household: Ints) -> dict[str, Any]:
    """Everything about the pairs of a scan, at the threshold in force."""
    shown = pairs.where(pairs.probability >= threshold)
    sure = pairs.where(pairs.lane == "sure")
    wrong = entity[shown.a] != entity[shown.b]
    return {
        "true_pairs": pairs_within(entity),
        **quality(shown, entity),
        "wrong_within_household": round(
            float((household[shown.a] == household[shown.b])[wrong].mean()) if wrong.any() else 0.0, 4
        ),
        "sure": quality(sure, entity),
        "lanes": by_lane(pairs, entity, household),
        "household_share": household_share(pairs, entity, household),
        "closure": closure(shown, entity),
        "closure_sure": closure(sure, entity),
    }


def blocking(a: Ints, b: Ints, entity: Ints) -> dict[str, float]:
    """How many of the true pairs were compared at all, and at what cost."""
    correct = int((entity[a] == entity[b]).sum())
    return {
        "candidates": len(a),
        "candidates_per_customer": round(len(a) / max(len(entity), 1), 2),
        "recall": round(correct / max(pairs_within(entity), 1), 4),
    }
