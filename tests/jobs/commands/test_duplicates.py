"""Searches, pairs and checks from the command line."""

from __future__ import annotations

import csv
import json

from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.duplicates import DuplicatePair
from gecko.models.matching import MatchScan
from gecko.operations.duplicates import deciding
from jobs.commands.duplicates import commands
from tests import factories
from tests.gecko.operations.duplicates.pairs import reviewer
from tests.jobs.doubles import ANNA, BO, twice


def rows_of(folder):
    return list(csv.reader((folder / "p.csv").read_text(encoding="utf-8").splitlines()))


def command(app, *arguments):
    return app.test_cli_runner().invoke(commands, list(map(str, arguments)))


def test_pairs_are_right_straight_after_customers_came_in(app, tmp_path):
    twice({**ANNA, "number": "A1"}, number="A2")
    factories.customer(**{**BO, "name": "Lis Thorup"})
    answer = command(app, "pairs", "--out", tmp_path / "p.csv")
    assert answer.exit_code == 0, answer.output
    rows = rows_of(tmp_path)
    assert rows[0] == ["customer number a", "customer number b", "probability", "lane", "reasons"]
    ((a, b, probability, lane, reasons),) = rows[1:]
    assert (a, b, lane) == ("A1", "A2", "sure")
    assert float(probability) > 0.99
    assert "same date of birth" in reasons
    third = factories.customer(**ANNA).id
    command(app, "pairs", "--out", tmp_path / "p.csv", "--min-probability", "0.5")
    rows = rows_of(tmp_path)[1:]
    assert {(row[0], row[1]) for row in rows} == {("A1", "A2"), ("A1", f"id:{third}"), ("A2", f"id:{third}")}


def test_pairs_of_many_pages(sqlite_app, tmp_path, monkeypatch):
    monkeypatch.setattr("gecko.operations.duplicates.listing._AT_ONCE", 2)
    ids = [factories.customer(**ANNA, number=f"N{n}").id for n in range(4)]
    command(sqlite_app, "pairs", "--out", tmp_path / "p.csv")
    rows = rows_of(tmp_path)[1:]
    assert len({tuple(row[:2]) for row in rows}) == len(rows) == len(ids) * (len(ids) - 1) // 2


def test_decided_pairs_are_not_listed(sqlite_app, tmp_path):
    twice(ANNA)
    command(sqlite_app, "scan")
    pair_id, who = db.session.scalars(select(DuplicatePair.id)).one(), reviewer()
    with transaction():
        deciding.different([pair_id], principal=who)
    command(sqlite_app, "pairs", "--out", tmp_path / "p.csv")
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 1


def test_scan_and_status_tell_in_json(sqlite_app):
    twice(ANNA)
    facts = json.loads(command(sqlite_app, "scan", "--json").output)
    assert (facts["new"], facts["dropped_blocks"]) == (1, 0)
    status = json.loads(command(sqlite_app, "status", "--json").output)
    assert (status["open_cases_sure"], status["open_pairs_sure"], status["is_current"]) == (1, 1, True)
    assert status["threshold_sure"] > status["threshold_probable"]
    assert "new: 0" in command(sqlite_app, "scan", "--changed").output
    assert command(sqlite_app, "scan", "--group", "Nowhere").exit_code == 1
    assert command(sqlite_app, "scan", "--across", "--changed").exit_code == 2
    name = factories.primary_group().name
    assert command(sqlite_app, "scan", "--group", name).exit_code == 0
    assert db.session.scalar(select(func.count()).select_from(MatchScan)) == 2


def test_check_by_number_and_by_id(sqlite_app):
    a, _b = twice({**ANNA, "number": "77"}, number="88")
    for who in ("77", a):
        output = command(sqlite_app, "check", who).output
        assert "1 found" in output
        assert "88" in output
    assert command(sqlite_app, "check", "no such").exit_code == 1
    factories.customer(number="77", group_id=factories.group().id)
    assert "Several customers" in command(sqlite_app, "check", "77").output
