"""The import benchmark measures the same work on both sides."""

from __future__ import annotations

import json

import pytest
from click import ClickException
from click.testing import CliRunner

from jobs.benchmarks import imports


def test_the_benchmark_compares_equal_work():
    result = CliRunner().invoke(imports.import_, ["--rows", "1000", "--repeat", "1", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert {found[name]["rows"] for name in imports.ORDER} == {1000}
    assert found["ratios"]["write_vs_orm"] > 1
    assert found["product"]["rows_per_s"] > 0


def test_unequal_work_is_no_comparison():
    runs = {name: [{"rows": 1, "wall_s": 1.0, "cpu_s": 1.0}] for name in imports.ORDER}
    assert imports.summary(runs)["ratios"]["write_vs_orm"] == 1.0
    runs["peer"][0]["rows"] = 2
    with pytest.raises(ClickException, match="same rows"):
        imports.summary(runs)


def test_the_file_is_the_same_for_the_same_rows(tmp_path):
    imports.make_file(tmp_path / "a", 50)
    imports.make_file(tmp_path / "b", 50)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert len((tmp_path / "a").read_text().splitlines()) == 51
