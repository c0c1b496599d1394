"""Helpers give what this process would have made, in order, whatever becomes of them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from datetime import date

from gecko.operations.matching import filling, helping
from gecko.operations.matching.placeholders import NOTHING_LEARNED, Learned
from tests.gecko.operations.matching.bases import fill
from tests.gecko.operations.matching.test_filling import everything, wipe

LEARNED = Learned(emails=frozenset({"desk@holm.dk"}))
Page = tuple[int, helping.Rows, Learned]


def row(number: int) -> tuple[object, ...]:
    return (f"Anne Holm{number}", f"Nygade {number}", "8000", "Aarhus", None, f"2020{number:04}", "desk@holm.dk",
            date(1980, 1, 2))  # fmt: skip


def pages(count: int) -> list[Page]:
    return [
        (number, [row(number * 10 + n) for n in range(number % 3)], LEARNED if number % 2 else NOTHING_LEARNED)
        for number in range(count)
    ]


def alone(given: list[Page]) -> list[tuple[int, list[bytes]]]:
    return list(helping.all_made(given, 0))


def test_they_give_what_is_made_alone_in_order():
    given = pages(9)
    assert list(helping.all_made(given, 2)) == alone(given)
    assert list(helping.all_made(given[:1], 2)) == alone(given[:1])
    assert [len(made) for _number, made in alone(given)] == [0, 1, 2] * 3
    assert alone(given)[1] != alone([(1, given[1][1], NOTHING_LEARNED)])[0]


def test_what_a_killed_helper_had_is_made_here():
    given = pages(9)

    def until_they_die() -> Iterator[Page]:
        for number, page in enumerate(given):
            if number == 5:
                for process in multiprocessing.active_children():
                    process.kill()
                    process.join()
            yield page

    assert list(helping.all_made(until_they_die(), 2)) == alone(given)


def test_nobody_stays_behind_when_the_filling_is_stopped():
    taken = helping.all_made(pages(9), 1)
    next(taken)
    assert multiprocessing.active_children()
    taken.close()
    assert not multiprocessing.active_children()


def test_a_large_base_is_filled_by_helpers(app, monkeypatch):
    fill(40)
    kept = everything()
    wipe()
    used = []
    monkeypatch.setattr(filling, "LARGE", 40)
    monkeypatch.setattr(filling, "CUSTOMERS_AT_ONCE", 15)
    monkeypatch.setattr(helping, "worth_it", lambda: used.append(1) or 1)
    filling.run()
    assert used
    assert everything() == kept
