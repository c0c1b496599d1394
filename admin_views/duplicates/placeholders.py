"""Placeholder values: what the matcher learned to take for no value, judged and added to by staff."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext

from gecko.db import transaction
from gecko.language import _
from gecko.models.matching import PlaceholderState
from gecko.operations.duplicates import placeholders
from gecko.permissions import Permission
from jobs import duplicates as jobs
from jobs import queue

from ..base import PageView, principal

STATES = {
    PlaceholderState.LEARNED: (_("Learned"), "blue"),
    PlaceholderState.CONFIRMED: (_("Confirmed"), "green"),
    PlaceholderState.REJECTED: (_("A real value"), "secondary"),
}


class PlaceholdersView(PageView):
    """The list, with a button to confirm, one to reject, and a form to add."""

    permission = Permission.DUPLICATE_BATCH
    slug = "placeholders"
    title = _("Placeholder values")
    icon = "ban"

    def __init__(self) -> None:
        super().__init__(url="/duplicates/placeholders")

    @expose("/")
    def index(self) -> Any:
        """Show the list."""
        return self.render(
            "duplicates/placeholders.html", rows=placeholders.listed(), kinds=placeholders.KINDS, states=STATES
        )

    @expose("/<int:placeholder_id>/decide", methods=("POST",))
    def decide(self, placeholder_id: int) -> Any:
        """Say of a value whether it stands in for one."""
        choice, seen = request.form.get("state", ""), request.form.get("seen", "")
        if choice not in {PlaceholderState.CONFIRMED, PlaceholderState.REJECTED} or seen not in set(PlaceholderState):
            placeholders.get(placeholder_id)
            abort(400)
        with transaction():
            is_news = placeholders.decide(
                placeholder_id, PlaceholderState(choice), seen=PlaceholderState(seen), user_id=principal().user_id
            )
            run_id = self._renew(placeholder_id) if is_news else None
        return self._saved(run_id)

    @expose("/add", methods=("POST",))
    def add(self) -> Any:
        """Put a value on the list."""
        with transaction():
            added = placeholders.add(
                request.form.get("kind", ""), request.form.get("value", "")[:200], user_id=principal().user_id
            )
            run_id = self._renew(added)
        return self._saved(run_id)

    def _renew(self, placeholder_id: int) -> int:
        return jobs.enqueue_values(placeholder_id, user_id=principal().user_id)

    def _saved(self, run_id: int | None) -> Any:
        if run_id is not None:
            queue.wake(run_id)
        flash(gettext("The list is saved. Where it changes anything, everybody is compared anew."), "success")
        return redirect(url_for(".index"), 303)
