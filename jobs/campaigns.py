"""What waits of a stopped campaign is called off."""

from __future__ import annotations

from typing import Any

from gecko.db import run_write
from gecko.language import _
from gecko.operations.campaigns import steering

from .registry import job
from .work import Work


@job(steering.WITHDRAW, label=_("Calling a stopped newsletter off"))
def withdraw(work: Work) -> dict[str, Any]:
    """Call off some hundred at a time, until none waits; again is nothing."""
    campaign_id, count = int(work.parameters["id"]), 0
    while some := run_write(lambda: steering.withdraw_some(campaign_id)):
        count += some
        work.progress(count)
    return {"messages": count}
