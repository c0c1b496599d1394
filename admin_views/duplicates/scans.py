"""Searches: start one for everybody, a group, or across groups; how they go, and what their caps left out."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext

from gecko.db import transaction
from gecko.language import _
from gecko.operations import group_names, job_listing
from gecko.operations.duplicates import freshness
from gecko.operations.duplicates.freshness import Scope
from gecko.permissions import Permission
from jobs import duplicates as jobs
from jobs import queue, registry

from ..base import PageView, holds, principal, require
from ..grid.records import read_id
from ..jobs import LIVE, STATES

SCOPES = {
    "whole": _("Everybody"),
    "changed": _("What changed"),
    "groups": _("Within a group"),
    "across": _("Across groups"),
}
KINDS = (jobs.SCAN, jobs.CHANGED, jobs.VALUES)


class ScansView(PageView):
    """The searches for duplicates."""

    permission = Permission.DUPLICATE_REVIEW
    slug = "duplicate_scans"
    title = _("Searches")
    icon = "search"

    def __init__(self) -> None:
        super().__init__(url="/duplicates/scans")

    @expose("/")
    def index(self) -> Any:
        """Show what runs, what ran, and what may be started."""
        runs = job_listing.of_kinds(principal(), KINDS)
        return self.render(
            "duplicates/scans.html",
            runs=runs,
            is_live=any(run.state in LIVE for run in runs),
            label=registry.label,
            states=STATES,
            scans=[(scan, freshness.dropped(scan)) for scan in freshness.recent(size=10)],
            scopes=SCOPES,
            changed=freshness.changed(),
            is_current=freshness.is_current(),
            groups=group_names.customers(principal()),
            may_start=holds(Permission.DUPLICATE_BATCH),
            sees_all=principal().groups is None,
        )

    @expose("/start", methods=("POST",))
    def start(self) -> Any:
        """Start a search; one that is under way with the same scope is shown instead."""
        require(Permission.DUPLICATE_BATCH)
        scope = _scope(request.form.get("scope", ""), read_id(request.form.get("group", "")))
        with transaction():
            run_id = jobs.enqueue_scan(scope, user_id=principal().user_id)
        queue.wake(run_id)
        flash(gettext("The search is under way."), "success")
        return redirect(url_for(".index"), 303)


def _scope(name: str, group: int | None) -> Scope:
    """What the form asks for; a limited user searches the own groups only."""
    if name == "group" and group in dict(group_names.customers(principal())):
        return Scope(group=group)
    if name not in {"whole", "across"}:
        abort(400)
    if principal().groups is not None:
        abort(403)
    return Scope(across=name == "across")
