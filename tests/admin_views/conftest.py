"""Pages are watched by coverage while they run on SQLite; how both databases are asked is watched on both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.watching import unwatched

KNOW_THE_DATABASE = ("test_grid", "test_searching", "test_customers", "test_checking", "test_large_numbers")
"""The tests of the pages whose own code asks SQLite and PostgreSQL in different words."""


@pytest.fixture(autouse=True)
def _watched_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """The same test on the second database goes through the same page."""
    case = getattr(request.node, "callspec", None)
    is_second = case is not None and case.params.get("app") == "postgresql"
    if is_second:
        request.getfixturevalue("postgres_template")  # made once for all tests, and watched
    with unwatched(is_second and not request.path.name.startswith(KNOW_THE_DATABASE)):
        yield
