"""A job that runs the code of a page does so with the rights, the scope and the language of the one who asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from flask_babel import force_locale

from gecko.permissions import Permission, Principal
from jobs import asking
from jobs.work import Work

from .login import acting_for


@contextmanager
def asker(work: Work, *permissions: Permission) -> Iterator[Principal]:
    """The one who asked, acted for inside. Raises NotFound as `asking.asker` does."""
    who = asking.asker(work, *permissions)
    with current_app.test_request_context("/"), acting_for(who), force_locale(who.language):
        yield who
