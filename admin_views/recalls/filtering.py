"""Filters of the list of recalls by what belongs to the sign-up."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from gecko.models.recalls import Recall, RecallTurn

from ..grid import filters


class OfSignUp(filters.Relation):
    """A template, service or customer of the sign-up."""

    def read(self, chosen: str) -> tuple[ColumnElement[bool], str]:
        """One of them."""
        condition, words = super().read(chosen)
        return RecallTurn.recall_id.in_(select(Recall.id).where(condition)), words

    def equality(self, *given: str) -> str | None:
        """No column of the time."""
        return None
