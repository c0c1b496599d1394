"""A text read once: its words, codes and loops as a tree, and what its author should look at."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from .codes import Found, Loop, Part
from .registry import TABLE

_NAME = r"[^\W\d_]\w{1,60}"
_DATED = r"[^\W\d_]\w{0,60}_\w{2,4}(?:[-./]\w{2,4}){1,2}"
_CODE = re.compile(rf"\[({_NAME}|{_DATED})\]")


class ProblemKind(StrEnum):
    """What is wrong with a code in a text."""

    UNKNOWN = "unknown"
    NOT_CLOSED = "not_closed"
    NOT_OPENED = "not_opened"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class Problem:
    """A code that is written as nothing. code: as typed, with its brackets; instead: a known one that looks alike."""

    kind: ProblemKind
    code: str
    line: int
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A loop with what stands inside; `typed` is its beginning without brackets."""

    loop: Loop
    typed: str
    option: str
    body: tuple[Node, ...]


Node: TypeAlias = str | Found | Repeated


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text ready to be written for any number of customers."""

    nodes: tuple[Node, ...]
    problems: tuple[Problem, ...]

    def walk(self) -> Iterator[Node]:
        """Every node, those inside loops after their loop."""
        waiting = list(reversed(self.nodes))
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node, Repeated):
                waiting += reversed(node.body)

    def parts(self) -> frozenset[Part]:
        """What has to be loaded for it."""
        owners = (
            node.code if isinstance(node, Found) else node.loop for node in self.walk() if not isinstance(node, str)
        )
        return frozenset(one.part for one in owners if one.part is not None)


@dataclass(slots=True)
class _Open:
    """A loop whose end has not come yet."""

    loop: Loop
    option: str
    typed: str
    line: int
    body: list[Node]


class _Reader:
    def __init__(self) -> None:
        self.top: list[Node] = []
        self.open: list[_Open] = []
        self.problems: list[Problem] = []

    @property
    def here(self) -> list[Node]:
        return self.open[-1].body if self.open else self.top

    def words(self, text: str) -> None:
        if text:
            self.here.append(text)

    def code(self, name: str, line: int) -> None:
        typed, upper = f"[{name}]", name.upper()
        if upper in TABLE.begins:
            self._begin(typed, upper, line)
        elif upper in TABLE.ends:
            self._end(typed, upper, line)
        elif (found := TABLE.find(name)) is not None:
            self.here.append(found)
        else:
            self.problems.append(Problem(ProblemKind.UNKNOWN, typed, line, _alike(upper)))

    def _begin(self, typed: str, name: str, line: int) -> None:
        loop, option = TABLE.begins[name]
        if any(one.loop is loop for one in self.open):
            self.problems.append(Problem(ProblemKind.NESTED, typed, line))
        else:
            self.open.append(_Open(loop, option, typed, line, []))

    def _end(self, typed: str, name: str, line: int) -> None:
        loop = TABLE.ends[name]
        if all(one.loop is not loop for one in self.open):
            self.problems.append(Problem(ProblemKind.NOT_OPENED, typed, line))
            return
        while self.open[-1].loop is not loop:
            self.give_up()
        done = self.open.pop()
        self.here.append(Repeated(done.loop, done.typed.strip("[]"), done.option, tuple(done.body)))

    def give_up(self) -> None:
        """Take the innermost open loop for not begun: what stands inside is written once."""
        one = self.open.pop()
        self.problems.append(Problem(ProblemKind.NOT_CLOSED, one.typed, one.line))
        self.here.extend(one.body)


@lru_cache(maxsize=512)
def parse(text: str) -> Parsed:
    """Read a text. Never fails: what is no code stays text, and what is a wrong one is written as nothing.

    A code is a name of at least two signs in square brackets; `[x]`, `[12]` and `[two words]` are text.
    """
    reader, end = _Reader(), 0
    for match in _CODE.finditer(text):
        reader.words(text[end : match.start()])
        reader.code(match[1], text.count("\n", 0, match.start()) + 1)
        end = match.end()
    reader.words(text[end:])
    while reader.open:
        reader.give_up()
    problems = sorted(reader.problems, key=lambda one: one.line)
    return Parsed(tuple(reader.top), tuple(problems))


def _alike(name: str) -> str:
    found = difflib.get_close_matches(name, TABLE.names(), n=1, cutoff=0.75)
    return f"[{found[0]}]" if found else ""
