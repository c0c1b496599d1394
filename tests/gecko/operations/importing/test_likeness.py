"""Rows that look like customers who are there, or like each other, are told of with line and number."""

from datetime import date

import pytest

from gecko.db import db, transaction
from gecko.operations.importing import likeness, mapping, running
from gecko.operations.importing.running import open_import
from gecko.operations.importing.writing import Context
from tests import factories

HEAD = "no,name,born,mobile,email\n"
ANNA = "Anna Sofie Thorup,1981-03-09,22334455,anna.thorup@firma.dk\n"
FILE = (
    HEAD + "1," + ANNA + "2,Bo Winther,1975-11-30,61626364,bo@winther.dk\n" + "3," + ANNA + "4,Eva Lund,1990-01-02,,\n"
)
MAPPING = mapping.parse(
    {
        "kind": "customers",
        "columns": {"number": "no", "name": "name", "birth_date": "born", "mobile": "mobile", "email": "email"},
        "format": {"birth_date": "%Y-%m-%d"},
    }
)


def bring_in(path, context=None):
    """Import a file; the counts, and the warnings by line."""
    remarks = {}
    is_dry = context is not None and context.is_dry
    with open_import(path, MAPPING, context=context) as run:
        for chunk in run.chunks():
            if is_dry:
                run.write(chunk)
                db.session.rollback()
            else:
                with transaction():
                    run.write(chunk)
            run.settle(chunk)
            remarks |= {one.line: str(one.message) % one.params for one in chunk.batch.warnings}
        return run.facts(), remarks


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.mark.parametrize("is_dry", [True, False])
def test_lines_and_customers_are_named(app, file, is_dry):
    factories.customer(name="Bo Winther", number="B7", birth_date=date(1975, 11, 30), email="bo@winther.dk")
    facts, remarks = bring_in(file, Context(is_dry=is_dry))
    assert (facts["like_customers"], facts["like_rows"], facts["unlooked"]) == (1, 1, 0)
    assert remarks == {
        3: "Looks like customer B7, Bo Winther, who is there already.",
        4: "Looks like line 2 of this file.",
    }
    assert facts["imported"] == 4


def test_the_same_file_again_is_existing_not_alike(sqlite_app, file):
    bring_in(file)
    facts, remarks = bring_in(file)
    assert (facts["existing"], facts["like_customers"], facts["like_rows"], remarks) == (4, 0, 0, {})


def test_customers_of_other_groups_are_not_named_to_a_limited_user(sqlite_app, file):
    other = factories.group().id
    values = {"name": "Bo Winther", "birth_date": date(1975, 11, 30), "email": "bo@winther.dk"}
    factories.customer(**values, group_id=other)
    mine = frozenset({factories.primary_group().id})
    facts, _remarks = bring_in(file, Context(groups=mine, is_dry=True))
    assert facts["like_customers"] == 0
    assert bring_in(file, Context(is_dry=True))[0]["like_customers"] == 1


def test_of_a_long_file_the_latest_rows_are_remembered_and_all_customers(sqlite_app, tmp_path, monkeypatch):
    factories.customer(name="Bo Winther", number="B7", birth_date=date(1975, 11, 30), email="bo@winther.dk")
    monkeypatch.setattr(likeness, "REMEMBERED", 2)
    for size in ("SMALLEST", "FIRST", "LARGEST"):
        monkeypatch.setattr(running, size, 1)
    others = [f"{n},Person{n} Nr{n},19{n + 50}-0{n}-1{n},,p{n}@post{n}.example\n" for n in range(1, 10)]
    lines = ["20," + ANNA, others[1], "21," + ANNA, others[2], others[3], others[4], others[5], "22," + ANNA]
    lines += ["23,Bo Winther,1975-11-30,61626364,bo@winther.dk\n"]
    path = tmp_path / "long.csv"
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    facts, remarks = bring_in(path)
    assert remarks == {
        4: "Looks like line 2 of this file.",  # the next but one
        10: "Looks like customer B7, Bo Winther, who is there already.",  # Anna in line 9 is too far from line 4
    }
    assert facts["unlooked"] == 5


def test_a_chunk_that_is_written_again_is_not_like_itself(sqlite_app, file):
    with open_import(file, MAPPING) as run:
        (chunk,) = run.chunks()
        run_writes(run, chunk, fails=True)
        run_writes(run, chunk, fails=False)
    assert (chunk.batch.like_customers, chunk.batch.like_rows) == (0, 1)


def run_writes(run, chunk, *, fails):
    try:
        with transaction():
            run.write(chunk)
            if fails:
                raise TimeoutError
    except TimeoutError:
        pass
