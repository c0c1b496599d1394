"""Similarities of names: those of RapidFuzz, wherever they can matter."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import JaroWinkler

from gecko.operations.matching.signature import letter_pairs, letters
from gecko.operations.matching.similarity import ALIKE, Similarities, how_alike, most_alike, ones, share

NAMES = st.text("abcdeæø", min_size=1, max_size=12)


def found(known, pairs):
    """What compiled code is told, and how many it misses."""
    missing = known.missing(len(pairs))
    alike = [how_alike(np.uint64(one), np.uint64(other), ALIKE, known.known, missing) for one, other in pairs]
    return alike, missing


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=30))
def test_what_is_missed_is_known_the_next_time(names):
    pairs = [(letters(one), letters(other)) for one, other in names]
    known = Similarities()
    _unknown, missing = found(known, pairs)
    known.learn(missing)
    alike, missing = found(known, pairs)
    assert missing[0, 0] == 0
    for (one, other), value in zip(names, alike, strict=True):
        exact = JaroWinkler.normalized_similarity(one, other)
        assert value == pytest.approx(exact) or (value == 0 and exact < ALIKE) or (value == ALIKE and exact >= 0.9)


@given(NAMES, NAMES)
def test_names_are_never_more_alike_than_told_beforehand(one, other):
    most = most_alike(np.uint64(letters(one)), np.uint64(letters(other)))
    assert most >= JaroWinkler.normalized_similarity(one, other) - 1e-9


def test_a_table_that_grows_keeps_what_it_knows():
    words = [f"{one}{other}en" for one in "abcdefghijklm" for other in "nopqrstuvwxyz"]
    pairs = [(letters(one), letters(other)) for one, other in itertools.pairwise(words)]
    known = Similarities()
    before = len(known.known)
    for start in range(0, len(pairs), 20):
        known.learn(found(known, pairs[start : start + 20])[1])
    known.learn(found(known, [(letters(f"{word}s"), letters(word)) for word in words])[1])
    assert len(known.known) > before
    alike, missing = found(known, pairs)
    assert missing[0, 0] == 0
    assert max(alike) > 0


def test_a_list_that_is_full_takes_no_more():
    known = Similarities()
    missing = known.missing(0)
    for other in ("anna", "anni", "annes"):
        assert how_alike(np.uint64(letters("anne")), np.uint64(letters(other)), ALIKE, known.known, missing) == 0
    assert missing[0, 0] == 1
    known.learn(missing)
    assert how_alike(np.uint64(letters("anne")), np.uint64(letters("anna")), ALIKE, known.known, missing) > 0


@given(st.text("abcde", max_size=12), st.text("abcde", max_size=12))
def test_the_share_of_letter_pairs_in_common(one, other):
    bits, others = np.uint64(letter_pairs(one)), np.uint64(letter_pairs(other))
    assert ones(bits) == int(bits).bit_count()
    size = max(int(bits).bit_count(), int(others).bit_count())
    assert share(bits, others, size) == pytest.approx(int(bits & others).bit_count() / max(size, 1))
