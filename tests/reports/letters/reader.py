"""Reads the words of a PDF back, by the tables that tell a reader which sign a glyph stands for."""

from __future__ import annotations

import base64
import re
import zlib

_OBJECT = re.compile(rb"(?s)\b(\d+) 0 obj\b(.*?)\bendobj\b")
_SHOWN = re.compile(rb"(?s)/(F\d+\+\d+) [\d.]+ Tf|\(((?:[^()\\]|\\.)*)\) Tj|(T\*|ET)")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pages(pdf: bytes) -> list[str]:
    """The words of each page, in the order in which they are drawn; a line for each line."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    fonts = {}
    for body in objects.values():
        named = re.search(rb"/Name /(F\d+\+\d+)", body)
        table = re.search(rb"/ToUnicode (\d+) 0 R", body)
        if named and table:
            fonts[named[1]] = _signs(_stream(objects[int(table[1])]))
    found = [int(number) for number in re.findall(rb"/Contents (\d+) 0 R", pdf)]
    return [_words(_stream(objects[number]), fonts) for number in found]


def _stream(body: bytes) -> bytes:
    data = body.split(b"stream", 1)[1].split(b"endstream", 1)[0].strip()
    if b"/ASCII85Decode" in body:
        data = base64.a85decode(data.removesuffix(b"~>"))
    return zlib.decompress(data) if b"/FlateDecode" in body else data


def _signs(table: bytes) -> dict[int, str]:
    """Sign by code, from a ToUnicode table: `<00> <00FF> [<0041> <0042> …]`, or a code to a line."""
    signs: dict[int, str] = {}
    for begin, listed in re.findall(rb"(?s)<([0-9A-Fa-f]{2})>\s*<[0-9A-Fa-f]{2}>\s*\[(.*?)\]", table):
        for offset, sign in enumerate(re.findall(rb"<([0-9A-Fa-f]+)>", listed)):
            signs[int(begin, 16) + offset] = chr(int(sign, 16))
    for code, sign in re.findall(rb"<([0-9A-Fa-f]{2})>\s*<([0-9A-Fa-f]{4,})>", table):
        signs.setdefault(int(code, 16), chr(int(sign, 16)))
    return signs


def _words(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    shown, signs = [], {}
    for font, words, ended in _SHOWN.findall(content):
        if font:
            signs = fonts[font]
        elif ended:
            shown.append("\n")
        else:
            shown.append("".join(signs[code] for code in _unescaped(words)))
    return re.sub("\n+", "\n", "".join(shown)).strip()


def _unescaped(words: bytes) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        said = match[1]
        return bytes([int(said, 8)]) if said.isdigit() else _PLAIN.get(said, said)

    return _ESCAPED.sub(one, words)
