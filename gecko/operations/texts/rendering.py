"""Writing a read text for somebody: each code becomes its value, once; what a value says is never read as a code."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .codes import Found, Scope
from .facts import Facts
from .parsing import Node, Parsed, Repeated
from .writing import write


def as_html(parsed: Parsed, facts: Facts, language: str) -> str:
    """The text with its values, which are escaped; the text itself may hold markup (see `markup.clean`)."""
    return "".join(_written(parsed.nodes, Scope(facts, facts.booking), language, html.escape))


def as_words(parsed: Parsed, facts: Facts, language: str) -> str:
    """The text with its values, neither escaped nor changed."""
    return "".join(_written(parsed.nodes, Scope(facts, facts.booking), language, str))


def as_sms(parsed: Parsed, facts: Facts, language: str) -> str:
    """The text for a text message: what must not go by SMS is left out."""
    facts = facts.discreet(language)
    return "".join(_written(parsed.nodes, Scope(facts, facts.booking), language, str, is_sms=True))


def _written(
    nodes: Sequence[Node], scope: Scope, language: str, escape: Callable[[str], str], *, is_sms: bool = False
) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif is_sms and unfit(node):
            continue
        elif isinstance(node, Repeated):
            for one in node.loop.scopes(scope, node.option):
                yield from _written(node.body, one, language, escape, is_sms=is_sms)
        else:
            yield escape(_value(node, scope, language))


def unfit(node: Node) -> Any:
    """Why a code or a loop must not go by SMS; None where it may."""
    if isinstance(node, str):
        return None
    return node.code.unfit if isinstance(node, Found) else node.loop.unfit


def _value(found: Found, scope: Scope, language: str) -> str:
    code = found.code
    subject = scope.subject(code.subject)
    if subject is None:
        return ""
    value = code.get(subject) if found.parameter is None else code.get(subject, found.parameter)
    return write(code.kind, value, found.suffix, language)
