"""The rules of the app, the rights their views declare, and what the database holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from admin_views.guard import Guard, Public, SignedIn
from gecko.db import Base, db
from gecko.permissions import SEED_ROLES
from tests.matrix.table import EVERYBODY, ROLES

ACTIONS = {
    "create_view": "create_permission",
    "edit_view": "edit_permission",
    "inline_view": "edit_permission",
    "bulk_view": "delete_permission",
    "delete_view": "delete_permission",
    "restore_view": "delete_permission",
    "export_view": "export_permission",
}


def rules(app: Flask) -> list[Rule]:
    """Every rule, in a stable order."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, str(rule.endpoint)))


def methods(rule: Rule) -> Iterator[str]:
    """The methods that a rule answers, without those every rule has."""
    yield from sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def views(app: Flask) -> dict[str, object]:
    """Every registered view by endpoint."""
    return {view.endpoint: view for admin in app.extensions["admin"] for view in admin._views}


def declared(app: Flask, endpoint: str) -> str | None:
    """The roles that hold the rights which a view declares for an endpoint; None where no view stands behind it."""
    name, _dot, part = endpoint.rpartition(".")
    view = views(app).get(name)
    if view is None or type(view).is_accessible is not Guard.is_accessible:
        return None
    needed = [view.permission]
    if part in ACTIONS:
        needed.append(getattr(view, ACTIONS[part], None))
    return "".join(letter for letter in EVERYBODY if all(_holds(ROLES[letter], one) for one in needed))


def _holds(role: str | None, needed: object) -> bool:
    if isinstance(needed, Public | SignedIn):
        return True
    if needed is None:
        return False
    wanted = needed if isinstance(needed, tuple) else (needed,)
    return role is not None and set(wanted) <= set(SEED_ROLES[role][1])


def digest() -> dict[str, str]:
    """What every table holds, hashed."""
    found = {}
    for table in Base.metadata.sorted_tables:
        rows = sorted(repr(tuple(row)) for row in db.session.execute(select(table)))
        found[table.name] = f"{len(rows)} rows, {hashlib.sha256(chr(10).join(rows).encode()).hexdigest()}"
    db.session.rollback()
    return found
