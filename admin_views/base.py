"""What every page is built on: `PageView` for pages, `GridView` for lists with their forms."""

from __future__ import annotations

from .grid.view import GridView
from .guard import PUBLIC, SIGNED_IN, Guard, PageView, holds, message_of, require, require_gate, return_url, switched_on
from .login import principal

__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "GridView",
    "Guard",
    "PageView",
    "holds",
    "message_of",
    "principal",
    "require",
    "require_gate",
    "return_url",
    "switched_on",
]
