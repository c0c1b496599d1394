"""The benchmark of the balance list: both lists are of the same ledger, and equal."""

from __future__ import annotations

import json

from click.testing import CliRunner

from reports.benchmarks import ageing


def test_it_prints_both_times_of_equal_lists() -> None:
    done = CliRunner().invoke(ageing.ageing, ["--rows", "1000", "--repeat", "1", "--json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.output)
    assert result["debtors"] > 0
    assert result["product"]["cpu_s"] > 0
    assert result["peer"]["cpu_s"] > 0
