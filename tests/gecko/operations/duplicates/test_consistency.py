"""Whatever is recorded, decided, merged and undone, in whatever order: cases are what the open pairs say."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.errors import Conflict
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicateCase, DuplicateMember, DuplicatePair, Lane, PairState
from gecko.operations import merging
from gecko.operations.duplicates import clusters, conflicts, deciding
from gecko.operations.duplicates.clusters import Edge
from tests.gecko.operations.duplicates.pairs import found, people, record, reviewer

PEOPLE = 5
places = st.integers(0, PEOPLE - 1)
ends = st.tuples(places, places).filter(lambda pair: pair[0] < pair[1])
likeness = st.tuples(st.sampled_from(list(Lane)), st.integers(0, 1))
steps = st.one_of(
    st.tuples(st.just("check"), places, st.dictionaries(places, likeness)),
    st.tuples(st.just("part"), st.lists(ends, min_size=1, max_size=2)),
    st.tuples(st.just("take back")),
    st.tuples(st.just("merge"), ends),
    st.tuples(st.just("unmerge")),
)  # fmt: skip


class World:
    """Five customers, what the matcher would find, and what was done."""

    def __init__(self, matcher, who):
        self.matcher, self.who = matcher, who
        self.ids = people(PEOPLE, name="Anna Jensen")
        self.truth, self.merges = {}, []

    def living(self, *ids):
        db.session.rollback()
        statement = select(Customer.id).where(Customer.id.in_(ids), Customer.deleted_at.is_(None))
        return len(set(db.session.scalars(statement))) == len(set(ids))

    def tell(self):
        self.matcher.finds(*(pair for key, pair in self.truth.items() if self.living(*key)))

    def check(self, at, others):
        """The customer changed: this is what the matcher finds of it now."""
        me = self.ids[at]
        self.truth = {key: pair for key, pair in self.truth.items() if me not in key}
        for other, (lane, version) in others.items():
            if other != at:
                pair = found(me, self.ids[other], lane, evidence=f"{version}")
                self.truth[pair.a_id, pair.b_id] = pair
        self.tell()
        if self.living(me):
            record(*self.matcher.check(me), checked=[me])

    def part(self, keys):
        wanted = {tuple(sorted((self.ids[a], self.ids[b]))) for a, b in keys}
        rows = {(row.a_id, row.b_id): row for row in db.session.scalars(select(DuplicatePair))}
        ids = [rows[key].id for key in wanted if key in rows and rows[key].state == PairState.OPEN]
        if ids:
            with transaction():
                deciding.different(ids, principal=self.who)

    def take_back(self):
        last = deciding.last_of(self.who.user_id)
        if last is not None and last.merge_id is None:
            try:
                with transaction():
                    deciding.undo(last.id, principal=self.who)
            except Conflict:
                pass

    def merge(self, key):
        survivor, absorbed = (self.ids[place] for place in key)
        if self.living(survivor, absorbed):
            self.matcher.finds(*(pair for ends, pair in self.truth.items() if absorbed not in ends))
            with transaction():
                self.merges.append(deciding.merge(survivor, [absorbed], principal=self.who).id)
            self.tell()

    def unmerge(self):
        if self.merges:
            self.matcher.finds(*self.truth.values())
            try:
                with transaction():
                    deciding.undo_merge(self.merges.pop(), principal=self.who)
            except merging.Blocked:
                raise AssertionError("the newest merge can always be undone") from None
            self.tell()

    def do(self, step):
        name, *given = step
        {"check": self.check, "part": self.part, "take back": self.take_back, "merge": self.merge,
         "unmerge": self.unmerge}[name](*given)  # fmt: skip


def expected(rows):
    """Cases made from scratch."""
    edges = [
        Edge(row.id, row.a_id, row.b_id, row.lane, row.probability, row.score, row.levels, row.case_id) for row in rows
    ]
    wanted = set()
    for kind in clusters.KINDS:
        apart = clusters.components(edge for edge in edges if edge.lane in kind)
        against = conflicts.find(apart) if kind == clusters.PERSON else ()
        for component in apart:
            wanted |= {(one.members, one.lane) for one in clusters.partition(component, against)}
    return wanted


def stored(ids):
    members = {}
    for row in db.session.scalars(select(DuplicateMember).where(DuplicateMember.customer_id.in_(ids))):
        members.setdefault(row.case_id, set()).add(row.customer_id)
    cases = db.session.scalars(select(DuplicateCase).where(DuplicateCase.closed_at.is_(None)))
    return {case.id: (frozenset(members[case.id]), case.lane) for case in cases if case.id in members}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=st.lists(steps, min_size=3, max_size=12))
def test_cases_are_what_the_open_pairs_say(sqlite_app, matcher, done):
    world = World(matcher, reviewer())
    for step in done:
        world.do(step)
        db.session.rollback()
        mine = DuplicatePair.a_id.in_(world.ids), DuplicatePair.state == PairState.OPEN
        rows = list(db.session.scalars(select(DuplicatePair).where(*mine)))
        cases = stored(world.ids)
        assert len(set(cases.values())) == len(cases), "two cases of the same customers"
        assert set(cases.values()) == expected(rows), step
        assert {row.case_id for row in rows} <= set(cases), step
        alive = {end for row in rows for end in (row.a_id, row.b_id)}
        assert world.living(*alive), step
    while world.merges:
        world.unmerge()
    assert world.living(*world.ids)
