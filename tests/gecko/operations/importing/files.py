"""Files to import, and one call that brings them in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask_babel import force_locale

from gecko.operations.importing import mapping as mappings
from gecko.operations.importing.running import open_import
from gecko.operations.importing.writing import Context
from jobs import imports

INVOICES: dict[str, Any] = {
    "kind": "invoices", "decimal": ".", "date_format": "%m/%d/%y %H:%M", "round": "half_up",
    "create_missing": ["customer", "debtor"], "credit_note_prefix": "C",
    "columns": {"number": "no", "issued_at": "date", "customer_number": "customer", "quantity": "qty",
                "total": "total"},
    "clean": {"customer_number": "integer"},
}  # fmt: skip


def bring_in(folder: Path, text: str, mapping: dict[str, Any], **context: Any) -> dict[str, Any]:
    """Import a file of this text; returns the counts, and the refused lines with their reasons."""
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    rejects = folder / "rejects.csv"
    parsed = mappings.parse(mapping)
    with force_locale("en"), open_import(path, parsed, context=Context(**context), rejects=rejects) as run:
        imports.drive(run, is_dry=run.is_dry)
    facts = run.facts()
    lines = rejects.read_text(encoding="utf-8-sig").splitlines()[1:]
    assert len(lines) == facts["refused"]
    assert facts["imported"] + facts["existing"] + facts["refused"] == facts["read"]
    return {**facts, "reasons": lines}


def four(facts: dict[str, Any]) -> tuple[int, ...]:
    """Read, imported, existing, refused."""
    return tuple(facts[name] for name in ("read", "imported", "existing", "refused"))
