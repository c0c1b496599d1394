"""Imports as jobs: each chunk and how far the import got are committed together, so that a killed one goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy.exc import IntegrityError

from gecko import actor, audit
from gecko.db import db, run_write, transaction
from gecko.errors import NotAllowed
from gecko.language import _
from gecko.operations import sessions
from gecko.operations.importing import mapping as mappings
from gecko.operations.importing.fields import Kind
from gecko.operations.importing.running import Chunk, Import, open_import
from gecko.operations.importing.writing import Context
from gecko.permissions import Permission

from . import duplicates
from .registry import job
from .work import Work

PERMISSIONS = {
    Kind.INVOICES: Permission.INVOICE_IMPORT,
    Kind.CUSTOMERS: Permission.CUSTOMER_IMPORT,
    Kind.DEBTORS: Permission.DEBTOR_IMPORT,
    Kind.ITEMS: Permission.ITEM_IMPORT,
}
Keep = Callable[[Import, Chunk], None]


def drive(run: Import, *, is_dry: bool = False, keep: Keep | None = None) -> None:
    """Bring every chunk in. `keep` is called inside each transaction, after the chunk is written."""

    def step(chunk: Chunk) -> None:
        run.write(chunk)
        if keep is not None and not is_dry:
            keep(run, chunk)

    for chunk in run.chunks():
        if is_dry:
            step(chunk)
            db.session.rollback()
        else:
            _write(lambda chunk=chunk: step(chunk))  # type: ignore[misc]
        run.settle(chunk)
        if is_dry and keep is not None:
            keep(run, chunk)


def _write(work: Callable[[], None]) -> None:
    """Write, and once more where a page made the same record at the same moment: then it is found.

    The log, and what is kept of consents, name the import as where it came from.
    """
    with actor.acting_as(replace(actor.current(), source="import")):
        try:
            run_write(work)
        except IntegrityError:
            run_write(work)


def finish(run: Import, *, kind: Kind, name: str, is_dry: bool) -> dict[str, Any]:
    """Log the end of an import, and have customers that came in compared with the others; returns its counts."""
    facts = run.facts()
    if not is_dry:
        with transaction():
            audit.record("import.finish", entity="import", entity_id=kind, facts={"file": name, **facts})
            if kind == Kind.CUSTOMERS and facts["imported"]:
                duplicates.enqueue_changed()
    return facts


def uploads() -> Path:
    """Where files wait for their import."""
    return Path(current_app.config["GECKO"].folder("uploads"))


def exports() -> Path:
    """Where result files are fetched from."""
    return Path(current_app.config["GECKO"].folder("exports"))


@job("imports.run", label=_("Import of a file"))
def run_import(work: Work) -> dict[str, Any]:
    """Import an uploaded file. Parameters: file (in uploads), name (as uploaded), mapping, is_dry."""
    given = work.parameters
    mapping = mappings.parse(given["mapping"])
    is_dry = bool(given.get("is_dry"))
    rejects = exports() / f"import-{work.id}-rejects.csv"
    warnings = exports() / f"import-{work.id}-warnings.csv"
    checkpoint = None if is_dry else work.checkpoint
    source = uploads() / re.sub(r"[^\w.-]", "", given["file"])
    context = _context(work.user_id, mapping.kind, is_dry=is_dry)
    with open_import(
        source, mapping, context=context, rejects=rejects, warnings=warnings, checkpoint=checkpoint
    ) as run:
        total = run.table.estimate

        def keep(run: Import, chunk: Chunk) -> None:
            if is_dry:
                work.progress(run.counts.read, total=max(total, run.counts.read))
                return
            state = run.checkpoint(chunk)
            read = state["counts"]["read"]
            work.progress(read, total=max(total, read), checkpoint=state)

        drive(run, is_dry=is_dry, keep=keep)
        facts = finish(run, kind=mapping.kind, name=given["name"], is_dry=is_dry)
    result = {"kind": str(mapping.kind), "name": given["name"], "is_dry": is_dry, **facts}
    if facts["refused"]:
        result["file"] = rejects.name
    if facts["warnings"]:
        result["warnings_file"] = warnings.name
    if not is_dry:
        source.unlink(missing_ok=True)
    return result


def _context(user_id: int | None, kind: Kind, *, is_dry: bool) -> Context:
    """What the one who asked for the import may touch now, not when they asked."""
    if user_id is None:
        return Context(is_dry=is_dry)
    who = sessions.principal(user_id)
    if who is None or not who.has(PERMISSIONS[kind]):
        raise NotAllowed
    return Context(user_id=user_id, groups=who.groups, is_dry=is_dry)
