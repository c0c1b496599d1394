"""Customers that hang together by pairs; parted where a chain of likenesses would join what conflicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from .comparing import births, names
from .levels import Birth, First
from .signature import Signatures

Edge = tuple[int, int, float]
Conflicts = Callable[[Sequence[int]], bool]


def components(edges: Iterable[Edge]) -> list[list[int]]:
    """Members of each connected component of two and more, in order."""
    leader: dict[int, int] = {}

    def find(member: int) -> int:
        root = leader.setdefault(member, member)
        while leader[root] != root:
            root = leader[root]
        while leader[member] != root:
            leader[member], member = root, leader[member]
        return root

    for one, other, _score in edges:
        first, second = find(one), find(other)
        if first != second:
            leader[max(first, second)] = min(first, second)
    members: dict[int, list[int]] = defaultdict(list)
    for member in sorted(leader):
        members[find(member)].append(member)
    return [members[root] for root in sorted(members)]


def clusters(edges: Sequence[Edge], conflicts: Conflicts) -> list[list[int]]:
    """Components of `edges` (two members and a score each); one that holds a conflict loses its weakest edges until
    it falls apart. The order of the edges makes no difference."""
    groups = components(edges)
    member_of = {member: number for number, group in enumerate(groups) for member in group}
    own: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        own[member_of[edge[0]]].append(edge)
    found: list[list[int]] = []
    for number, group in enumerate(groups):
        if len(group) > 2 and conflicts(group):
            found += _parted(own[number], conflicts)
        else:
            found.append(group)
    return sorted(found)


def _parted(edges: list[Edge], conflicts: Conflicts) -> list[list[int]]:
    """The component of `edges` cut at its weakest edge, and its parts again, until no part holds a conflict."""
    ordered = sorted(edges, key=lambda edge: (-edge[2], edge[0], edge[1]))
    whole = len({member for edge in edges for member in edge[:2]})
    while ordered:
        ordered.pop()
        parts = components(ordered)
        if len(parts) != 1 or len(parts[0]) < whole:
            return [group for part in parts for group in _checked(part, ordered, conflicts)]
    return []


def _checked(part: list[int], edges: list[Edge], conflicts: Conflicts) -> list[list[int]]:
    if len(part) < 3 or not conflicts(part):
        return [part]
    inside = set(part)
    return _parted([edge for edge in edges if edge[0] in inside], conflicts)


def conflicting(signatures: Signatures) -> Conflicts:
    """Whether rows of `signatures` hold two dates of birth, or two first names, that cannot be one person's."""

    def conflicts(rows: Sequence[int]) -> bool:
        one, other = np.triu_indices(len(rows), 1)
        at = np.asarray(rows, dtype=np.intp)
        left, right = signatures[at[one]], signatures[at[other]]
        return bool((births(left, right) == Birth.OTHER).any() or (_first(left, right) == First.OTHER).any())

    return conflicts


def _first(left: Signatures, right: Signatures) -> npt.NDArray[np.uint8]:
    levels = np.zeros((len(left), 2), dtype=np.uint8)
    names(left, right, levels, {})
    return levels[:, 0]
