"""What scores rest on in this base, as stored and for every path: the weights in force, how frequent values are."""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from ...models.matching import MatchFrequency, MatchModel
from . import state, weights
from .frequencies import Frequencies
from .levels import Frequency
from .policy import Context
from .state import State
from .weights import Weights

_FREQUENCY: Any = MatchFrequency.__table__
_MODEL: Any = MatchModel.__table__


def current(connection: Connection, versions: State) -> Context:
    """The context of these versions, from memory where it was read before."""
    wanted = (versions.model, versions.frequencies, versions.customers)
    return state.remembered(connection, "context", wanted, lambda connection: _load(connection, versions))


def _load(connection: Connection, versions: State) -> Context:
    return Context(weights_of(connection, versions.model), _frequencies(connection, versions.customers))


def weights_of(connection: Connection, version: int) -> Weights:
    """The weights of a version; the shipped ones where none of this base's own was put in force."""
    content = connection.scalar(select(_MODEL.c.content).where(_MODEL.c.version == version))
    return weights.read(content, version) if content else weights.shipped()


def _frequencies(connection: Connection, customers: int) -> Frequencies:
    tables, pairs = {}, None
    for kind, bearers in connection.execute(select(_FREQUENCY.c.kind, _FREQUENCY.c.bearers)):
        if kind == Frequency.NONE:
            pairs = tuple(np.frombuffer(bearers, dtype="<f8").tolist())
        else:
            values, counts = np.split(np.frombuffer(bearers, dtype="<u8"), 2)
            tables[Frequency(kind)] = values, counts.astype(np.int64)
    return Frequencies(customers, tables, pairs)


def store_frequencies(connection: Connection, counted: Frequencies) -> None:
    """Put counts in force for every path."""
    rows = [
        {"kind": int(kind), "bearers": np.concatenate((values, counts.astype(np.uint64))).astype("<u8").tobytes()}
        for kind, (values, counts) in sorted(counted.tables.items())
    ]
    if counted.pairs is not None:
        rows.append({"kind": int(Frequency.NONE), "bearers": np.array(counted.pairs, dtype="<f8").tobytes()})
    connection.execute(delete(_FREQUENCY))
    if rows:
        connection.execute(insert(_FREQUENCY), rows)
    state.set_to(connection, "customers", counted.customers)
    state.raise_version(connection, "frequencies")
