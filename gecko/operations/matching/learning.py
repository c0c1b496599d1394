"""What a base teaches the matcher without anybody's labels: its placeholders, and weights of its own where it is large.

Both read the whole index outside transactions and write in short ones, so neither may be called inside one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, insert, select

from ...db import db, transaction
from ...models.matching import MatchModel, MatchPlaceholder
from . import candidates, contexts, keeping, loading, scanning, state, training, verifying, weights
from .keys import CAPS
from .loading import Base
from .training import Trained

LEAST_SURNAMES = 6
_DAYS_AS_USUAL = 20
_GROWTH = 1.2
_MODEL: Any = MatchModel.__table__
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Shared:
    """A value that many customers share, as the list of placeholders writes it."""

    kind: str
    value: str
    customer_ids: list[int]
    surnames: int


def learn_placeholders() -> list[Shared]:
    """Put values that many customers of many last names share on the list; what staff judged stays as they said.

    The customers who have them are marked, so that the next scan makes their signatures anew.
    """
    base = loading.load(db.session.connection())
    found = list(_shared(base))
    known = {tuple(row) for row in db.session.execute(select(MatchPlaceholder.kind, MatchPlaceholder.value))}
    db.session.rollback()
    fresh = [one for one in found if (one.kind, one.value) not in known]
    if not fresh:
        return []
    with transaction() as session:
        session.add_all(
            MatchPlaceholder(kind=one.kind, value=one.value, customers=len(one.customer_ids), surnames=one.surnames)
            for one in fresh
        )
        state.raise_version(session.connection(), "placeholders")
    for one in fresh:
        verifying.mark(one.customer_ids)
    return fresh


def _shared(base: Base) -> Iterator[Shared]:
    """Values over the cap of their key: above it they find nobody, so nothing is lost if they stand for none."""
    rows = base.signatures
    days = np.unique(rows["birth"][rows["birth"] != 0], return_counts=True)[1]
    usual = int(np.median(days)) * _DAYS_AS_USUAL if len(days) else 0
    limits = {"email": CAPS["email"], "phone": CAPS["phone"], "birth_date": max(CAPS["birth_name"], usual)}
    columns = {"email": ("email",), "phone": ("mobile", "telephone"), "birth_date": ("birth",)}
    for kind, names in columns.items():
        values = np.concatenate([rows[name] for name in names])
        many, counts = np.unique(values[values != 0], return_counts=True)
        for value in many[counts > limits[kind]].tolist():
            bearers = np.unique(np.flatnonzero(values == value) % max(len(rows), 1))
            surnames = np.unique(rows["last_sound"][bearers] >> np.uint32(5))
            if len(surnames) >= LEAST_SURNAMES:
                ids = base.ids[bearers].tolist()
                yield Shared(kind, _text(kind, value, ids[0]), ids, len(surnames))


def _text(kind: str, value: int, bearer: int) -> str:
    if kind == "email":
        return keeping.profile(db.session.connection(), bearer).email
    if kind == "phone":
        return str(value)
    return date(value // 10_000, value // 100 % 100, value % 100).isoformat()


def is_due() -> bool:
    """Whether a base is large enough for weights of its own, and a fifth larger than when they were last estimated."""
    customers = state.read(db.session.connection()).customers
    last = db.session.scalar(select(func.max(MatchModel.customers)).where(MatchModel.likelihood != 0)) or 0
    return customers >= training.LEAST_CUSTOMERS and customers >= last * _GROWTH


def reestimate() -> Trained | None:
    """Estimate weights from the whole base and store them; they are put in force only if held-out pairs got likelier.

    None where the base is too small. A change of weights calls for a scan of the whole base.
    """
    connection = db.session.connection()
    base, versions = loading.load(connection), state.read(connection)
    possible = candidates.candidates(base.signatures)
    context = scanning.context_of(base.signatures, contexts.current(connection, versions), possible)
    newest = db.session.scalar(select(func.max(_MODEL.c.version))) or 0
    db.session.rollback()
    version = max(newest, weights.SHIPPED_VERSION) + 1
    trained = training.train(base.signatures, possible, context, version)
    if trained is None:
        return None
    with transaction() as session:
        connection = session.connection()
        is_accepted = trained.is_better and state.read(connection).model == versions.model
        connection.execute(
            insert(_MODEL).values(
                version=version, content=weights.content(trained.weights), customers=len(base.ids),
                likelihood=trained.likelihood, likelihood_before=trained.likelihood_before, is_accepted=is_accepted,
            )
        )  # fmt: skip
        if is_accepted:
            state.set_to(connection, "model", version)
    return trained
