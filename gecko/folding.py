"""How text is folded for search and for Danish sorting, once in Python and once as SQL.

Both databases compute the stored columns themselves, so no write path can forget them.
SQLite's lower() knows ASCII only, hence the explicit upper-case letters.
"""

from __future__ import annotations

# Letter -> what search compares. Danish spellings with and without the letters meet: Åse and Aase.
SEARCH_FOLDS = {
    "Æ": "ae", "æ": "ae", "Ä": "ae", "ä": "ae",
    "Ø": "oe", "ø": "oe", "Ö": "oe", "ö": "oe",
    "Å": "aa", "å": "aa",
    "É": "e", "é": "e", "È": "e", "è": "e", "Ü": "u", "ü": "u",
}  # fmt: skip

# Letter -> an ASCII sign that sorts where Danish wants it: z < æ < ø < å, with aa as å (Retskrivningsordbogen).
SORT_FOLDS = {
    "Æ": "{", "æ": "{", "Ä": "{", "ä": "{",
    "Ø": "|", "ø": "|", "Ö": "|", "ö": "|",
    "Å": "}", "å": "}", "aa": "}",
    "É": "e", "é": "e", "È": "e", "è": "e", "Ü": "y", "ü": "y",
}  # fmt: skip


def _fold(text: str, table: dict[str, str]) -> str:
    folded = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)
    for letter, replacement in table.items():
        folded = folded.replace(letter, replacement)
    return folded


def search_key(text: str) -> str:
    """What the stored search text holds of `text`; fold a search term with it before comparing."""
    return _fold(text, SEARCH_FOLDS)


def sort_key(text: str) -> str:
    """A key whose byte order is the Danish order of `text`."""
    return _fold(text, SORT_FOLDS)


def _sql(expression: str, table: dict[str, str]) -> str:
    folded = f"lower({expression})"
    for letter, replacement in table.items():
        folded = f"replace({folded}, '{letter}', '{replacement}')"
    return folded


def search_sql(*columns: str) -> str:
    """The SQL of a stored search text over `columns` (nullable text), parted by spaces."""
    return _sql(" || ' ' || ".join(f"coalesce({column}, '')" for column in columns), SEARCH_FOLDS)


def sort_sql(column: str) -> str:
    """The SQL of a stored Danish sort key."""
    return _sql(column, SORT_FOLDS)
