"""The command line tells what is wrong with an installation in one sentence."""

from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo

from app import cli
from jobs.commands.administrators import administrator
from tests import factories


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


def test_the_first_administrators_link_until_there_is_one(sqlite_app):
    def ask():
        info = ScriptInfo(create_app=lambda: sqlite_app)
        return CliRunner().invoke(administrator, ["--url", "https://gecko.example/"], obj=info)

    first, second = ask().output, ask().output
    assert second.startswith("https://gecko.example/link/")
    client = sqlite_app.test_client()
    assert client.get(urlsplit(first.strip()).path).status_code != 200  # replaced by the later one
    assert client.get(urlsplit(second.strip()).path).status_code == 200
    factories.user_with_password("super")
    done = ask()
    assert done.exit_code == 1
    assert "already" in done.output
