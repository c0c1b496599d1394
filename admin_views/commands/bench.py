"""`gecko bench`: measurements beside the usual alternatives."""

from __future__ import annotations

import click

from admin_views.benchmarks.account import account
from admin_views.benchmarks.command import grid
from admin_views.benchmarks.duplicate_check.command import duplicate_check
from jobs.benchmarks.duplicates.command import duplicates
from jobs.benchmarks.imports import import_
from jobs.benchmarks.ledger import ledger
from jobs.benchmarks.merge_races import merge_races
from jobs.benchmarks.messages import messages
from reports.benchmarks.ageing import ageing
from reports.benchmarks.exports import export


@click.group("bench")
def bench() -> None:
    """Build data, run the product and its peers on it in one run, and print how they compare."""


bench.add_command(ageing)
bench.add_command(account)
bench.add_command(duplicate_check)
bench.add_command(duplicates)
bench.add_command(export)
bench.add_command(grid)
bench.add_command(import_)
bench.add_command(ledger)
bench.add_command(merge_races)
bench.add_command(messages)
