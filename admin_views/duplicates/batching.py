"""Merging the sure lane in one go: a sample first, then a job."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext

from gecko.db import transaction
from gecko.language import _
from gecko.models.duplicates import BatchState, Lane
from gecko.operations.duplicates import batches, cases
from gecko.permissions import Permission
from jobs import duplicates as jobs
from jobs import queue

from ..grid.records import read_id
from ..guard import require
from ..login import principal
from . import filtering, showing, words
from .posting import Posted

STATES = {
    BatchState.SAMPLING: (_("The sample is looked at"), "blue"),
    BatchState.PASSED: (_("Ready to merge"), "teal"),
    BatchState.FAILED: (_("The sample failed"), "red"),
    BatchState.STARTED: (_("Running"), "teal"),
    BatchState.FINISHED: (_("Done"), "green"),
}


def _require() -> None:
    require(Permission.DUPLICATE_BATCH, Permission.DUPLICATE_MERGE)


class Batching:
    """The pages of batches."""

    @expose("/batches/")
    def batches(self) -> Any:
        """Begin a batch, and look at earlier ones."""
        _require()
        return self.render(  # type: ignore[attr-defined]
            "duplicates/batches.html",
            batches=batches.recent(principal()),
            groups=filtering.groups(),
            states=STATES,
            size=batches.SAMPLE,
            smallest=batches.SMALLEST,
            largest=batches.LARGEST,
        )

    @expose("/batches/draw", methods=("POST",))
    def draw(self) -> Any:
        """Draw a sample."""
        _require()
        size = read_id(request.form.get("size")) or 0
        with transaction():
            batch_id = batches.draw(principal=principal(), group_id=read_id(request.form.get("group")), size=size).id
        return redirect(url_for(".batch", batch_id=batch_id), 303)

    @expose("/batches/<int:batch_id>")
    def batch(self, batch_id: int) -> Any:
        """The next case of the sample; once it is looked at, what may be done."""
        _require()
        batch = batches.get(batch_id, principal())
        preview = batches.preview(batch, principal())
        sample = batches.next_sample(batch) if batch.state == BatchState.SAMPLING else None
        if sample is None:
            is_ready = batch.state == BatchState.PASSED
            return self.render(  # type: ignore[attr-defined]
                "duplicates/batch.html",
                batch=batch,
                preview=preview,
                moves=batches.moving(batch, principal()) if is_ready else (),
                states=STATES,
                refusals=batches.refusals(batch_id),
            )
        filters = filtering.Asked(lane=Lane.SURE)
        shown = cases.get(sample.case_id, principal())
        return self.render(  # type: ignore[attr-defined]
            "duplicates/sample.html",
            batch=batch,
            preview=preview,
            case=shown.case,
            view=showing.view(shown, filters, Posted(), is_fixed=True),
            filters=filters,
            lanes=words.LANES,
            is_mine=False,
        )

    @expose("/batches/<int:batch_id>/judge", methods=("POST",))
    def judge(self, batch_id: int) -> Any:
        """Say of a sampled case whether it is one person."""
        _require()
        posted = Posted.of_form(request.form)
        decision = request.form.get("decision")
        if decision not in {"same", "different"}:
            flash(gettext("Choose a decision."), "danger")
            return redirect(url_for(".batch", batch_id=batch_id), 303)
        with transaction():
            batches.judge(
                batch_id,
                read_id(request.form.get("case_id")) or 0,
                is_same=decision == "same",
                principal=principal(),
                seconds=posted.seconds,
            )
        return redirect(url_for(".batch", batch_id=batch_id), 303)

    @expose("/batches/<int:batch_id>/merge", methods=("POST",))
    def merge_batch(self, batch_id: int) -> Any:
        """Hand the batch to its job."""
        _require()
        with transaction():
            run_id = jobs.enqueue_batch(batch_id, principal=principal())
        queue.wake(run_id)
        return redirect(url_for("jobs.show", run_id=run_id), 303)
