"""What schema comparisons leave out."""

from __future__ import annotations

from typing import Any


def include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """Leave the search indexes out (gecko.triggers makes them): full-text tables, trigram indexes."""
    if name is None:
        return True
    return not (type_ == "table" and "_fts" in name) and not (type_ == "index" and name.startswith("trgm_"))
