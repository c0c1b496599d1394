"""Having compiled code at hand before somebody waits for it."""

from __future__ import annotations

import numpy as np

from . import scanning, scoring
from .comparing import compare
from .evidence import digests
from .likelihoods import likelihoods
from .policy import shipped_context
from .signature import DTYPE, letters


def prepare() -> None:
    """Compile what compares customers: takes some seconds after the program was changed, and moments otherwise."""
    customers = np.zeros(3, dtype=DTYPE)
    customers["first"] = [letters(name) for name in ("anne", "anna", "anja")]
    customers["first_sound"] = 32, 64, 96  # only names that sound differently are compared letter by letter
    customers["last"], customers["mobile"] = letters("holm"), 20_202_020
    context = scanning.context_of(customers, shipped_context())
    rows = np.arange(2)
    scoring.score_rows(customers, rows, rows + 1, context)
    likelihoods(compare(customers[:2], customers[1:]), context)
    digests(customers[:2], customers[1:])
