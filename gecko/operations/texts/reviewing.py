"""What the author of a text should know before it is used: wrong codes, and what must not go by SMS.

Anybody near the telephone may read a text message, and nobody can take it back: the Danish data protection agency
(Datatilsynet, 2019 and February 2024) advises against sensitive and confidential particulars in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ... import cpr
from ...channels import MessageChannel
from ...language import _
from .codes import Found
from .parsing import Node, Parsed, Problem, parse
from .rendering import unfit

_LIKE_CPR = re.compile(r"(?<!\d)\d{6}[- ]?\d{4}(?!\d)")
FIELD = _("a custom field marked as sensitive")
"""Why such a field is kept out of text messages."""
_NUMBER = _("something that looks like a social security number")


@dataclass(frozen=True, slots=True)
class Source:
    """A text as its author wrote it. subject: of an e-mail; other channels have none."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Unfit:
    """What must not go by SMS, as typed, and what it is."""

    typed: str
    reason: Any


@dataclass(frozen=True, slots=True)
class Review:
    """problems: codes that are written as nothing. unfit: why the text is not sent at all."""

    problems: tuple[Problem, ...]
    unfit: tuple[Unfit, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to look at."""
        return not self.problems and not self.unfit


def review(source: Source, channel: MessageChannel, sensitive_fields: frozenset[int]) -> Review:
    """Look through a text; sensitive_fields are the custom fields that must not go by SMS."""
    read = [parse(source.body)] if channel != MessageChannel.EMAIL else [parse(source.subject), parse(source.body)]
    problems = tuple(problem for one in read for problem in one.problems)
    return Review(problems, unfit_for_sms(read[-1], sensitive_fields) if channel == MessageChannel.SMS else ())


def unfit_for_sms(parsed: Parsed, sensitive_fields: frozenset[int]) -> tuple[Unfit, ...]:
    """What keeps a text from going by SMS, each once."""
    found = (one for node in parsed.walk() for one in _unfit(node, sensitive_fields))
    first: dict[str, Unfit] = {}
    for one in found:
        first.setdefault(one.typed.upper(), one)
    return tuple(first.values())


def _unfit(node: Node, sensitive_fields: frozenset[int]) -> Iterator[Unfit]:
    if isinstance(node, str):
        for match in _LIKE_CPR.finditer(node):
            if cpr.looks_like(match[0]):
                yield Unfit(match[0], _NUMBER)
    elif (reason := unfit(node)) is not None:
        yield Unfit(f"[{node.typed}]", reason)
    elif isinstance(node, Found) and node.parameter in sensitive_fields:
        yield Unfit(f"[{node.typed}]", FIELD)
