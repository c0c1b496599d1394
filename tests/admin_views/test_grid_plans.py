"""What a list costs: few queries, and plans that use the indexes, on both databases."""

from __future__ import annotations

import random
import re

import pytest
from sqlalchemy import text

from admin_views.benchmarks import population
from admin_views.grid import source, totals
from gecko.db import db, transaction
from tests.admin_views import grids
from tests.plans import plan

ROWS = 4_000
READING = ["seqscan"]
"""So few rows tempt PostgreSQL to read them all."""
ADDRESSES = {
    "list": "",
    "page": "?page=60",
    "sorted": "?sort=-city",
    "many hits": "?q=jens",
    "no hits": "?q=zzqxv",
    "two words": "?q=jens+larsen",
    "searched and sorted": "?q=jens&sort=number",
    "filtered": "?f_city=Vejle",
    "filtered by group": "?f_group_id=7",
    "by letter": "?letter=m",
    "short word": "?q=bo",
    "number": "?q=103",
}


@pytest.fixture(scope="module")
def addition():
    return grids.register


@pytest.fixture
def crowd(app, client_as, monkeypatch):
    """A few thousand customers, and limits low enough that every plan is used."""
    monkeypatch.setattr(source, "CAP", 150)
    monkeypatch.setattr(source, "LONGEST_WALK", 2_000)
    monkeypatch.setattr(source, "WALKED_PAGES", 2)
    monkeypatch.setattr(totals, "CAP", 150)
    population.fill(ROWS)
    return client_as("office")


def is_full_scan(plan_: str) -> bool:
    """Whether every row of the table is read: not along an index."""
    return any(
        re.search(r"SCAN customer\b(?!.*USING)", line) or "Seq Scan on customer " in f"{line} "
        for line in plan_.splitlines()
        if "customer_group" not in line
    )


def test_no_list_reads_the_whole_table_and_none_asks_often(app, crowd, statements):
    for name, address in ADDRESSES.items():
        with statements(app) as seen:
            answer = crowd.get(f"/people/{address}")
        assert answer.status_code == 200, name
        assert len(seen) <= 10, (name, [sql for sql, _parameters in seen])
        assert len(answer.data) < 64_000, (name, len(answer.data))
        for sql, parameters in seen:
            if re.search(r"\bFROM customer\b", sql):
                assert not is_full_scan(plan(sql, parameters, without=READING)), (
                    name,
                    sql,
                    plan(sql, parameters, without=READING),
                )


def test_live_rows_are_counted_in_an_index_and_walked_in_order(app, crowd, statements):
    """The rows that lists show must neither be found by `deleted_at` and sorted, nor be counted in the table."""
    with statements(app) as seen:
        crowd.get("/people/?page=60")
        crowd.get("/people/count")
    for sql, parameters in seen:
        if re.search(r"\bFROM customer\b", sql) and " IN (" not in sql:
            found = plan(sql, parameters, without=READING)
            assert "ix_customer_live" in found, (sql, found)
            assert "TEMP B-TREE" not in found
            if "count(" in sql:
                assert ("COVERING INDEX" in found) or ("Index Only Scan" in found), (sql, found)


def test_a_search_is_made_once_for_its_hits_their_number_and_their_order(app, crowd, statements):
    """Few hits are one statement; many are a second one, which walks the sort index and is all that paging needs."""
    once = (("?q=jens+larsen", 1), ("?q=zzqxv", 1), ("?q=jens", 2))
    again = (("?q=jens+larsen", 1), ("?q=jens&page=2", 1), ("?q=sen", 2), ("?q=jens&f_city=Vejle", 1))
    for address, expected in (*once, *again):
        with statements(app) as seen:
            crowd.get(f"/people/{address}")
        asked = [sql for sql, _parameters in seen if "customer_fts" in sql or "search_text" in sql]
        assert len(asked) == expected, (address, asked)


def test_a_jump_by_name_does_not_walk_past_all_who_come_before(app, crowd, statements, monkeypatch):
    """The list of customers enters its index at the counted beginning of a name, at both ends and in one statement."""
    monkeypatch.setattr(source, "FAR", 100)
    for sort, order in (("name", "name_sort, id"), ("-name", "name_sort DESC, id DESC")):
        with statements(app) as seen:
            page = crowd.get(f"/customers/?sort={sort}&page=41").text
        asked = [(sql, parameters) for sql, parameters in seen if "customer_name_count" in sql]
        assert len(asked) == 1
        found = plan(*asked[0], without=READING)
        assert re.search(r"ix_customer_live_name.*(name_sort[<>]|Index Cond: \(.*name_sort)", found, re.S), found
        wanted = text(f"SELECT id FROM customer ORDER BY {order} LIMIT 50 OFFSET 2000")
        assert names(page) == [str(row) for row in db.session.scalars(wanted)]
    for address in ("?sort=city&page=41", "?page=2"):  # no counts for this sort, and too near for them
        with statements(app) as seen:
            crowd.get(f"/customers/{address}")
        assert not [sql for sql, _parameters in seen if "customer_name_count" in sql]


def test_many_hits_are_counted_anew_after_a_while(app, crowd, statements, monkeypatch):
    crowd.get("/people/?q=jens")
    monkeypatch.setattr(totals, "KEPT_FOR", 0.0)
    with transaction() as session:
        session.execute(text("UPDATE customer SET deleted_at = '2026-01-01 00:00:00' WHERE id > 200"))
    page = crowd.get("/people/?q=jens").text
    exact = db.session.scalar(text("SELECT count(*) FROM customer WHERE search_text LIKE '%jens%' AND id <= 200"))
    assert len(names(page)) == exact < 50


def names(page: str) -> list[str]:
    return re.findall(r'<tr data-id="(\d+)"', page)


def test_pages_hold_every_row_once_in_order(crowd):
    """Next after next, previous after previous, and jumps by number tell the same story under every plan."""
    for address in ("", "?q=jens", "?f_city=Vejle", "?sort=-number", "?q=jens&sort=-city"):
        joint = "&" if address else "?"
        forward = [names(crowd.get(f"/people/{address}{joint}page={page}").text) for page in (1, 2, 3)]
        page = crowd.get(f"/people/{address}").text
        walked = [names(page)]
        for _step in range(2):
            token = re.search(r'rel="next" href="[^"]*next=([^"&]+)', page)[1]
            page = crowd.get(f"/people/{address}{joint}next={token}").text
            walked.append(names(page))
        assert walked == forward, address
        token = re.search(r'rel="prev" href="[^"]*previous=([^"&]+)', page)[1]
        assert names(crowd.get(f"/people/{address}{joint}previous={token}").text) == forward[1], address
        assert len({row for rows in forward for row in rows}) == 150, address


def test_a_walk_without_hits_near_by_falls_back_to_collecting(app, crowd, monkeypatch):
    monkeypatch.setattr(source, "LONGEST_WALK", 10)
    expected = db.session.scalars(
        text("SELECT id FROM customer WHERE search_text LIKE '%jens%' ORDER BY name_sort, id LIMIT 50")
    ).all()
    assert names(crowd.get("/people/?q=jens").text) == [str(row) for row in expected]


def test_empty_sort_keys_are_neither_lost_nor_doubled(app, client_as):
    from tests import factories

    client = client_as("office")
    draw = random.Random(1)
    for number in range(70):
        factories.customer(name=f"Kunde {number}", city=draw.choice([None, "Vejle", "Odense"]))
    for sort in ("city", "-city"):
        page, seen = client.get(f"/people/?sort={sort}").text, []
        seen += names(page)
        token = re.search(r'rel="next" href="[^"]*next=([^"&]+)', page)[1]
        seen += names(client.get(f"/people/?sort={sort}&next={token}").text)
        assert len(seen) == len(set(seen)) == 70, sort


def test_totals_are_exact_then_capped_then_estimated(crowd):
    assert re.search(r"150\+ (poster|records)", crowd.get("/people/?q=jens").text)
    assert re.search(r"(ca\.|about) [34]\.?,?\d", crowd.get("/people/").text)
    exact = db.session.scalar(text("SELECT count(*) FROM customer WHERE search_text LIKE '%jens%'"))
    assert str(exact) in crowd.get("/people/count?q=jens").text


def test_what_the_parts_of_words_find_is_what_the_words_find(app, client_as):
    """SQLite's index is asked for parts of words; a row that has them all, but not together, is no hit."""
    from tests import factories

    client = client_as("office")
    apart, together = (factories.customer(name=name).id for name in ("Larry Ars Parse", "Ole Larsen"))
    odd = factories.customer(name='Kaj "Ka" 100%_Å').id
    for typed, expected in (
        ("larsen", [together]),
        ("larse", [together]),
        ("lar", [apart, together]),
        ("arse", [apart, together]),
        ("LARSEN ole", [together]),
        ("larsen xyz", []),
        ('"ka"', [odd]),
        ("100%_å", [odd]),
        ("100__å", []),
    ):
        found = names(client.get("/people/", query_string={"q": typed}).text)
        assert found == [str(row) for row in expected], typed
