"""The proof of the reports on an invoice file: it compares what it says, and an øre more or less is found."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
import pytest
from flask import Flask

from gecko.db import transaction
from gecko.operations import settling
from jobs.benchmarks import ledger
from reports.benchmarks import ageing
from tests.gecko.operations.importing.files import INVOICES, bring_in


def test_reports_on_an_imported_file_are_what_the_tables_say(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"{n},{1 + n % 12}/{1 + n % 27}/10 9:00,{n % 7},1,{n * 3.25:.2f}" for n in range(1, 60)]
    bring_in(
        tmp_path, "no,date,customer,qty,total\n" + "\n".join([*rows, "C90,12/2/10 7:45,3,-1,-33.00"]) + "\n", INVOICES
    )
    assert ledger.pay() > 40
    assert ledger.settle() > 40
    with transaction():
        settling.undo(1)
    found = [ledger.compare(day) for day in ledger.days()]
    assert len(found) == 5
    assert all(one["items"] > 0 and one["statements"] > 0 for one in found)
    postings, lines = ageing.raw()
    lines.loc[0, "amount_ore"] += 1
    monkeypatch.setattr(ageing, "raw", lambda: (postings, lines))
    with pytest.raises(click.ClickException, match="balance list"):
        ledger.compare(date(2012, 1, 1))
