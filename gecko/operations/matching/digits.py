"""Numbers of which one digit is wrong, or two neighbours changed places."""

from __future__ import annotations

from .arrays import Whole
from .compiling import compiled

PLACES = 8
"""So many digits are looked at, from the last on."""


@compiled
def digit_slip(one: Whole, other: Whole) -> bool:
    """Whether numbers of up to eight digits differ in one digit, or in two neighbours that changed places."""
    if not may_be_slip(one, other):
        return False
    differing, is_turned = _differing(one, other)
    return differing == 1 or is_turned


@compiled
def may_be_slip(one: Whole, other: Whole) -> bool:
    """Whether numbers are as far apart as a slip takes them: 1 to 9, or nine times that, in one decimal place."""
    apart, place = abs(one - other), 1
    while apart != 0 and apart % 10 == 0 and place < PLACES:
        apart, place = apart // 10, place + 1
    return bool(apart != 0 and (apart < 10 or (apart <= 81 and apart % 9 == 0)))


@compiled
def turned_digits(one: Whole, other: Whole) -> bool:
    """Whether two neighbouring digits changed places."""
    return bool(one != other and (one - other) % 9 == 0 and _differing(one, other)[1])


@compiled
def _differing(one: Whole, other: Whole) -> tuple[Whole, bool]:
    """In how many digits numbers differ; and whether in just two, which are neighbours and changed places."""
    differing, is_turned = 0, False
    before, before_other = -1, -1
    for _place in range(PLACES):
        digit, digit_other = one % 10, other % 10
        if digit != digit_other:
            differing += 1
            is_turned = differing == 2 and digit == before_other and digit_other == before
        before, before_other = digit, digit_other
        one, other = one // 10, other // 10
    return differing, is_turned and differing == 2
