"""Compiled code is there before somebody waits for it, once for all paths."""

import numpy as np

from gecko.operations.matching import (
    candidates,
    comparing,
    evidence,
    frequencies,
    keys,
    likelihoods,
    preparing,
    scanning,
    scoring,
    shares,
    similarity,
)
from gecko.operations.matching.comparing import compare
from gecko.operations.matching.policy import shipped_context
from tests.gecko.operations.matching.people import ANNE, but, rows

COMPILED = (
    scoring._score, comparing._compare, likelihoods._fill_all, likelihoods._fill_joint, shares._sums,
    frequencies._scatter, evidence._mixed, candidates._write_pairs, keys._made, similarity._put,
)  # fmt: skip


def test_every_path_runs_what_was_prepared():
    """Arrays of another kind would be compiled anew, for seconds, while somebody waits."""
    preparing.prepare()
    before = [function.signatures for function in COMPILED]
    signatures = rows(ANNE, but(ANNE, name="Anna Holm Jensen"), ANNE)
    context = scanning.context_of(signatures, shipped_context())
    found = candidates.candidates(signatures)
    assert keys.of(signatures[0].tobytes())
    assert sum(len(batch.left) for batch in scanning.scan(signatures, context, found)) > 0
    pairs = np.array([(0, 1), (1, 2)]).T
    scoring.score_rows(signatures, *pairs[:, ::-1], context)
    likelihoods.likelihoods(compare(signatures[:2], signatures[1:3]), context)
    assert [function.signatures for function in COMPILED] == before
    assert all(len(signatures) == 1 for signatures in before)
