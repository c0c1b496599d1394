"""The bars of the check: the endpoint has one, the page behind it has none."""

import pytest

from admin_views.benchmarks.duplicate_check.judging import missed


def figures(**p99):
    both = lambda value: {"random": {"p99_ms": value}, "biggest_blocks": {"p99_ms": value}}  # noqa: E731
    return {what: both(p99.get(what, 1.0)) for what in ("engine", "endpoint", "page", "typing")}


def report(database="sqlite", **p99):
    return {
        "rows": 1_000_000, "database": database, "fill_seconds": 30, "writing": {"overhead_p50_ms": 0.1},
        "quality": {"recall": 0.96, "false_alarms_per_100": 0.5},
        "agreement": {"check_differs": 0, "changed_differs": 0}, **figures(**p99),
    }  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_endpoint_has_a_bar_on_both_databases_worst_blocks_included(database):
    assert missed(report(database, endpoint=9.9, page=50.0)) == []
    assert missed(report(database, endpoint=10.1)) == [
        "endpoint p99 of random: 10.1, not 10.0", "endpoint p99 of biggest_blocks: 10.1, not 10.0",
    ]  # fmt: skip
    assert len(missed(report(database, typing=11.0))) == 2


def test_the_engine_has_its_bar_on_sqlite():
    assert len(missed(report(engine=2.1))) == 2
    assert missed(report("postgresql", engine=2.1)) == []
