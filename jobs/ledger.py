"""The nightly seal over the ledger, and its head by mail to whoever keeps it."""

from __future__ import annotations

from typing import Any

from gecko.db import transaction
from gecko.language import _
from gecko.operations.sealing import anchors, seals

from .registry import job
from .work import Work

SEAL = "ledger.seal"


@job(SEAL, label=_("Seal of the ledger"))
def seal_ledger(work: Work) -> dict[str, Any]:
    """Seal what was written since the last time; where the settings name an address, the head of the chain goes there.

    A second attempt goes on where the first one ended, and the same head is mailed once.
    """
    rows = seals.seal_all(work.progress)
    with transaction():
        mailed = anchors.send()
    return {"rows": rows, "mailed": mailed is not None}
