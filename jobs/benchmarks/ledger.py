"""`gecko bench ledger`: an invoice file, paid by a stated rule and settled, and every report on it computed again."""

from __future__ import annotations

import json
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
import pandas as pd
from flask_babel import force_locale
from sqlalchemy import func, insert, select

from gecko.db import db, transaction
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.models.settlements import SettlementMethod
from gecko.operations import settling
from gecko.operations.importing import mapping as mappings
from gecko.operations.importing.fields import Kind
from gecko.operations.importing.running import open_import
from gecko.operations.importing.writing import Context
from reports import account_statement, open_items
from reports.benchmarks import ageing, bare
from reports.benchmarks.exports import database
from reports.filters import Filters
from reports.report import Scope
from reports.snapshot import snapshot

from .. import imports

RULE = (
    "of a hundred invoices, by their posting's number: 15 unpaid, 15 half paid, the others paid in full, each from 10"
    " days before to 50 days after it is due; each match counts from the later of its two days"
)
SHARES = (1, 2, 3, 4, 5)
STATEMENTS = 50
_SOME = 200


@click.command("ledger")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--mapping", required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ledger(file: Path, mapping: Path, dialect: str, as_json: bool) -> None:
    """Import FILE into a database of its own, pay, settle, and compare the reports with pandas over raw tables."""
    with (
        tempfile.TemporaryDirectory(prefix="gecko-bench-") as folder,
        database(dialect, Path(folder)) as url,
        bare.at_work(url),
        force_locale("en"),
    ):
        bare.install()
        with open_import(file, mappings.load(mapping, Kind.INVOICES), context=Context()) as run:
            imports.drive(run, is_dry=False)
        facts = {"rule": RULE, "payments": pay(), "matches": settle(), "days": [compare(day) for day in days()]}
    click.echo(json.dumps(facts) if as_json else _told(facts))


def pay() -> int:
    """Write a payment for each invoice that is paid by the rule; returns how many."""
    owed = db.session.execute(
        select(
            DebtorPosting.id,
            DebtorPosting.debtor_id,
            DebtorPosting.amount_ore,
            func.coalesce(DebtorPosting.due_on, DebtorPosting.posted_on),
        )
        .where(DebtorPosting.kind == PostingKind.INVOICE, DebtorPosting.amount_ore > 1)
        .order_by(DebtorPosting.id)
    ).all()
    paid = [_payment(*row) for row in owed if row.id * 7_919 % 100 >= 15]
    for start in range(0, len(paid), _SOME):
        with transaction() as session:
            session.execute(insert(DebtorPosting), paid[start : start + _SOME])
    return len(paid)


def _payment(posting_id: int, debtor_id: int, ore: int, due_on: date) -> dict[str, Any]:
    amount = ore // 2 if posting_id * 7_919 % 100 < 30 else ore
    day = due_on + timedelta(days=posting_id * 104_729 % 61 - 10)
    return {
        "debtor_id": debtor_id,
        "kind": PostingKind.PAYMENT,
        "amount_ore": -amount,
        "posted_on": day,
        "text": "Bank",
    }


def settle() -> int:
    """Settle each debtor from the top down, every match as of the later of its days; returns how many matches."""
    debtors = db.session.scalars(select(DebtorPosting.debtor_id).distinct().order_by(DebtorPosting.debtor_id)).all()
    count = 0
    for debtor_id in debtors:
        with transaction():
            for match in settling.match(settling.open_of(debtor_id)):
                settling.write(debtor_id, [match], SettlementMethod.AUTOMATIC, on=date.min)
                count += 1
    return count


def days() -> list[date]:
    """Five days spread over the ledger's life."""
    postings, _lines = ageing.raw()
    first, last = postings["posted_on"].min(), postings["posted_on"].max()
    return [(first + (last - first) * share / (len(SHARES) + 1)).date() for share in SHARES]


def compare(day: date) -> dict[str, Any]:
    """Ages, open items and statements as of a day; raises ClickException where one øre differs."""
    postings, lines = ageing.raw()
    moment = pd.Timestamp(day)
    mine, left = ageing.product(day), ageing.left_of(postings, lines, moment)
    if not mine.equals(ageing.aged(postings, lines, moment)):
        raise click.ClickException(f"the balance list of {day} is not what the tables say")
    with snapshot() as connection:
        frames = pd.concat(list(open_items.frames(connection, Scope(Filters(as_of=day)))))
        found = {debtor: _closing(connection, int(debtor), day) for debtor in mine.index[:STATEMENTS]}
    items = frames.set_index("posting_no")["remaining"].sort_index()
    if items.to_dict() != left[left != 0].to_dict():
        raise click.ClickException(f"the open items of {day} are not what the tables say")
    sums = postings[postings["posted_on"] <= moment].groupby("debtor_id")["amount_ore"].sum()
    if found != {debtor: int(sums[debtor]) for debtor in found}:
        raise click.ClickException(f"the statements of {day} are not what the tables say")
    total = int(mine["total"].sum())
    return {"day": str(day), "debtors": len(mine), "items": len(items), "statements": len(found), "balance_ore": total}


def _closing(connection: Any, debtor_id: int, day: date) -> int:
    *_before, last = account_statement.frames(connection, Scope(Filters(debtor_id=debtor_id, ends_on=day)))
    return int(last["balance"].iloc[-1])


def _told(facts: dict[str, Any]) -> str:
    lines = [f"{facts['payments']:,} payments ({facts['rule']}), {facts['matches']:,} matches"]
    lines += [
        f"  {one['day']}: {one['debtors']:,} debtors, {one['items']:,} open items, {one['statements']} statements,"
        f" {one['balance_ore'] / 100:,.2f} in all: equal"
        for one in facts["days"]
    ]
    return "\n".join(lines)
