"""Counts are found wherever their values stand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gecko.operations.matching.frequencies import Frequencies, chance
from gecko.operations.matching.levels import Frequency

VALUES = st.dictionaries(st.integers(1, (1 << 64) - 1), st.integers(3, 900), max_size=60)


def chances(kind, values, among):
    """The chance of each value."""
    return [chance(int(kind), np.uint64(value), among.counts, float(among.customers)) for value in values]


@given(VALUES, st.lists(st.integers(0, (1 << 64) - 1), max_size=20))
def test_the_chance_of_a_value_goes_by_its_bearers(counted, others):
    known = np.array(sorted(counted), dtype=np.uint64)
    counts = np.array([counted[value] for value in sorted(counted)], dtype=np.int64)
    among = Frequencies(1_000, {Frequency.NAME: (known, counts)})
    asked = [*counted, *others]
    for value, found in zip(asked, chances(Frequency.NAME, asked, among), strict=True):
        bearers = max(counted.get(value, 0) - 2, 0) + 1
        assert abs(found - (bearers / 1_300 + 5e-5)) < 1e-12


def test_values_that_fall_on_one_place_are_told_apart():
    """Twice as many places as values, so that some of these share one."""
    known = np.arange(1, 20_001, dtype=np.uint64) * np.uint64(0x123456789)
    among = Frequencies(20_000, {Frequency.NAME: (known, np.arange(3, 20_003))})
    assert np.allclose(chances(Frequency.NAME, known, among), (np.arange(1, 20_001) + 1) / 20_300 + 5e-5)


def test_a_value_counts_only_among_its_own_kind():
    among = Frequencies(1_000, {Frequency.NAME: (np.array([7], dtype=np.uint64), np.array([500]))})
    mail, unknown = chances(Frequency.EMAIL, [7, 8], among)
    assert mail == unknown
