"""What people are told about pairs: the reasons in words, and from which probability on a pair counts as what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...db import db
from ...models.duplicates import DuplicatePair
from . import contexts, explaining, learned, state, store
from .found import Found, Reason, Thresholds
from .normalising import normalise
from .signature import SIZE, pack, unpack

_UNKNOWN = bytes(SIZE)


def reasons(pairs: Sequence[Found | DuplicatePair], typed: Mapping[str, Any] | None = None) -> list[list[Reason]]:
    """For each pair why it scored as it did, the strongest reason first.

    What was found when a pair was scored is explained; how frequent the values are on which both agree is read from
    their signatures as stored. typed: the values behind the id 0.
    """
    if not pairs:
        return []
    connection = db.session.connection()
    versions = state.read(connection)
    entries = store.entries(connection, {end for pair in pairs for end in (pair.a_id, pair.b_id)})
    signatures = {customer_id: signature for customer_id, _group, signature in entries.values()}
    if typed is not None:
        signatures[0] = pack(normalise(typed, learned.values(connection, versions.placeholders)))
    left, right = (
        unpack(b"".join(signatures.get(end, _UNKNOWN) for end in ends))
        for ends in zip(*((pair.a_id, pair.b_id) for pair in pairs), strict=True)
    )
    context = contexts.current(connection, versions)
    return explaining.explain(left, right, context, [pair.levels for pair in pairs])


def thresholds() -> Thresholds:
    """The probabilities in force."""
    connection = db.session.connection()
    return contexts.current(connection, state.read(connection)).weights.thresholds
