"""The end of every newsletter by e-mail: how to say no to further ones, unless its author wrote the link elsewhere."""

from __future__ import annotations

from ... import unsubscribe_links
from ...models.messages import MessageChannel
from ..texts import markup
from ..texts.codes import Found
from ..texts.parsing import parse
from ..texts.reviewing import Source

CODE = {"da": "[AFMELDLINK]", "en": "[UNSUBSCRIBELINK]"}
WORDS = {
    "da": "Vil du ikke have flere nyhedsbreve fra os? Afmeld dem her:",
    "en": "No more newsletters from us? Say so here:",
}


def with_link(source: Source, channel: MessageChannel, language: str) -> Source:
    """The text with the link at its end; as it is where it holds the link, is no e-mail, or no link can be made."""
    if channel != MessageChannel.EMAIL or has_link(source) or not unsubscribe_links.are_possible():
        return source
    words, code = WORDS[language], CODE[language]
    if markup.is_plain(source.body):
        return Source(source.subject, f"{source.body}\n\n{words} {code}")
    return Source(source.subject, f'{source.body}\n<p>{words} <a href="{code}">{code}</a></p>')


def has_link(source: Source) -> bool:
    """Whether a text holds the customer's link for saying no."""
    nodes = parse(source.body).walk()
    return any(isinstance(node, Found) and CODE["da"].strip("[]") in node.code.names for node in nodes)
