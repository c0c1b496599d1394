"""A text becomes a message: subject, plain words and, for e-mails and letters, HTML."""

from __future__ import annotations

from dataclasses import dataclass

from ...channels import MessageChannel
from . import markup, rendering
from .facts import Facts
from .parsing import parse
from .reviewing import Source, Unfit, unfit_for_sms


@dataclass(frozen=True, slots=True)
class Composed:
    """What is sent. unfit: what forbids sending it (SMS alone), in the text or in what its codes became."""

    subject: str | None
    body: str
    html: str | None
    unfit: tuple[Unfit, ...] = ()

    @property
    def is_sendable(self) -> bool:
        """Whether there is something to say, under a subject where the channel has one, and nothing forbids it."""
        return not self.unfit and bool(self.body.strip()) and self.subject != ""


def compose(source: Source, facts: Facts, channel: MessageChannel, language: str) -> Composed:
    """Write a text for one customer; fails on nothing that a text or a value can hold."""
    parsed = parse(source.body)
    if channel == MessageChannel.SMS:
        body = rendering.as_sms(parsed, facts, language).strip()
        found = (*unfit_for_sms(parsed, facts.sensitive_fields), *unfit_for_sms(parse(body), frozenset()))
        return Composed(None, body, None, tuple({one.typed.upper(): one for one in found}.values()))
    formatted, words = _formatted(source.body, facts, language)
    return Composed(_subject(source, facts, language) if channel == MessageChannel.EMAIL else None, words, formatted)


def _subject(source: Source, facts: Facts, language: str) -> str:
    """One line: a line break in a header would be another header."""
    return " ".join(rendering.as_words(parse(source.subject), facts, language).split())


def _formatted(body: str, facts: Facts, language: str) -> tuple[str, str]:
    parsed = parse(body)
    if markup.is_plain(body):  # most texts: nothing to read twice
        words = rendering.as_words(parsed, facts, language).strip()
        return markup.paragraphs(words), words
    formatted = markup.clean(rendering.as_html(parsed, facts, language).strip())
    return formatted, markup.plain(formatted)
