"""The worker."""

from __future__ import annotations

from . import runner


def perform(run_id: int) -> None:
    """What the queue calls: do the run."""
    runner.execute(run_id)
