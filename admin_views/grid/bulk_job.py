"""The job behind a bulk change of many rows: on behalf of who asked, within what they may see, resumable."""

from __future__ import annotations

from typing import Any

from gecko.errors import NotFound
from gecko.language import _
from jobs.registry import job
from jobs.work import Work

from ..lookups import target_view
from ..on_behalf import asker
from .bulk import Chosen


@job("grid.bulk", label=_("Change of many records"))
def change_many(work: Work) -> dict[str, Any]:
    """Do one bulk action; goes on after the last id of a broken-off attempt."""
    wanted = work.parameters
    view = target_view(wanted["endpoint"])
    chosen = Chosen(wanted["action"], wanted["ids"], wanted["query"], wanted["value"])
    before = work.done
    start = (work.checkpoint or {}).get("above", 0)

    def after(count: int, last: int) -> None:
        work.progress(before + count, checkpoint={"above": last})

    with asker(work):
        if chosen.action not in dict(view.bulk_choices()):
            raise NotFound(_("The one who asked for this may no longer do it."))
        outcome = view.do_bulk(chosen, above=start, after=after)
    return {"changed": outcome.changed, "refused": outcome.refused, "reasons": outcome.reasons}
