"""One customer against all others, at once: its keys are looked up, whoever shares one is scored.

Keys, caps, frequencies and scores are those of the scans, so that the answers are, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy.engine import Connection

from ...db import db
from . import contexts, keeping, keys, learned, neighbours, scanning, scoring, state
from .found import Found
from .neighbours import Holders
from .normalising import normalise
from .policy import Context
from .signature import pack, unpack
from .state import State
from .store import Entry

Groups = Collection[int] | None


class Answer(NamedTuple):
    """Pairs, best first, and what they were scored by: the entries of their customers, and the versions in force."""

    found: list[Found]
    known: Mapping[int, Entry]
    versions: State


def check(customer_id: int, *, groups: Groups = None) -> list[Found]:
    """The customers that may be this one, or live with it, best first; none for one that is deleted or out of sight.

    groups: the customer groups of a limited user.
    """
    return answer(customer_id, groups=groups).found


def answer(customer_id: int, *, groups: Groups = None) -> Answer:
    """The same with what it rests on."""
    connection = db.session.connection()
    versions, entry = state.read_with(connection, customer_id)
    own = [entry] if entry is not None else keeping.as_of_now(connection, [customer_id])
    if not own or (groups is not None and own[0][1] not in groups):
        return Answer([], {}, versions)
    return _answer(connection, own[0], versions, groups)


def answer_values(values: Mapping[str, Any], *, groups: Groups = None) -> Answer:
    """See `check_values`."""
    connection = db.session.connection()
    versions = state.read(connection)
    signature = pack(normalise(values, learned.values(connection, versions.placeholders)))
    return _answer(connection, (0, 0, signature), versions, groups)


def check_values(values: Mapping[str, Any], *, groups: Groups = None) -> list[Found]:
    """The customers that somebody with these values may be (fields of Customer, as typed); `a_id` is 0, best first."""
    return answer_values(values, groups=groups).found


def _answer(connection: Connection, own: Entry, versions: State, groups: Groups) -> Answer:
    found, known = _compared(connection, [own], versions, groups)
    found.sort(key=lambda one: (-one.probability, -one.household, one.a_id, one.b_id))
    return Answer(found, known, versions)


def compare(connection: Connection, own: Sequence[Entry], versions: State, groups: Groups = None) -> list[Found]:
    """These customers with everybody that shares a key with them, each pair once, in the order of ids."""
    return _compared(connection, own, versions, groups)[0]


def _compared(
    connection: Connection, own: Sequence[Entry], versions: State, groups: Groups
) -> tuple[list[Found], Mapping[int, Entry]]:
    """The same with the entries of their customers."""
    mine = {entry[0]: entry for entry in own}
    caps = keys.caps(versions.customers)
    asked = [[(key, caps[kind]) for kind, key in keys.of(signature)] for _id, _group, signature in own]
    around = neighbours.of(connection, asked)
    pairs = _pairs(own, around.holders, caps)
    known = around.entries | mine
    chosen = sorted(
        (a, b) for a, b in pairs
        if a in known and b in known and (groups is None or _is_visible(known[a], known[b], groups))
    )  # fmt: skip
    return scored(chosen, known, contexts.current(connection, versions)) if chosen else [], known


def scored(pairs: Sequence[tuple[int, int]], known: Mapping[int, Entry], context: Context) -> list[Found]:
    """Pairs of known entries, scored; those that have a lane, in their order."""
    ids = np.array(sorted({end for pair in pairs for end in pair}), dtype=np.int64)
    signatures = unpack(b"".join(known[one][2] for one in ids.tolist()))
    left, right = np.searchsorted(ids, np.array(pairs, dtype=np.int64).T)
    scores = scoring.score_rows(signatures, left, right, context)
    if not scores.lane.any():  # mostly nobody is worth showing, and telling nothing takes as long as telling something
        return []
    batch = scanning.kept(left, right, scores)
    return list(scanning.FoundPairs(ids, signatures, batch, context.weights.version))


def _is_visible(a: Entry, b: Entry, groups: Collection[int]) -> bool:
    """Whether both are in these groups; somebody who is not stored yet is in none, and asks for the others."""
    return all(entry[1] in groups or entry[0] == 0 for entry in (a, b))


def _pairs(own: Sequence[Entry], holders: Sequence[Holders], caps: Sequence[int]) -> set[tuple[int, int]]:
    """The pairs of ids that share a key whose block is not over its cap, the lower id first."""
    pairs: set[tuple[int, int]] = set()
    for (customer_id, _group, _signature), held in zip(own, holders, strict=True):
        for key, customer_ids in held.items():
            others = [other for other in customer_ids if other != customer_id]
            if len(others) < caps[keys.kind_of(key)]:
                pairs |= {(customer_id, other) if customer_id < other else (other, customer_id) for other in others}
    return pairs
