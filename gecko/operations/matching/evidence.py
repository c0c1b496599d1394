"""A digest of everything that was compared: it changes only if the evidence does."""

from __future__ import annotations

from hashlib import blake2b

from .signature import VERSION, Signatures


def digests(left: Signatures, right: Signatures) -> list[str]:
    """A digest for each pair; the customer with the lower id stands left."""
    salt = VERSION.to_bytes(4, "big")
    return [
        blake2b(one.tobytes() + other.tobytes(), digest_size=16, key=salt).hexdigest()
        for one, other in zip(left, right, strict=True)
    ]
