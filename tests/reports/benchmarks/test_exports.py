"""The benchmark of exports runs on both databases and tells the truth about equal work."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from reports.benchmarks import exports

FACTS = {"rows": 10, "file_mb": 1.0, "cpu_s": 1.0, "peak_mb": 100.0, "wall_s": 2.0}


def test_it_prints_ratios_of_the_same_rows() -> None:
    done = CliRunner().invoke(exports.export, ["--rows", "1000", "--repeat", "1", "--json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.output)
    assert result["product"]["rows"] == result["peer"]["rows"] == result["csv"]["rows"] == 1000
    assert set(result["ratios"]) == {"cpu_vs_pandas", "wall_vs_pandas", "memory_vs_pandas", "cpu_of_csv"}
    assert result["product"]["cpu_s"] > 0


def test_ratios_are_those_of_the_medians() -> None:
    peer = [FACTS | {"cpu_s": cost, "wall_s": 20.0, "peak_mb": 500.0} for cost in (12.0, 14.0, 99.0)]
    found = {"product": [FACTS] * 3, "peer": peer, "csv": [FACTS | {"cpu_s": 0.8}], "few": [FACTS | {"peak_mb": 97.5}]}
    made = exports.summary(found)
    assert made["ratios"] == {
        "cpu_vs_pandas": 14.0, "wall_vs_pandas": 10.0, "memory_vs_pandas": 5.0, "cpu_of_csv": 1.25,
    }  # fmt: skip
    assert made["memory_growth_mb"] == 2.5


def test_unequal_work_is_refused() -> None:
    found = {name: [FACTS] for name in exports.ORDER} | {"peer": [FACTS | {"rows": 9}]}
    with pytest.raises(click.ClickException):
        exports.summary(found)
