"""The whole command on a tiny base, with a peer that only pretends."""

import json
import stat
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from jobs.benchmarks.duplicates import command

PEER = """
import csv, json, sys
import numpy as np
folder, style = sys.argv[1:3]
rows = list(csv.DictReader(open(f"{folder}/customers.csv", encoding="utf-8")))
by = {}
for row in rows:
    if row["email"]:
        by.setdefault(row["email"], []).append(int(row["unique_id"]))
pairs = [(a, b) for one in by.values() for a in one for b in one if a < b]
a, b = np.array(pairs).T
np.savez(f"{folder}/{style}.npz", a=a, b=b, probability=np.full(len(a), 0.97))
cost = {"wall_s": 2.0, "cpu_s": 3.0}
print(json.dumps({"training": cost, "predict": cost, "cluster": cost, "peak_mb": 1000.0, "wall_s": 4.0, "cpu_s": 6.0}))
"""
MAPPING = """
kind = "customers"
group = "FEBRL"
skip_initial_space = true
[columns]
number = "rec_id"
name = ["given_name", "surname"]
address = ["street_number", "address_1"]
city = "suburb"
postal_code = "postcode"
birth_date = "date_of_birth"
[format]
birth_date = "%Y%m%d"
"""
HEADER = "rec_id, given_name, surname, street_number, address_1, suburb, postcode, date_of_birth\n"
ORIGINALS = """rec-1-org, michaela, neumann, 8, stanley street, winston hills, 4223, 19151111
rec-2-org, courtney, painter, 12, pinkerton circuit, richlands, 4560, 19161214
rec-3-org, charles, green, 38, salkauskas crescent, dapto, 4566, 19480930
"""
DUPLICATES = """rec-2-dup-0, courtny, painter, 12, pinkerton circuit, richlands, 4560, 19161214
rec-1-dup-0, michaela, neuman, 8, stanley street, winston hills, 4223, 19151111
rec-3-dup-0, charles, green, 38, salkauskas crescnet, dapto, 4566, 19480930
"""


@pytest.fixture
def febrl(tmp_path: Path) -> Path:
    (tmp_path / "febrl.toml").write_text(MAPPING)
    (tmp_path / "febrl4a.csv").write_text(HEADER + ORIGINALS)
    (tmp_path / "febrl4b.csv").write_text(HEADER + DUPLICATES)
    return tmp_path


@pytest.fixture
def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that says it has Splink, and finds who has the same mailbox."""
    (tmp_path / "peer.py").write_text(PEER)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exit 0\nshift 2\nexec {sys.executable} {tmp_path}/peer.py "$@"\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("GECKO_BENCH_PYTHON", str(python))


def test_a_tiny_base_beside_a_peer(febrl, peer):
    asked = ["--rows", "400", "--rounds", "1", "--peer", "splink", "--febrl", str(febrl), "--json"]
    done = CliRunner().invoke(command.duplicates, asked)
    report = json.loads(done.stdout)
    assert done.exit_code == (0 if report["passed"] else 1), done.output
    assert report["passed"] == (not report["missed"])
    found = report["product"]
    assert found["quality"]["true_pairs"] > 40
    assert found["quality"]["recall"] > 0.8
    assert found["quality"]["precision"] > 0.9
    assert 0 < found["without_load_s"] < found["wall_s"]
    assert found["blocking"]["recall"] > 0.9
    assert found["clusters"] >= found["quality"]["closure_sure"]["clusters"] > 20
    assert report["same_keys"]["quality"]["precision"] < 1
    assert report["ratios"]["tutorial"]["memory"] == pytest.approx(found["peak_mb"] / 1000, abs=0.001)
    assert report["febrl"]["quality"]["f1"] == 1.0
    assert report["febrl"]["customers"] == 6


def test_a_failing_step_says_why(tmp_path):
    with pytest.raises(click.ClickException, match=r"febrl failed(.|\n)*febrl\.toml"):
        command.step("febrl", f"sqlite:///{tmp_path}/bench.db", tmp_path, str(tmp_path))
