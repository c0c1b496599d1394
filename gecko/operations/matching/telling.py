"""What people are told about pairs: the reasons in words, and from which probability on a pair counts as what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...db import db
from ...models.duplicates import DuplicatePair
from . import checks, contexts, explaining, state, store
from .checks import Answer, Groups
from .found import Found, Reason, Thresholds
from .signature import SIZE, unpack
from .state import State
from .store import Entry

_UNKNOWN = bytes(SIZE)


def reasons(pairs: Sequence[Found | DuplicatePair]) -> list[list[Reason]]:
    """For each pair why it scored as it did, the strongest reason first.

    What was found when a pair was scored is explained; how frequent the values are on which both agree is read from
    their signatures as stored.
    """
    if not pairs:
        return []
    connection = db.session.connection()
    known = store.entries(connection, {end for pair in pairs for end in (pair.a_id, pair.b_id)})
    return _explained(pairs, known, state.read(connection))


def check_with_reasons(customer_id: int, *, groups: Groups = None) -> list[tuple[Found, list[Reason]]] | None:
    """See `check`; each pair with its reasons. None for a customer who is not there, deleted or out of sight."""
    answer = checks.answer(customer_id, groups=groups)
    return _with_reasons(answer) if customer_id in answer.known else None


def check_values_with_reasons(values: Mapping[str, Any], *, groups: Groups = None) -> list[tuple[Found, list[Reason]]]:
    """See `check_values`; each pair with its reasons."""
    return _with_reasons(checks.answer_values(values, groups=groups))


def _with_reasons(answer: Answer) -> list[tuple[Found, list[Reason]]]:
    return list(zip(answer.found, _explained(answer.found, answer.known, answer.versions), strict=True))


def _explained(
    pairs: Sequence[Found | DuplicatePair], known: Mapping[int, Entry], versions: State
) -> list[list[Reason]]:
    if not pairs:
        return []
    signatures = {customer_id: entry[2] for customer_id, entry in known.items()}
    left, right = (
        unpack(b"".join(signatures.get(end, _UNKNOWN) for end in ends))
        for ends in zip(*((pair.a_id, pair.b_id) for pair in pairs), strict=True)
    )
    context = contexts.current(db.session.connection(), versions)
    return explaining.explain(left, right, context, [pair.levels for pair in pairs])


def thresholds() -> Thresholds:
    """The probabilities in force."""
    connection = db.session.connection()
    return contexts.current(connection, state.read(connection)).weights.thresholds
