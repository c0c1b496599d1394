"""The command line tells what is wrong with an installation in one sentence."""

import pytest
from click.testing import CliRunner

from app import cli


@pytest.fixture
def instance(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GECKO_INSTANCE", str(tmp_path / "instance"))
    return tmp_path / "instance"


@pytest.mark.parametrize("arguments", [["check"], ["export", "debtor-postings", "--out", "x.xlsx"]])
def test_without_a_schema_it_says_what_to_run(instance, arguments):
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 1
    assert done.output == "Error: The database has no schema yet, or an old one: run `gecko db upgrade`.\n"


def test_keys_that_others_can_read_are_named(instance):
    instance.mkdir()
    (instance / "secret.json").write_text("{}")
    (instance / "secret.json").chmod(0o644)
    done = CliRunner().invoke(cli, ["check"])
    assert done.exit_code == 1
    assert done.output.endswith("secret.json can be read by others; set its mode to 0600.\n")
    assert done.output.count("\n") == 1


def test_a_server_that_is_away_is_told(instance, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"postgresql://gecko@/gecko?host={tmp_path}")
    done = CliRunner().invoke(cli, ["check"])
    assert done.exit_code == 1
    assert done.output.startswith("Error: The database does not answer: ")
