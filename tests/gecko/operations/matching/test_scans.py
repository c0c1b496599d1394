"""Check, scan of what changed and whole scan: one answer, in the middle and at the edges."""

from __future__ import annotations

from dataclasses import astuple, replace
from datetime import date

import pytest
from sqlalchemy import func, select, text, update

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.matching import MatchMark, MatchScan
from gecko.operations.matching import checks, scanning, scans
from gecko.operations.matching.keys import CAPS
from gecko.operations.matching.normalising import FIELDS
from tests import factories
from tests.gecko.operations.matching.bases import by_pair, fill, flat, statements


def mark_everybody() -> None:
    with transaction() as session:
        session.execute(update(Customer).values(city=Customer.city))  # touches nothing that is compared
        session.execute(text("DELETE FROM match_mark"))
        session.execute(text("INSERT INTO match_mark SELECT id, id, false, false, -1 FROM customer"))


def answers_of_checks() -> dict:
    ids = db.session.scalars(select(Customer.id).where(Customer.deleted_at.is_(None))).all()
    return by_pair(one for customer_id in ids for one in checks.check(customer_id))


def test_all_paths_give_identical_pairs_and_scores(sqlite_app):
    fill(2_000)
    whole = by_pair(flat(scans.scan()))
    assert len(whole) > 400
    mark_everybody()
    assert by_pair(flat(scans.scan_changed())) == whole
    assert answers_of_checks() == whole


def test_all_paths_agree_on_postgresql(postgres_app):
    fill(300)
    whole = by_pair(flat(scans.scan()))
    assert len(whole) > 40
    mark_everybody()
    assert by_pair(flat(scans.scan_changed())) == whole
    assert answers_of_checks() == whole


@pytest.mark.parametrize("over", [0, 1])
def test_a_block_at_its_cap_is_looked_at_and_one_above_is_not(app, over):
    fill(CAPS["phone"] + over, mobile="+4520123456", telephone=None, address=None, birth_date=None, email=None)
    first = db.session.scalar(select(func.min(Customer.id)))
    whole = by_pair(flat(scans.scan()))
    mark_everybody()
    assert by_pair(flat(scans.scan_changed())) == whole
    assert {pair: one for pair, one in whole.items() if first in pair} == by_pair(checks.check(first))
    facts = db.session.scalars(select(MatchScan)).first()
    size = CAPS["phone"] + over
    if over:
        assert facts.dropped["phone"] == {"blocks": 1, "customers": size, "pairs": size * (size - 1) // 2}
        assert facts.candidates < 50
    else:
        assert "phone" not in facts.dropped
        assert facts.candidates == size * (size - 1) // 2


def test_typed_values_are_checked_as_they_will_be_once_stored(app):
    fill(400)
    list(scans.scan())
    rows = db.session.execute(select(*(getattr(Customer, name) for name in FIELDS)).order_by(Customer.id).limit(40))
    hits = 0
    for values in rows.mappings().all():
        typed = {**values, "mobile": None}
        before = [astuple(one)[1:] for one in checks.check_values(typed)]
        new_id = factories.customer(**typed).id
        stored = [astuple(one)[1:] for one in ends_last(checks.check(new_id), new_id)]
        assert [one[:6] for one in before] == [one[:6] for one in stored]
        hits += len(before)
        with transaction() as session:
            session.delete(session.get(Customer, new_id))
    assert hits >= 40


def ends_last(found, new_id):
    """Pairs of a new customer, told from its side."""
    assert all(one.b_id == new_id for one in found)
    return [replace(one, a_id=0, b_id=one.a_id) for one in found]


def test_limited_users_see_their_groups_only_on_every_path(app):
    fill(300)
    mine, others = factories.group().id, factories.primary_group().id
    with transaction() as session:
        session.execute(update(Customer).where(Customer.id % 2 == 0).values(group_id=mine))
    group_of = dict(db.session.execute(select(Customer.id, Customer.group_id)).all())
    whole = by_pair(flat(scans.scan()))
    inside = {pair: one for pair, one in whole.items() if {group_of[end] for end in pair} == {mine}}
    across = {pair: one for pair, one in whole.items() if len({group_of[end] for end in pair}) == 2}
    assert inside
    assert across
    assert by_pair(flat(scans.scan(groups=[mine]))) == inside
    assert by_pair(flat(scans.scan(across=True))) == across
    assert by_pair(flat(scans.scan(across=True, groups=[mine, others]))) == across
    checked = by_pair(one for customer_id in group_of for one in checks.check(customer_id, groups=[mine]))
    assert checked == inside
    values = db.session.execute(select(*(getattr(Customer, name) for name in FIELDS)).where(Customer.id == 2))
    typed = checks.check_values(values.mappings().one(), groups=[mine])
    assert {one.b_id for one in typed} >= {2}
    assert {group_of[one.b_id] for one in typed} == {mine}


def test_a_scan_goes_on_where_another_stopped(sqlite_app, monkeypatch):
    monkeypatch.setattr(scanning, "BATCH", 50)
    fill(800)
    whole = flat(scans.scan())
    told: list[tuple[int, int]] = []
    first: list = []

    class Stopped(Exception):
        pass

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        if done > total // 2:
            raise Stopped

    def run() -> None:
        for batch in scans.scan(progress=progress):
            first.extend(batch)

    with pytest.raises(Stopped):
        run()
    assert 0 < len(first) < len(whole)
    rest = flat(scans.scan(resume=first[-1].a_id))
    assert rest[0].a_id == first[-1].a_id
    assert by_pair(first) | by_pair(rest) == by_pair(whole)
    assert len(rest) < len(whole)
    assert db.session.scalar(select(func.count()).select_from(MatchScan)) == 2  # the stopped one kept no facts


def test_marks_are_cleared_by_what_answers_them(app):
    fill(60)
    assert db.session.scalar(select(func.count()).select_from(MatchMark)) == 60
    batches = list(scans.scan_changed())
    assert sorted(customer_id for batch in batches for customer_id in batch.checked) == list(range(1, 61))
    with transaction():
        db.session.get(Customer, 7).name = "Somebody Else"  # changes again before the scan's result is stored
    with transaction():
        for batch in batches:
            scans.clear(batch.marks)
    assert db.session.scalars(select(MatchMark.customer_id)).all() == [7]
    list(scans.scan())
    assert db.session.scalars(select(MatchMark.customer_id)).all() == []


def test_a_scan_keeps_its_facts(sqlite_app):
    fill(200)
    pairs = flat(scans.scan())
    facts = db.session.scalars(select(MatchScan)).one()
    assert (facts.scope, facts.customers, facts.found) == ("whole", 200, len(pairs))
    assert facts.candidates >= facts.found
    assert facts.finished_at >= facts.started_at


def test_scans_mend_what_other_tools_changed(app):
    fill(30)
    twin = factories.customer(name="Xaver Quist", mobile="+4551525354", birth_date=date(1977, 7, 7)).id
    db.session.rollback()
    changed = "UPDATE customer SET name = 'Xaver Quist', mobile = '51 52 53 54', birth_date = '1977-07-07' WHERE id = 3"
    with db.engine.connect().execution_options(gecko_writing=True) as connection, connection.begin():
        connection.execute(text(changed))
    assert (3, twin) in by_pair(checks.check(3))  # the customer itself is always seen as it is
    assert (3, twin) not in by_pair(checks.check(twin))
    assert (3, twin) in by_pair(flat(scans.scan_changed()))
    assert (3, twin) in by_pair(checks.check(twin))


def test_a_check_takes_few_statements(app):
    fill(120)
    list(scans.scan())
    checks.check(1)  # weights and frequencies are in memory from now on
    ids = [one for one in range(1, 121) if checks.check(one)]
    with statements() as seen:
        checks.check(ids[0])
    assert len(seen) == {"sqlite": 3, "postgresql": 2}[db.engine.dialect.name], seen


def test_look_ups_go_along_the_index(app):
    fill(50)
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    statement = "SELECT customer_id FROM match_key WHERE key = 5 LIMIT 51"
    if explain == "EXPLAIN":
        db.session.execute(text("SET enable_seqscan = off"))
    plan = " ".join(str(row) for row in db.session.execute(text(f"{explain} {statement}")))
    assert "pk_match_key" in plan or "PRIMARY KEY" in plan
