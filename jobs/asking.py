"""Who asked for a job, as they stand now and not when they asked."""

from __future__ import annotations

from gecko.errors import NotFound
from gecko.language import _
from gecko.operations import sessions
from gecko.permissions import Permission, Principal

from .work import Work


def asker(work: Work, *permissions: Permission) -> Principal:
    """The one who asked. Raises NotFound where they are gone, or lack one of the permissions now."""
    who = sessions.principal(work.user_id) if work.user_id else None
    if who is None:
        raise NotFound(_("The one who asked for this is no longer active."))
    if not who.has(*permissions):
        raise NotFound(_("The one who asked for this may no longer do it."))
    return who
