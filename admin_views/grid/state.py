"""What a list's address says: search, sort, filters, page. Read once, never trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

SIZES = (25, 50, 100, 200)
MOST_PAGES = 1_000_000
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class GridState:
    """One list as its address describes it.

    token: an opaque place to start from, `step` says in which direction ("next", "previous", "first", "last").
    page: a jump by number; 1 where a token is given. letter: a prefix of the sort key to go to.
    """

    search: str = ""
    sort: str | None = None
    descending: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)
    page: int = 1
    size: int = 50
    token: str | None = None
    step: str = "first"
    letter: str = ""
    is_deleted: bool = False
    is_exact: bool = False

    def arguments(self, **changes: Any) -> dict[str, str]:
        """The address's parameters without the place in the list; `changes` set or (None) drop some."""
        found: dict[str, Any] = {}
        if self.search:
            found["q"] = self.search
        if self.sort:
            found["sort"] = f"-{self.sort}" if self.descending else self.sort
        found |= {f"f_{name}": value for name, value in sorted(self.filters.items())}
        if self.is_deleted:
            found["deleted"] = "1"
        found |= changes
        return {name: str(value) for name, value in found.items() if value is not None}

    def query_string(self, **changes: Any) -> str:
        """The same as text for a link."""
        return urlencode(self.arguments(**changes))


def read(arguments: Mapping[str, str], *, size: int | None = None) -> GridState:
    """Read an address; what makes no sense falls back to the default."""
    sort = arguments.get("sort", "")
    step = next((name for name in ("next", "previous") if arguments.get(name)), None)
    token = arguments.get(step) if step else None
    if step is None and arguments.get("at") == "last":
        step = "last"
    return GridState(
        search=" ".join(arguments.get("q", "")[:LONGEST_SEARCH].split()),
        sort=sort.removeprefix("-") or None,
        descending=sort.startswith("-"),
        filters={name[2:]: value for name, value in arguments.items() if name.startswith("f_") and value.strip()},
        page=_whole(arguments.get("page"), 1, MOST_PAGES),
        size=size if size in SIZES else 50,
        token=token,
        step=step or "first",
        letter=arguments.get("letter", "")[:20],
        is_deleted=arguments.get("deleted") == "1",
        is_exact=arguments.get("exact") == "1",
    )


def at_page(state: GridState, page: int) -> GridState:
    """The same list on another page."""
    return replace(state, page=page)


def after(state: GridState, token: str | None, size: int) -> GridState:
    """The same list from a place on, so many rows at a time."""
    return replace(state, token=token, step="next" if token else "first", page=1, size=size)


def read_query(query: str) -> GridState:
    """Read the text of a query string, as a saved view or a job keeps it."""
    return read(dict(parse_qsl(query)))


def _whole(text: str | None, lowest: int, highest: int) -> int:
    if not text or not text.isascii() or not text.isdigit():
        return lowest
    return max(lowest, min(int(text[:12]), highest))
