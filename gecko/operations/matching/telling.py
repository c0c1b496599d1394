"""What people are told about pairs: the reasons in words, and from which probability on a pair counts as what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...db import db
from ...models.customers import Customer
from . import contexts, explaining, learned, state
from .found import Reason, Thresholds
from .normalising import FIELDS, normalise
from .signature import pack, unpack

Person = Customer | Mapping[str, Any]


def reasons(levels: str, a: Person, b: Person) -> list[Reason]:
    """Why a pair scored as it did, the strongest reason first.

    levels: what was found when the pair was scored. a, b: the customers, or values as typed; they say how frequent the
    values are on which both agree.
    """
    connection = db.session.connection()
    versions = state.read(connection)
    values = learned.values(connection, versions.placeholders)
    left, right = (unpack(pack(normalise(_values(person), values))) for person in (a, b))
    return explaining.explain(left, right, contexts.current(connection, versions), levels)


def _values(person: Person) -> Mapping[str, Any]:
    return person if isinstance(person, Mapping) else {name: getattr(person, name) for name in FIELDS}


def thresholds() -> Thresholds:
    """The probabilities in force."""
    connection = db.session.connection()
    return contexts.current(connection, state.read(connection)).weights.thresholds
