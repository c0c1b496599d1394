"""Keys go into PostgreSQL by COPY, which knows no "unless it is there"."""

from __future__ import annotations

import numpy as np
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.matching import MatchKey
from gecko.operations.matching import copying, store

KEYS, CUSTOMERS = np.array([1, 2, (1 << 62) + 1]), np.array([7, 1 << 40, 9])


def stored() -> list[tuple[int, int]]:
    rows = db.session.execute(select(MatchKey.key, MatchKey.customer_id).order_by(MatchKey.key)).all()
    return [tuple(row) for row in rows]


def test_what_is_copied_stands_as_it_was_given(postgres_app):
    with transaction() as session:
        assert copying.copy_keys(session.connection(), KEYS, CUSTOMERS)
    assert stored() == list(zip(KEYS.tolist(), CUSTOMERS.tolist(), strict=True))


def test_a_key_that_is_there_spoils_neither_the_others_nor_the_transaction(postgres_app):
    with transaction() as session:
        session.add(MatchKey(key=2, customer_id=1 << 40))
        session.flush()
        assert not copying.copy_keys(session.connection(), KEYS, CUSTOMERS)
        assert session.scalar(select(func.count()).select_from(MatchKey)) == 1
        store.add_keys(session.connection(), KEYS, CUSTOMERS)
    assert stored() == list(zip(KEYS.tolist(), CUSTOMERS.tolist(), strict=True))
