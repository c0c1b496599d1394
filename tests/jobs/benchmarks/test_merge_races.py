"""Merges and undos race with everything that is filed meanwhile: nothing is left behind, nothing is lost."""

import json

import pytest
from click.testing import CliRunner

from jobs.benchmarks import merge_races


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_no_race_leaves_an_orphan(dialect):
    result = CliRunner().invoke(merge_races.merge_races, ["--races", "54", "--db", dialect, "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["orphans"], found["errors"], found["problems"]) == (0, [], [])
    assert found["outcomes"]["merge: done"] == 36
    assert found["outcomes"]["undo: done"] == 18
    assert sum(found["outcomes"].values()) == 108
