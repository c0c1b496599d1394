"""What a code is, and how a name in brackets is found in the table of codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .facts import Booked, Facts, Tag
from .writing import Kind, takes


class Subject(StrEnum):
    """What a code speaks about; without it in the facts the code is written as nothing."""

    CUSTOMER = "customer"
    BOOKING = "booking"
    TAG = "tag"
    COMPANY = "company"
    TEXT = "text"  # the text itself


class Part(StrEnum):
    """What is loaded only for texts that speak about it."""

    BORN = "born"  # may stand in the CPR alone
    CPR = "cpr"
    ANSWERS = "answers"
    TAGS = "tags"
    PURCHASES = "purchases"
    BOOKINGS = "bookings"
    RECALL = "recall"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Scope:
    """The facts at one place of a text; inside a loop, what the loop stands at."""

    facts: Facts
    booking: Booked | None
    tag: Tag | None = None

    def subject(self, subject: Subject) -> Any:
        """What a code with this subject reads."""
        known: dict[Subject, Any] = {
            Subject.CUSTOMER: self.facts.customer,
            Subject.BOOKING: self.booking,
            Subject.TAG: self.tag,
            Subject.COMPANY: self.facts.company,
            Subject.TEXT: self.facts,
        }
        return known[subject]


@dataclass(frozen=True, slots=True)
class Code:
    """One value, and the names it has in texts (upper case; the case typed does not matter).

    get: reads the value from the subject; with a parameter it takes that, too. unfit: why it must not go by SMS.
    """

    names: tuple[str, ...]
    kind: Kind
    subject: Subject
    get: Callable[..., Any]
    about: Any
    part: Part | None = None
    unfit: Any = None
    has_parameter: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """A pair of codes around what is repeated. options: what may follow the beginning, after an underscore."""

    begin: str
    end: str
    scopes: Callable[[Scope, str], Iterable[Scope]]
    about: Any
    options: tuple[str, ...] = ()
    part: Part | None = None
    unfit: Any = None


@dataclass(frozen=True, slots=True)
class Found:
    """A code as written in a text; `typed` without its brackets."""

    code: Code
    typed: str
    suffix: str = ""
    parameter: int | None = None


_NUMBERED = re.compile(r"([^\W\d]+?)(\d{1,9})")


class Table:
    """All codes and loops by name; raises ValueError where two share one."""

    def __init__(self, codes: Iterable[Code], loops: Iterable[Loop]) -> None:
        self.codes, self.loops = tuple(codes), tuple(loops)
        self._codes: dict[str, Code] = {}
        self.begins: dict[str, tuple[Loop, str]] = {}
        self.ends: dict[str, Loop] = {}
        for code in self.codes:
            for name in code.names:
                self._add(self._codes, name, code)
        for loop in self.loops:
            for option in ("", *loop.options):
                self._add(self.begins, "_".join(filter(None, (loop.begin, option))).upper(), (loop, option))
            self._add(self.ends, loop.end.upper(), loop)

    @staticmethod
    def _add(known: dict[str, Any], name: str, value: Any) -> None:
        if name != name.upper() or name in known:
            raise ValueError(f"the code {name} is not upper case, or stands twice")
        known[name] = value

    def find(self, typed: str) -> Found | None:
        """The code that a name means, in any case and with any suffix its kind takes; None for an unknown one."""
        name = typed.upper()
        place = len(name)
        code, parameter = self._named(name)
        while code is None and (place := name.rfind("_", 0, place)) > 0:
            code, parameter = self._named(name[:place])
            if code is not None and not takes(code.kind, name[place + 1 :]):
                code = None
        return None if code is None else Found(code, typed, name[place + 1 :], parameter)

    def _named(self, name: str) -> tuple[Code | None, int | None]:
        code = self._codes.get(name)
        if code is not None:
            return (None if code.has_parameter else code), None
        match = _NUMBERED.fullmatch(name)
        code = self._codes.get(match[1]) if match else None
        return (code, int(match[2])) if match and code is not None and code.has_parameter else (None, None)

    def names(self) -> list[str]:
        """Every name that can be written, but for suffixes and parameters."""
        return [*self._codes, *self.begins, *self.ends]
