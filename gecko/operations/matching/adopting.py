"""Putting other thresholds in force: a new version of the weights that differs in nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import func, insert, select

from ...db import db
from ...models.matching import MatchModel
from . import contexts, state, weights

_MODEL: Any = MatchModel.__table__


def adopt(*, sure: float, probable: float) -> int:
    """Write the weights in force anew with these thresholds, and put them in force; returns the version."""
    connection = db.session.connection()
    now = state.read(connection)
    current = contexts.weights_of(connection, now.model)
    limits = replace(current.thresholds, sure=sure, probable=probable)
    before = connection.execute(select(_MODEL).where(_MODEL.c.version == now.model)).mappings().first()
    newest = connection.scalar(select(func.max(_MODEL.c.version))) or weights.SHIPPED_VERSION
    version = max(newest, weights.SHIPPED_VERSION) + 1
    likelihood = before["likelihood"] if before else 0.0
    connection.execute(
        insert(_MODEL).values(
            version=version, content=weights.content(replace(current, thresholds=limits)), customers=now.customers,
            likelihood=likelihood, likelihood_before=likelihood, is_accepted=True,
        )
    )  # fmt: skip
    state.set_to(connection, "model", version)
    return version
