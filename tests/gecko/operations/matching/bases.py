"""Bases of customers for the tests of the matcher's database part."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from gecko.db import transaction
from gecko.models.customers import Customer
from gecko.operations.matching import Found
from jobs.benchmarks.duplicates import base
from tests import factories

Pairs = dict[tuple[int, int], Found]


def fill(count: int, **values: Any) -> None:
    """A made-up base with duplicates and families in it, the n-th record with the id n + 1."""
    group_id = factories.primary_group().id
    rows = [dict(zip(base.FIELDS, record, strict=False)) for record in base.generate(count).records]
    with transaction() as session:
        session.execute(insert(Customer), [{"group_id": group_id, **row, **values} for row in rows])


def by_pair(found: Any) -> Pairs:
    """Pairs by their ids."""
    return {(one.a_id, one.b_id): one for one in found}


def flat(batches: Any) -> list[Found]:
    """All pairs of a scan."""
    return [one for batch in batches for one in batch]
