"""Duplicates in the menu."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from gecko.db import db
from gecko.language import _
from gecko.models.duplicates import DuplicateCase, Lane
from gecko.operations.duplicates import queue
from gecko.permissions import Permission

from .. import badges
from ..guard import PageView
from ..login import principal
from .batching import Batching
from .checking import Checking
from .reviewing import Reviewing
from .waiting import Waiting

MOST_BESIDE_THE_MENU = 999


class DuplicatesView(Waiting, Reviewing, Checking, Batching, PageView):
    """The queue, one case at a time, the check of one customer, and batches."""

    permission = Permission.DUPLICATE_REVIEW
    slug = "duplicates"
    title = _("Duplicates")
    icon = "users"

    def badge(self) -> int:
        """Cases that are probably one person; other pages than these show what was counted a little while ago."""
        return badges.kept(self.endpoint, self._count)

    def _count(self) -> int:
        rules = [DuplicateCase.closed_at.is_(None), DuplicateCase.lane.in_((Lane.SURE, Lane.PROBABLE))]
        if principal().groups is not None:
            rules.append(queue.visible(principal()))
        some = select(DuplicateCase.id).where(*rules).limit(MOST_BESIDE_THE_MENU).subquery()
        return db.session.scalar(select(func.count()).select_from(some)) or 0

    def commands(self) -> Iterable[tuple[Any, str]]:
        """What the search dialog offers."""
        yield _("Review duplicates"), url_for("duplicates.start")
