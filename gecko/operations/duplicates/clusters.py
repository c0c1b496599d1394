"""Which customers belong to one case: the pure part, edges in and clusters out, the same in whatever order they come.

Pairs are joined from the strongest to the weakest. A pair that would bring two customers together who cannot be one
person is not joined but stands as a case of its own: a component splits at its weakest edge, and nothing is hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ...models.duplicates import Lane

PERSON = frozenset({Lane.SURE, Lane.PROBABLE})
KINDS: tuple[frozenset[Lane], ...] = (PERSON, frozenset({Lane.HOUSEHOLD}), frozenset({Lane.SAME_NAME}))
"""Lanes whose pairs form cases together; a family and a pair within it are two different questions."""


@dataclass(frozen=True, slots=True)
class Edge:
    """An open pair."""

    id: int
    a: int
    b: int
    lane: Lane
    probability: float
    score: float
    levels: str = ""
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Customers decided at one sitting. probability: of the weakest pair that holds them together."""

    lane: Lane
    members: frozenset[int]
    edges: tuple[Edge, ...]
    probability: float


class _Groups:
    """Disjoint sets of customers, with the edges that joined each."""

    def __init__(self) -> None:
        self._at: dict[int, int] = {}
        self.members: dict[int, set[int]] = {}
        self.joints: dict[int, list[Edge]] = {}

    def root(self, customer: int) -> int:
        """The set a customer is in, by any of its members."""
        if customer not in self._at:
            self._at[customer] = customer
            self.members[customer], self.joints[customer] = {customer}, []
        return self._at[customer]

    def join(self, edge: Edge) -> None:
        """Put the sets of both ends together."""
        into, gone = self.root(edge.a), self.root(edge.b)
        if len(self.members[into]) < len(self.members[gone]):
            into, gone = gone, into
        moved = self.members.pop(gone)
        self._at.update(dict.fromkeys(moved, into))
        self.members[into] |= moved
        self.joints[into] += [*self.joints.pop(gone), edge]


def components(edges: Iterable[Edge]) -> list[list[Edge]]:
    """Edges that hang together, conflicts or not."""
    groups, listed = _Groups(), list(edges)
    for edge in listed:
        if groups.root(edge.a) != groups.root(edge.b):
            groups.join(edge)
    found: dict[int, list[Edge]] = {}
    for edge in listed:
        found.setdefault(groups.root(edge.a), []).append(edge)
    return list(found.values())


def partition(edges: Iterable[Edge], conflicts: Collection[tuple[int, int]] = ()) -> list[Cluster]:
    """Split edges of one kind into cases; `conflicts`: customers (lower id first) who cannot be one person."""
    groups = _Groups()
    ordered = sorted(edges, key=lambda edge: (-edge.score, edge.a, edge.b))
    for edge in ordered:
        left, right = groups.root(edge.a), groups.root(edge.b)
        if left != right and not _clash(groups.members[left], groups.members[right], conflicts):
            groups.join(edge)
    inside: dict[int, list[Edge]] = {}
    apart = []
    for edge in ordered:
        root = groups.root(edge.a)
        if root == groups.root(edge.b):
            inside.setdefault(root, []).append(edge)
        else:
            apart.append(edge)
    found = [_cluster(groups, root, held) for root, held in inside.items()]
    return [*found, *(_alone(edge) for edge in apart)]


def _clash(left: set[int], right: set[int], conflicts: Collection[tuple[int, int]]) -> bool:
    return bool(conflicts) and any((min(a, b), max(a, b)) in conflicts for a in left for b in right)


def _cluster(groups: _Groups, root: int, edges: list[Edge]) -> Cluster:
    joints = groups.joints[root]
    lanes = {joint.lane for joint in joints}
    lane = Lane.PROBABLE if Lane.PROBABLE in lanes else joints[0].lane
    return Cluster(lane, frozenset(groups.members[root]), tuple(edges), min(joint.probability for joint in joints))


def _alone(edge: Edge) -> Cluster:
    """A pair kept apart by a conflict: never sure, whatever its score."""
    lane = Lane.PROBABLE if edge.lane == Lane.SURE else edge.lane
    return Cluster(lane, frozenset({edge.a, edge.b}), (edge,), edge.probability)


def crossings(edges: Iterable[Edge]) -> Iterator[tuple[int, int]]:
    """Customers (lower id first) of one component who are not joined by an edge of their own."""
    direct = {(edge.a, edge.b) for edge in edges}
    members = sorted({customer for pair in direct for customer in pair})
    for at, a in enumerate(members):
        for b in members[at + 1 :]:
            if (a, b) not in direct:
                yield a, b
