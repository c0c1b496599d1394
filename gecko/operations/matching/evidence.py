"""A digest of everything that was compared: it changes only if the evidence does.

Before its point stands the version of the signatures: digests of different versions cannot be compared.
"""

from __future__ import annotations

import numpy as np

from .arrays import Numbers
from .compiling import compiled_with_arrays
from .signature import SIZE, VERSION, Signatures, readable

_FACTORS = np.random.default_rng(20_260_101).integers(
    1 << 62, 1 << 63, (2, 2 * SIZE // 8), dtype=np.uint64
) | np.uint64(1)
_BYTES = 14
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def digests(left: Signatures, right: Signatures) -> list[str]:
    """A digest for each pair, 28 digits behind the version; the customer with the lower id stands left."""
    mixed = _mixed(_words(left), _words(right), _FACTORS)
    data = np.ascontiguousarray(mixed.view(np.uint8)[:, :_BYTES])
    text = _HEX[np.stack((data >> 4, data & 15), axis=2)].reshape(len(data), 2 * _BYTES)
    return [f"{VERSION}.{row.decode()}" for row in text.view(f"S{2 * _BYTES}").ravel().tolist()]


def _words(signatures: Signatures) -> Numbers:
    return readable(signatures).view(np.uint64).reshape(len(signatures), SIZE // 8)


@compiled_with_arrays
def _mixed(left: Numbers, right: Numbers, factors: Numbers) -> Numbers:
    """All words of both sides in two numbers: each is multiplied, folded and added in its place."""
    found = np.zeros((len(left), len(factors)), dtype=np.uint64)
    width = left.shape[1]
    for pair in range(len(left)):
        for number in range(len(factors)):
            mixed = np.uint64(0)
            for word in range(width):
                mixed = (mixed ^ left[pair, word]) * factors[number, word]
                mixed ^= mixed >> np.uint64(29)
            for word in range(width):
                mixed = (mixed ^ right[pair, word]) * factors[number, width + word]
                mixed ^= mixed >> np.uint64(29)
            found[pair, number] = mixed
    return found


def is_comparable(one: str, other: str) -> bool:
    """Whether two digests were made alike, so that a difference says that the evidence is another."""
    return one.rpartition(".")[0] == other.rpartition(".")[0]
