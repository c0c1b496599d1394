"""Quality: what the decisions of people say about the matcher, and its thresholds with their effect."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import format_decimal, gettext

from gecko.db import transaction
from gecko.errors import Conflict, Invalid
from gecko.language import _
from gecko.models.duplicates import Lane
from gecko.operations.duplicates import freshness, learning, thresholds
from gecko.operations.duplicates.thresholds import Limits
from gecko.permissions import Permission
from jobs import duplicates as jobs
from jobs import queue

from ..base import PageView, holds, message_of, principal, require
from ..grid.records import read_id

LANES = {
    Lane.SURE: _("Sure"),
    Lane.PROBABLE: _("Probable"),
    Lane.HOUSEHOLD: _("Household"),
    Lane.SAME_NAME: _("Same name only"),
}
THRESHOLDS = {"sure": _("Sure from"), "probable": _("Probable from")}


class DuplicateQualityView(PageView):
    """Precision by lane, drift, calibration; better thresholds, looked at before they are applied."""

    permission = Permission.DUPLICATE_REVIEW
    slug = "duplicate_quality"
    title = _("Quality")
    icon = "chart-bar"

    def __init__(self) -> None:
        super().__init__(url="/duplicates/quality")

    @expose("/")
    def index(self) -> Any:
        """Show it all; `?sure=99,5&probable=60` shows what those thresholds (in percent) would do."""
        given = learning.labels()
        limits = thresholds.in_force()
        suggestions = thresholds.suggest(given, limits)
        wanted, error = _wanted(limits, suggestions)
        return self.render(
            "duplicates/quality.html",
            lanes=LANES,
            names=THRESHOLDS,
            percent=percent,
            count=len(given),
            by_lane=learning.by_lane(given),
            months=_months(given),
            bins=learning.calibration(given),
            limits=limits,
            suggestions=suggestions,
            wanted=wanted,
            error=error,
            effect=thresholds.effect(wanted.sure, wanted.probable),
            may_apply=holds(Permission.DUPLICATE_BATCH),
            is_changed=(wanted.sure, wanted.probable) != (limits.sure, limits.probable),
        )

    @expose("/apply", methods=("POST",))
    def apply(self) -> Any:
        """Put thresholds in force, and have everybody compared anew."""
        require(Permission.DUPLICATE_BATCH)
        wanted = thresholds.read(request.form.get("sure", ""), request.form.get("probable", ""))
        try:
            with transaction():
                thresholds.apply(wanted, seen=read_id(request.form.get("version", "")) or 0)
                run_id = jobs.enqueue_scan(freshness.Scope(), user_id=principal().user_id)
        except Conflict as error:
            flash(message_of(error), "warning")
            return redirect(url_for(".index"), 303)
        queue.wake(run_id)
        flash(gettext("The thresholds are in force. The whole base is compared anew."), "success")
        return redirect(url_for("jobs.show", run_id=run_id), 303)


def percent(share: float, digits: int = 1) -> str:
    """A share in percent, as the reader's language writes it, without the sign."""
    return format_decimal(round(share * 100, digits), "#,##0." + "#" * digits)


def _wanted(limits: Limits, suggestions: list[thresholds.Suggestion]) -> tuple[Limits, str | None]:
    """The thresholds to look at: those of the address, else the suggested, else those in force."""
    if "sure" in request.args or "probable" in request.args:
        try:
            return thresholds.read(request.args.get("sure", ""), request.args.get("probable", "")), None
        except Invalid as error:
            return limits, message_of(error)
    return thresholds.suggested(limits, suggestions), None


def _months(given: list[learning.Label]) -> list[tuple[Lane, dict[Any, learning.Share], bool]]:
    """By lane: its months, and whether the last differs from the earlier ones."""
    by_lane = [(lane, learning.by_month(given, lane)) for lane in LANES]
    return [(lane, months, learning.drifted(months)) for lane, months in by_lane if months]
