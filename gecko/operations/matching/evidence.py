"""A digest of everything that was compared: it changes only if the evidence does.

Before its point stands the version of the signatures: digests of different versions cannot be compared.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .signature import SIZE, VERSION, Signatures

_FACTORS = np.random.default_rng(20_260_101).integers(
    1 << 62, 1 << 63, (2, 2 * SIZE // 8), dtype=np.uint64
) | np.uint64(1)
_BYTES = 14
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def digests(left: Signatures, right: Signatures) -> list[str]:
    """A digest for each pair, 28 digits behind the version; the customer with the lower id stands left."""
    words = [np.ascontiguousarray(side).view(np.uint64).reshape(len(side), SIZE // 8) for side in (left, right)]
    mixed = np.stack([_mixed(words, factors) for factors in _FACTORS], axis=1)
    data = np.ascontiguousarray(mixed.view(np.uint8)[:, :_BYTES])
    text = _HEX[np.stack((data >> 4, data & 15), axis=2)].reshape(len(data), 2 * _BYTES)
    return [f"{VERSION}.{row.decode()}" for row in text.view(f"S{2 * _BYTES}").ravel().tolist()]


def _mixed(words: list[npt.NDArray[np.uint64]], factors: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """All words of both sides in one: each is multiplied, folded and added in its place."""
    mixed = np.zeros(len(words[0]), dtype=np.uint64)
    for word, factor in zip(np.concatenate(words, axis=1).T, factors, strict=True):
        mixed = (mixed ^ word) * factor
        mixed ^= mixed >> np.uint64(29)
    return mixed


def is_comparable(one: str, other: str) -> bool:
    """Whether two digests were made alike, so that a difference says that the evidence is another."""
    return one.rpartition(".")[0] == other.rpartition(".")[0]
