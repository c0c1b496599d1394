"""The pages that are looked at in every language, theme and size: (address, role, what must be on it).

A role of "" means that nobody is signed in. Each builder of a page adds its line.
"""

from __future__ import annotations

PAGES: list[tuple[str, str, str]] = [
    ("/login", "", "form"),
    ("/", "office", "main"),
    ("/search/?q=kunde", "office", "main"),
    ("/nowhere", "office", ".g-error"),
]
