"""The queue: its order, its filters, what a limited user sees of it, and what it costs."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, text, update

from gecko.clock import now
from gecko.db import transaction
from gecko.errors import Conflict, Invalid, NotFound
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicateCase, DuplicateMember, Lane
from gecko.operations.duplicates import assigning, cases, deciding
from gecko.operations.duplicates.cases import NOBODY, SOMEONE, Filters
from tests import factories
from tests.gecko.operations.duplicates.pairs import case_of, found, people, record, reviewer
from tests.plans import plan


def walk(who, filters):
    """Every case in the order in which it comes."""
    seen, at = [], cases.next(who, filters)
    while at is not None:
        seen.append(at)
        at = cases.next(who, filters, after=at)
    return seen


@pytest.fixture
def three(app):
    """Three probable cases of falling probability, and a sure one."""
    ids = people(8)
    weak, middle, strong, sure = zip(ids[::2], ids[1::2], strict=True)
    record(
        found(*weak, Lane.PROBABLE, probability=0.6), found(*middle, Lane.PROBABLE, probability=0.7),
        found(*strong, Lane.PROBABLE, probability=0.8), found(*sure),
    )  # fmt: skip
    return [case_of(*pair).id for pair in (strong, middle, weak, sure)]


def test_the_best_first_and_what_was_put_off_last(three):
    who = reviewer()
    strong, middle, weak, sure = three
    assert walk(who, Filters(lane=Lane.PROBABLE)) == [strong, middle, weak]
    assert walk(who, Filters()) == [sure, strong, middle, weak]
    for case_id in (strong, middle):
        with transaction():
            deciding.later(case_id, principal=who)
    assert walk(who, Filters(lane=Lane.PROBABLE)) == [weak, strong, middle]
    assert walk(who, Filters()) == [sure, weak, strong, middle]
    assert cases.page(who, Filters(), after=sure, size=2) == [weak, strong]


def test_putting_off_changes_nothing_but_the_order(three):
    who = reviewer()
    before = cases.get(three[0], who).case.row_version
    with transaction():
        deciding.later(three[0], principal=who)
    assert cases.get(three[0], who).case.row_version == before


def test_filters(three):
    who = reviewer()
    strong, middle, weak, sure = three
    assert walk(who, Filters(minimum=0.65)) == [sure, strong, middle]
    with transaction():
        assigning.assign(middle, who.user_id, principal=who)
    other = reviewer()
    assert walk(who, Filters(assigned_to=who.user_id)) == [middle]
    assert walk(other, Filters(assigned_to=other.user_id)) == []
    assert walk(other, Filters(assigned_to=SOMEONE)) == [middle]
    assert walk(other, Filters(assigned_to=NOBODY)) == [sure, strong, weak]
    assert cases.owners() == [who.user_id]
    assert cases.count(who, Filters(lane=Lane.PROBABLE)).number == 3
    assert {lane: count.number for lane, count in cases.counts(who).items() if count.number} == {
        Lane.SURE: 1, Lane.PROBABLE: 3,
    }  # fmt: skip


def test_a_field_that_speaks_for_a_case_is_a_filter(app):
    a, b, c, d = people(4)
    record(found(a, b, levels="1101000"), found(c, d, levels="1100011"))
    who = reviewer()
    by_email, by_address = case_of(a, b).id, case_of(c, d).id
    assert walk(who, Filters(reason="email")) == [by_email]
    assert walk(who, Filters(reason="birth_date")) == [by_address]
    assert set(walk(who, Filters(reason="name"))) == {by_email, by_address}
    assert walk(who, Filters(reason="phone")) == []


def test_a_limited_user_sees_only_cases_of_whom_they_may_see_everybody(app):
    other, mine = factories.group().id, factories.primary_group().id
    a, b = people(2)
    c, d = people(2, group_id=other)
    record(found(a, b), found(b, c), found(c, d, Lane.HOUSEHOLD))
    record(found(a, d, Lane.HOUSEHOLD), checked=())
    full, limited = reviewer(), reviewer(groups=[mine])
    assert len(walk(full, Filters())) == 2
    assert walk(limited, Filters()) == []
    own = people(2)
    record(found(*own))
    assert walk(limited, Filters()) == [case_of(*own).id]
    assert walk(full, Filters(group_id=mine)) == [case_of(*own).id]
    assert set(walk(full, Filters(across=True))) == set(walk(full, Filters())) - {case_of(*own).id}
    with pytest.raises(NotFound):
        cases.get(case_of(a, b, c).id, limited)
    with transaction() as session:  # moved to another group since the case was made
        session.get(Customer, own[0]).group_id = other
    assert walk(limited, Filters()) == []


def test_a_deleted_customer_takes_its_case_out_of_the_queue_at_once(app):
    a, b = people(2)
    record(found(a, b))
    with transaction() as session:
        session.get(Customer, a).deleted_at = now()
    assert cases.next(reviewer(), Filters()) is None


def test_assigning(three):
    who, colleague = reviewer(), reviewer()
    with transaction():
        assigning.assign(three[0], colleague.user_id, principal=who)
    with pytest.raises(Conflict), transaction():
        assigning.assign(three[0], who.user_id, principal=who, seen=None)
    with transaction():
        assigning.assign(three[0], None, principal=who, seen=colleague.user_id)
    accountant, limited = factories.user("accountant").id, factories.user("reviewer", is_limited=True).id
    with pytest.raises(Invalid), transaction():
        assigning.assign(three[0], accountant, principal=who)
    with pytest.raises(Invalid), transaction():
        assigning.assign(three[0], limited, principal=who)


def test_a_case_is_offered_to_those_who_can_decide_it(three):
    who, colleague, other = reviewer(), reviewer(), reviewer()
    mine = factories.primary_group()
    near = factories.user("reviewer", is_limited=True, groups=[mine]).id
    factories.user("reviewer", is_limited=True, groups=[factories.group()])
    factories.user("accountant")
    factories.user("reviewer", is_active=False)

    def offered():
        return {one.user_id for one in assigning.colleagues(cases.get(three[0], who), who)}

    assert offered() == {colleague.user_id, other.user_id, near}
    with transaction():
        assigning.assign(three[0], other.user_id, principal=who)
    assert offered() == {colleague.user_id, near}
    for user_id in offered():
        before = cases.get(three[0], who).case.assigned_to_id
        with transaction():
            assigning.assign(three[0], user_id, principal=who, seen=before)


def test_what_is_offered_is_one_statement(app, three, queries):
    who, costs = reviewer(), []
    for _round in range(2):
        for _n in range(4):
            reviewer()
        shown = cases.get(three[0], who)
        with queries(app) as told:
            assigning.colleagues(shown, who)
        costs.append(len(told))
    assert costs == [1, 1]


CASES = 3_000


def crowd():
    """Many open cases of two customers each, without pairs: what the queue reads."""
    group = factories.primary_group().id
    with transaction() as session:
        session.execute(
            insert(Customer), [{"id": n, "group_id": group, "name": f"Kunde {n}"} for n in range(10_000, 10_200)]
        )
        session.execute(
            insert(DuplicateCase),
            [
                {"id": n, "lane": list(Lane)[n % 4], "probability": n % 997 / 1000, "size": 2, "group_id": group,
                 "fields": n % 31, "later_at": now() if n % 50 == 0 else None}
                for n in range(1, CASES)
            ],
        )  # fmt: skip
        session.execute(
            insert(DuplicateMember),
            [{"case_id": n, "customer_id": 10_000 + (n + at) % 200} for n in range(1, CASES) for at in (0, 1)],
        )
        session.execute(text("ANALYZE"))


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (Filters(lane=Lane.PROBABLE), "ix_duplicate_case_queue"),
        (Filters(lane=Lane.PROBABLE, minimum=0.5, reason="email"), "ix_duplicate_case_queue"),
        (Filters(lane=Lane.PROBABLE, assigned_to=NOBODY), "ix_duplicate_case_queue"),
    ],
)
def test_the_next_case_is_read_along_an_index_without_sorting(app, statements, filters, index):
    crowd()
    who = reviewer()
    first = cases.next(who, filters)
    with statements(app) as seen:
        assert cases.next(who, filters, after=first) is not None
    read = [(sql, given) for sql, given in seen if "ORDER BY" in sql]
    assert len(read) == 1
    assert len(seen) <= 3
    # so few rows tempt it to read and sort them all
    shown = plan(*read[0], without=("seqscan", "sort", "bitmapscan"))
    assert index in shown or "ix_duplicate_case_group" in shown, shown
    assert "TEMP B-TREE" not in shown, shown
    assert "Sort" not in shown, shown


def test_many_cases_are_counted_up_to_a_limit(app, monkeypatch):
    monkeypatch.setattr("gecko.operations.duplicates.queue.MOST", 100)
    crowd()
    counted = cases.count(reviewer(), Filters(lane=Lane.SURE))
    assert (counted.number, counted.is_more) == (100, True)


def test_a_page_of_a_limited_user_stays_few_statements(app, statements):
    crowd()
    with transaction() as session:
        session.execute(update(DuplicateCase).values(row_version=2))
    with statements(app) as seen:
        assert len(cases.page(reviewer(groups=[factories.primary_group().id]), Filters(), size=20)) == 20
    assert len([sql for sql, _given in seen if "duplicate_case" in sql]) <= 8
