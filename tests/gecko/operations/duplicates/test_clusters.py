"""Cases from pairs: the same in whatever order they come, split where customers cannot be one person."""

from hypothesis import given
from hypothesis import strategies as st

from gecko.models.duplicates import Lane
from gecko.operations.duplicates.clusters import Edge, components, crossings, partition


def edge(a, b, score=5.0, lane=Lane.SURE):
    return Edge(a * 1000 + b, a, b, lane, 1 / (1 + 2**-score), score)


def members(clusters):
    return {cluster.members for cluster in clusters}


def test_pairs_that_hang_together_are_one_case():
    (one,) = partition([edge(1, 2), edge(2, 3), edge(1, 3)])
    assert one.members == {1, 2, 3}
    assert len(one.edges) == 3


def test_a_case_is_as_sure_as_what_holds_it_together():
    weak = edge(1, 3, 1.0, Lane.PROBABLE)
    (held,) = partition([edge(1, 2), edge(2, 3), weak])
    assert held.lane == Lane.SURE  # the weak pair is not needed
    (loose,) = partition([edge(1, 2), weak])
    assert (loose.lane, loose.probability) == (Lane.PROBABLE, weak.probability)


def test_a_conflict_splits_at_the_weakest_pair_which_stays_to_be_decided():
    """Two registered twice, and one pair between them: 1 and 2 are one, 3 and 4 are one, 2 and 3 look alike."""
    edges = [edge(1, 2, 9.0), edge(2, 3, 4.0), edge(3, 4, 8.0)]
    found = partition(edges, {(1, 4)})
    assert members(found) == {frozenset({1, 2}), frozenset({3, 4}), frozenset({2, 3})}
    lanes = {cluster.members: cluster.lane for cluster in found}
    assert lanes[frozenset({2, 3})] == Lane.PROBABLE  # kept apart by a conflict: never sure
    assert lanes[frozenset({1, 2})] == Lane.SURE


def test_only_customers_without_a_pair_of_their_own_can_conflict():
    edges = [edge(1, 2), edge(2, 3)]
    assert list(crossings(edges)) == [(1, 3)]
    assert list(crossings([*edges, edge(1, 3)])) == []


pairs = st.tuples(st.integers(1, 9), st.integers(1, 9)).filter(lambda pair: pair[0] < pair[1])
edges = st.dictionaries(pairs, st.tuples(st.sampled_from([0.5, 1.0, 3.0, 8.0]), st.sampled_from(list(Lane)[:2])))


@given(edges, st.sets(pairs), st.randoms())
def test_every_pair_stands_in_exactly_one_case_and_no_case_holds_a_conflict(given_edges, conflicts, random):
    listed = [edge(a, b, score, lane) for (a, b), (score, lane) in given_edges.items()]
    against = conflicts & set(crossings(listed))
    found = partition(listed, against)
    held = [one.id for cluster in found for one in cluster.edges]
    assert sorted(held) == sorted(one.id for one in listed)
    for cluster in found:
        assert not {(a, b) for a in cluster.members for b in cluster.members} & against
        assert cluster.members == {end for one in cluster.edges for end in (one.a, one.b)}
        if cluster.lane == Lane.SURE:
            sure = [one for one in cluster.edges if one.lane == Lane.SURE]
            assert len(components(sure)) == 1
            assert {end for one in sure for end in (one.a, one.b)} == cluster.members
    random.shuffle(listed)
    assert {(one.members, one.lane) for one in partition(listed, against)} == {(one.members, one.lane) for one in found}
