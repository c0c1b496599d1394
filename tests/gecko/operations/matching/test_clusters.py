"""Clusters: what hangs together, parted where it conflicts, in whatever order pairs come."""

import random

from hypothesis import given
from hypothesis import strategies as st

from gecko.operations.matching.clusters import clusters, components, conflicting
from tests.gecko.operations.matching.people import ANNE, but, rows


def never(_members):
    return False


_EDGES = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.floats(-5, 30)).filter(lambda edge: edge[0] != edge[1]),
    unique_by=lambda edge: frozenset(edge[:2]),
)


@given(_EDGES, st.randoms(use_true_random=False))
def test_the_order_of_pairs_makes_no_difference(edges, chance):
    shuffled = chance.sample(edges, len(edges))

    def odd_ones(members):
        return len({member % 3 for member in members}) > 2

    assert clusters(edges, odd_ones) == clusters(shuffled, odd_ones)


@given(_EDGES)
def test_components_join_all_and_nothing_else(edges):
    groups = components(edges)
    home = {member: number for number, group in enumerate(groups) for member in group}
    assert all(home[one] == home[other] for one, other, _score in edges)
    assert sorted(home) == sorted({end for edge in edges for end in edge[:2]})
    assert clusters(edges, never) == sorted(groups)


@given(_EDGES)
def test_no_part_of_three_and_more_holds_a_conflict(edges):
    def conflict(members):
        return 0 in members and 1 in members

    assert not any(len(group) > 2 and conflict(group) for group in clusters(edges, conflict))


def test_a_chain_is_cut_at_its_weakest_pair():
    def conflict(members):
        return 1 in members and 4 in members

    assert clusters([(1, 2, 9.0), (2, 3, 3.0), (3, 4, 8.0)], conflict) == [[1, 2], [3, 4]]


def test_dates_of_birth_and_first_names_conflict():
    found = rows(
        ANNE, but(ANNE, name="Ane Jensen"), but(ANNE, birth_date="1955-11-30"), but(ANNE, name="Mogens Jensen")
    )
    conflicts = conflicting(found)
    assert not conflicts([0, 1])
    assert conflicts([0, 1, 2])
    assert conflicts([0, 3])


def test_a_base_of_chains_is_parted_in_time():
    chance = random.Random(3)
    edges = [(number, number + 1, chance.random()) for number in range(300)]
    assert all(len(group) < 4 for group in clusters(edges, lambda members: len(members) > 3))
