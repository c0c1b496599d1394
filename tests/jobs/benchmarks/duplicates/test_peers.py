"""What Splink is given, and where it is looked for."""

import csv
import stat
import sys

import click
import pytest

from gecko.operations.matching import keys, normalising
from jobs.benchmarks.duplicates import peers


def profiles(*people):
    return [normalising.normalise(person) for person in people]


ANNE = {"name": "Anne Jensen", "email": "anne.jensen@gmail.com", "mobile": "20304050", "telephone": "86121314"}


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keys_of(row, kind):
    return [key for key in row["keys"].split() if keys.KINDS[keys.kind_of(int(key))].name == kind]


def test_peers_get_normalised_values_and_shared_keys_only(tmp_path):
    again = ANNE | {"mobile": "86 12 13 14", "telephone": "+45 20304050"}
    peers.write(tmp_path, profiles(ANNE, again, {"name": "Bo Dam", "mobile": "51525354"}))
    first, second, third = rows_of(tmp_path / peers.TABLE)
    assert (first["first"], first["last"], first["mailbox"]) == ("anne", "jensen", "annejensen")
    assert len(keys_of(first, "email")) == 1
    assert len(keys_of(first, "phone")) == 2
    assert first["keys"] == second["keys"]  # the numbers stand in each other's field
    assert (third["mobile"], third["keys"]) == ("51525354", "")  # nobody shares one


def test_keys_over_their_cap_are_left_out(tmp_path):
    cap = next(kind.cap for kind in keys.KINDS if kind.name == "email")
    for count, is_used in ((cap, True), (cap + 1, False)):
        peers.write(tmp_path, profiles(*[ANNE] * count))
        assert all(bool(keys_of(row, "email")) == is_used for row in rows_of(tmp_path / peers.TABLE))


def python_that(folder, answers):
    made = folder / "python"
    made.write_text(f"#!/bin/sh\nexit {0 if answers else 1}\n")
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return made


def test_a_named_python_with_splink_is_taken(tmp_path, monkeypatch):
    named = python_that(tmp_path, answers=True)
    monkeypatch.setenv("GECKO_BENCH_PYTHON", str(named))
    assert peers.interpreter() == named


def test_a_named_python_without_splink_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("GECKO_BENCH_PYTHON", str(python_that(tmp_path, answers=False)))
    with pytest.raises(click.ClickException, match="does not have Splink 5"):
        peers.interpreter()


def test_without_splink_and_index_the_command_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("GECKO_BENCH_PYTHON", raising=False)
    monkeypatch.setattr(sys, "executable", str(python_that(tmp_path, answers=False)))
    monkeypatch.setattr(peers, "ROOT", tmp_path)
    with pytest.raises(click.ClickException, match="gecko-customers\\[bench\\]"):
        peers.interpreter()
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "environment.py").touch()
    with pytest.raises(click.ClickException, match="no Python package index can be reached"):
        peers.interpreter()
