"""A digest says whether what was compared is still the same."""

import re

from gecko.operations.matching import evidence
from tests.gecko.operations.matching.people import ANNE, but, rows


def digest(one, other):
    return evidence.digests(rows(one), rows(other))[0]


def test_it_changes_with_either_side_and_with_nothing_else():
    changed = [
        but(ANNE, **{field: value}) for field, value in {"name": "Ane Holm Jensen", "mobile": "20212224"}.items()
    ]
    found = {digest(one, other) for one in (ANNE, *changed) for other in (ANNE, *changed)}
    assert len(found) == 9
    assert digest(ANNE, changed[0]) == digest(but(ANNE), but(changed[0]))
    assert all(re.fullmatch(r"\d+\.[0-9a-f]{28}", one) for one in found)


def test_many_have_the_digests_of_single_ones():
    people = [but(ANNE, mobile=f"2021{number:04}") for number in range(50)]
    left, right = rows(*people), rows(*reversed(people))
    assert evidence.digests(left, right) == [digest(*pair) for pair in zip(people, reversed(people), strict=True)]
    assert evidence.digests(left[:0], right[:0]) == []


def test_digests_of_another_version_cannot_be_compared(monkeypatch):
    now = digest(ANNE, ANNE)
    monkeypatch.setattr(evidence, "VERSION", evidence.VERSION + 1)
    assert not evidence.is_comparable(now, digest(ANNE, ANNE))
    assert evidence.is_comparable(now, now)
