"""The hooks between templates and scripts: what a template marks for a script, a script or stylesheet reads."""

from __future__ import annotations

import re
from pathlib import Path

import admin_views

ROOT = Path(admin_views.ROOT)
THEIRS = {"data-bs-theme"}  # read by the vendored stylesheet


def test_every_mark_in_a_template_is_read():
    marked = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"[\s{](data-[a-z-]+)", path.read_text("utf-8"))
    }
    files = [path for path in (ROOT / "static" / "gecko").iterdir() if path.suffix in {".js", ".css"}]
    read = "\n".join(path.read_text("utf-8") for path in files)

    def is_read(name: str) -> bool:
        camel = re.sub(r"-(.)", lambda found: found[1].upper(), name.removeprefix("data-"))
        return bool(re.search(rf'\[{name}[\]=]|"{name}"|dataset\.{camel}\b', read))

    assert "data-guard" in marked
    assert [name for name in sorted(marked - THEIRS) if not is_read(name)] == []
