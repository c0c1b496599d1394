"""A job that runs the code of a page does so with the rights, the scope and the language of the one who asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from flask_babel import force_locale

from gecko.errors import NotFound
from gecko.language import _
from gecko.operations import sessions
from gecko.permissions import Permission, Principal
from jobs.work import Work

from .login import acting_for


@contextmanager
def asker(work: Work, *permissions: Permission) -> Iterator[Principal]:
    """The one who asked, acted for inside. Raises NotFound where they are gone, or lack one of the permissions now."""
    who = sessions.principal(work.user_id) if work.user_id else None
    if who is None:
        raise NotFound(_("The one who asked for this is no longer active."))
    if not who.has(*permissions):
        raise NotFound(_("The one who asked for this may no longer do it."))
    with current_app.test_request_context("/"), acting_for(who), force_locale(who.language):
        yield who
