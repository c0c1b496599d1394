"""The log holds what happened and nothing that names a person."""

import io
import json
import logging

import pytest

from gecko import logs
from tests import factories

CANARIES = ["anne.holm@example.dk", "010190-1234", "0101901234", "+4520123456", "20 12 34 56", "20123456"]


@pytest.fixture
def lines():
    stream, root = io.StringIO(), logging.getLogger()
    level = root.level
    handler = logs.set_up(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize("canary", [*CANARIES, "/link/" + "Ab1_" * 11, "Ab1-" * 11])
def test_what_names_a_person_is_blotted_out(lines, canary):
    logging.getLogger("test").warning("Something about %s went wrong", canary)
    text = lines()[0]["message"]
    assert canary.removeprefix("/link/") not in text
    assert "[" in text


def test_harmless_numbers_stay(lines):
    logging.getLogger("test").warning("54716 rows in 12.5 s, invoice 536365, 2026-11-22 05:30:00, job 17")
    assert lines()[0]["message"] == "54716 rows in 12.5 s, invoice 536365, 2026-11-22 05:30:00, job 17"


def test_a_traceback_is_blotted_out_and_stays_on_one_line(lines):
    try:
        raise ValueError("anne.holm@example.dk\nforged line")
    except ValueError:
        logging.getLogger("test").exception("broke")
    (line,) = lines()
    assert "anne.holm" not in line["error"]
    assert "ValueError" in line["error"]


def test_a_request_leaves_one_line_without_what_was_sent(sqlite_app, lines):
    client = factories.signed_in(sqlite_app, factories.user("super"))
    client.get("/account/?q=hemmeligt")
    client.post("/login", data={"username": "hemmeligt", "password": "meget hemmeligt"})
    client.get("/link/" + "s" * 43)
    found = [line for line in lines() if line["logger"] == "gecko.request"]
    assert [line["path"] for line in found] == ["/account/", "/login", "/link/<token>"]
    assert found[0]["status"] == 200
    assert found[0]["user"]
    assert len({line["request"] for line in found}) == 3
    assert "hemmeligt" not in json.dumps(lines())
