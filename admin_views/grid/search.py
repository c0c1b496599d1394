"""Search: typed words against the trigram index, on SQLite (FTS5) and PostgreSQL (GIN) alike."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Table, and_, column, or_, table, text
from sqlalchemy.sql.elements import ColumnElement

from gecko.folding import search_key, sort_key

SHORTEST_TRIGRAM = 3
_DIGITS = re.compile(r"^\+?\d{1,4}$")


def terms(typed: str) -> list[str]:
    """The words to look for; a telephone number typed in groups ("20 12 34 56") is one word."""
    found: list[str] = []
    run: list[str] = []
    for word in [*typed.replace("\x00", " ").split(), ""]:
        if _DIGITS.match(word):
            run.append(word)
            continue
        joined = "".join(run)
        found += [_international(joined)] if len(joined) >= 6 else run
        run = []
        if word:
            found.append(word)
    return found


def _international(digits: str) -> str:
    return "+" + digits[2:] if digits.startswith("00") else digits


def like_escaped(word: str) -> str:
    """The word with LIKE's own signs made harmless (escape sign: backslash)."""
    return re.sub(r"([\\%_])", r"\\\1", word)


def fold(word: str, dialect: str) -> str:
    """The word as the database folded the stored text."""
    return search_key(word if dialect == "sqlite" else word.lower())


def contains(target: Table, words: list[str], dialect: str) -> ColumnElement[bool]:
    """Every word occurs in the search text: the test of one row, which no index serves on SQLite."""
    return and_(*(target.c.search_text.like(f"%{like_escaped(fold(word, dialect))}%", escape="\\") for word in words))


def indexed(target: Table, words: list[str], dialect: str) -> ColumnElement[bool]:
    """The same condition in the form that the search index answers."""
    long = [word for word in words if len(fold(word, dialect)) >= SHORTEST_TRIGRAM]
    short = [word for word in words if word not in long]
    if not long:
        return and_(starts_with(target, short[0], dialect), *(contains(target, [word], dialect) for word in short[1:]))
    if dialect != "sqlite":
        return contains(target, words, dialect)
    return and_(in_full_text(target, long), contains(target, words, dialect))


def in_full_text(target: Table, words: list[str]) -> ColumnElement[bool]:
    """SQLite's full-text table has the row for the parts of these words of three letters and more.

    Which parts stand together is left to the test of the row: the table would compare every place of every part.
    A join, not `IN (SELECT ...)`: that would find every hit before the first one is looked at.
    """
    fts = table(f"{target.name}_fts", column("rowid"))
    parts = dict.fromkeys(part for word in words for part in trigrams(fold(word, "sqlite")))
    match = " AND ".join('"' + part.replace('"', '""') + '"' for part in parts)
    return and_(target.c.id == fts.c.rowid, text(f"{target.name}_fts MATCH :match").bindparams(match=match))


def trigrams(word: str) -> list[str]:
    """What the index knows of a word; not its end, where names are alike (-sen), if enough is left."""
    parts = [word[at : at + SHORTEST_TRIGRAM] for at in range(len(word) - SHORTEST_TRIGRAM + 1)]
    return parts[:-1] if len(parts) > 2 else parts


def starts_with(target: Table, word: str, dialect: str) -> ColumnElement[bool]:
    """A short word: the beginning of the name or of the number, both indexed."""
    conditions: list[ColumnElement[bool]] = []
    if "name_sort" in target.c:
        conditions.append(prefix_range(target.c.name_sort, sort_key(word if dialect == "sqlite" else word.lower())))
    for name in ("number", "item_no"):
        if name in target.c:
            by_like = target.c[name].like(f"{like_escaped(word)}%", escape="\\")
            conditions.append(prefix_range(target.c[name], word) if dialect == "sqlite" else by_like)
    return or_(*conditions) if conditions else contains(target, [word], dialect)


def prefix_range(key: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    """`key` begins with `prefix`, as a range that a plain index answers (byte order)."""
    return and_(key >= prefix, key < prefix + "\U0010ffff")


def search_condition(target: Table, typed: str, dialect: str) -> tuple[ColumnElement[bool], ColumnElement[bool]] | None:
    """The search as (for the index, for one row); None where nothing was typed or the table has no search text."""
    words = terms(typed)
    if not words or "search_text" not in target.c:
        return None
    short_only = all(len(fold(word, dialect)) < SHORTEST_TRIGRAM for word in words)
    by_index = indexed(target, words, dialect)
    return by_index, by_index if short_only else contains(target, words, dialect)
