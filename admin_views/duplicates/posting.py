"""What the page of a case was asked to show, and what its form says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from gecko.clock import now
from gecko.operations.duplicates.labels import Look
from gecko.operations.merging import JOINED

from ..grid.records import read_id

LONGEST_LOOK = 600.0
"""Seconds; who looked longer was away."""
LONGEST_KEY = 64
Values = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Posted:
    """Who is kept and who is left out; of a form also values, answers, and everything as it was shown.

    members: who the decision is about. versions: of the customers, by id. pairs: the evidence of the open pairs, by id.
    """

    survivor: int | None = None
    out: frozenset[int] = frozenset()
    members: frozenset[int] = frozenset()
    choices: dict[str, int | str] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    pairs: dict[int, str] = field(default_factory=dict)
    key: str | None = None
    seconds: float | None = None

    @property
    def look(self) -> Look:
        """How the decision was made; a second press with the same key decides nothing."""
        return Look(act=self.key, seconds=self.seconds)

    @classmethod
    def of_address(cls, values: Values) -> Posted:
        """`?survivor=7&out=9&out=12`."""
        return cls(survivor=read_id(values.get("survivor", "")), out=frozenset(_ids(values.getlist("out"))))

    @classmethod
    def of_form(cls, values: Values) -> Posted:
        """The form of a case; what makes no sense is left away."""
        return cls(
            survivor=read_id(values.get("survivor", "")),
            out=frozenset(_ids(values.getlist("out"))),
            members=frozenset(_ids(values.getlist("member"))),
            choices={name: _choice(text) for name, text in _named(values, "choice-")},
            answers={name: answer for name, text in _named(values, "answer-") if (answer := read_id(text))},
            versions=dict(_numbers(_named(values, "version-"))),
            pairs={found: evidence for text in values.getlist("pair") for found, evidence in _pair(text)},
            key=values.get("key", "")[:LONGEST_KEY] or None,
            seconds=_seconds(values.get("shown", "")),
        )


def _ids(texts: Iterable[str]) -> Iterable[int]:
    return (found for text in texts if (found := read_id(text)))


def _named(values: Values, prefix: str) -> Iterable[tuple[str, str]]:
    return ((name.removeprefix(prefix), text) for name, text in values.items() if name.startswith(prefix))


def _choice(text: str) -> int | str:
    return JOINED if text == JOINED else read_id(text) or 0


def _numbers(named: Iterable[tuple[str, str]]) -> Iterable[tuple[int, int]]:
    for name, text in named:
        key, value = read_id(name), read_id(text)
        if key and value:
            yield key, value


def _pair(text: str) -> Iterable[tuple[int, str]]:
    pair_id, _colon, evidence = text.partition(":")
    if found := read_id(pair_id):
        yield found, evidence


def _seconds(shown: str) -> float | None:
    """How long the page stood open."""
    started = read_id(shown)
    if started is None:
        return None
    passed = now().timestamp() - started / 1000
    return round(passed, 1) if 0 <= passed <= LONGEST_LOOK else None
