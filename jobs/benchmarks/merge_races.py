"""`gecko bench merge-races`: merges and undos against everything that may arrive for the absorbed at the same moment.

Each race has two threads that start together: one merges a customer into another (or undoes such a merge), the other
files something under the one who is just then absorbed. Whatever was accepted must be found with a living customer.
"""

from __future__ import annotations

import json
import platform
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gecko.clock import now
from gecko.db import db, transaction
from gecko.errors import GeckoError
from gecko.models.bookings import Booking, Calendar
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.debtors import CustomerDebtorLink, Debtor
from gecko.models.documents import SaleDocument
from gecko.models.items import Item, ItemKind
from gecko.models.markings import Marking
from gecko.models.postings import DebtorPosting
from gecko.models.purchases import AdHocPurchase
from gecko.operations import ad_hoc, bookings, checking, debtor_links, invoicing, ledger, markings, merging
from gecko.operations.merging.rules import MOVED
from reports.benchmarks import bare, postgres

LANES = 3
"""How many races run at once."""


@dataclass(frozen=True, slots=True)
class Race:
    """Two customers, the debtor of the one who is absorbed, and whether it is a merge or an undo that is raced."""

    number: int
    survivor_id: int
    absorbed_id: int
    debtor_id: int
    is_undo: bool


@dataclass
class Score:
    """What happened: outcomes by kind of write, purchases that were accepted, and errors nobody should see."""

    outcomes: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str) -> None:
        """Count an outcome."""
        with self.lock:
            self.outcomes[what] += 1


@dataclass(frozen=True, slots=True)
class Ground:
    """What every race shares."""

    item_id: int
    marking_id: int
    calendar_id: int


def _invoice(race: Race, _ground: Ground) -> None:
    line = invoicing.Line(quantity_milli=1_000, unit_price_ore=100, text="race")
    invoicing.issue(debtor_id=race.debtor_id, lines=[line], customer_id=race.absorbed_id)


def _purchase(race: Race, ground: Ground) -> None:
    ad_hoc.create(race.absorbed_id, [ad_hoc.AdHocItem(ground.item_id)])


def _payment(race: Race, _ground: Ground) -> None:
    ledger.record_payment(race.debtor_id, 100)


def _marking(race: Race, ground: Ground) -> None:
    markings.put_on(race.absorbed_id, ground.marking_id, value=None)


def _link(race: Race, _ground: Ground) -> None:
    debtor_links.unlink(race.absorbed_id)
    debtor_links.link(race.absorbed_id, race.debtor_id)


def _booking(race: Race, ground: Ground) -> None:
    wish = bookings.Wish(ground.calendar_id, now(), customer_id=race.absorbed_id, reserved_minutes=10)
    bookings.book(wish, may_overlap=True)


def _raw(race: Race, _ground: Ground) -> None:
    """A row that comes past every operation: the database itself has to refuse it."""
    today = func.current_date()
    db.session.execute(
        insert(AdHocPurchase).values(customer_id=race.absorbed_id, purchased_on=today, total_ore=0, source_text="race")
    )


WRITES: dict[str, Callable[[Race, Ground], None]] = {
    "invoice": _invoice, "purchase": _purchase, "payment": _payment, "marking": _marking, "link": _link,
    "booking": _booking, "raw": _raw,
}  # fmt: skip


@click.command("merge-races")
@click.option("--races", default=2_000, show_default=True, type=click.IntRange(min=1))
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def merge_races(races: int, dialect: str, seed: int, as_json: bool) -> None:
    """Race merges and undos against new invoices, purchases, postings, markings, links, bookings and raw rows.

    Fails where one row is left with a customer who was absorbed, where money differs, or where anybody saw an error
    that is none of the product's own.
    """
    with fresh(dialect) as app:
        found = {"benchmark": "merge-races", "db": dialect, "races": races, "python": platform.python_version()}
        found |= run(app, races, seed)
    click.echo(json.dumps(found) if as_json else "\n".join(f"{key}: {value}" for key, value in found.items()))
    if found["orphans"] or found["errors"] or found["problems"]:
        raise SystemExit(1)


@contextmanager
def fresh(dialect: str) -> Iterator[Flask]:
    """An app on an empty database with schema, triggers and seed."""
    with tempfile.TemporaryDirectory(prefix="gecko-bench-") as folder:
        if dialect == "postgresql":
            with postgres.database() as url:
                yield _installed(url)
        else:
            yield _installed(f"sqlite:///{Path(folder) / 'races.db'}")


def _installed(url: str) -> Flask:
    app = bare.app(url)
    with app.app_context():
        bare.install()
    return app


def run(app: Flask, races: int, seed: int = 1) -> dict[str, Any]:
    """Run the races; returns what happened and what the database holds afterwards."""
    with app.test_request_context():
        ground, prepared = _prepare(races)
        db.session.remove()
    score, started = Score(), time.perf_counter()
    lanes = [
        threading.Thread(target=_lane, args=(app, prepared[n::LANES], ground, score, random.Random(seed + n)))  # noqa: S311
        for n in range(LANES)
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    seconds = time.perf_counter() - started
    with app.test_request_context():
        judged = _judge(score)
        db.session.remove()
        db.engine.dispose()
    return {"seconds": round(seconds, 1), **judged}


def _prepare(races: int) -> tuple[Ground, list[Race]]:
    with transaction() as session:
        group_id = session.scalars(select(CustomerGroup.id).where(CustomerGroup.is_primary)).one()
        item, marking = Item(item_no="R1", name="Race", kind=ItemKind.PRODUCT, price_ore=100), Marking(name="Race")
        calendar = Calendar(name="Race")
        people = [Customer(group_id=group_id, name=f"Race {n}") for n in range(2 * races)]
        debtors = [Debtor(number=f"R{n}", name=f"Race {n}") for n in range(races)]
        session.add_all([item, marking, calendar, *people, *debtors])
        session.flush()
        prepared = [
            Race(n, people[2 * n].id, people[2 * n + 1].id, debtors[n].id, is_undo=n % 3 == 2) for n in range(races)
        ]
        session.add_all(CustomerDebtorLink(customer_id=one.absorbed_id, debtor_id=one.debtor_id) for one in prepared)
        return Ground(item.id, marking.id, calendar.id), prepared


def _lane(app: Flask, races: list[Race], ground: Ground, score: Score, draw: random.Random) -> None:
    for race in races:
        merge_id = _merged(app, race) if race.is_undo else None
        start = threading.Barrier(2)
        name = list(WRITES)[race.number // 3 % len(WRITES)]
        writing = threading.Thread(target=_write, args=(app, race, name, ground, score, start, draw.random() / 200))
        writing.start()
        _decide(app, race, merge_id, score, start, draw.random() / 200)
        writing.join()


def _merged(app: Flask, race: Race) -> int:
    with app.test_request_context():
        with transaction():
            merge_id = merging.merge(race.survivor_id, [race.absorbed_id]).id
        db.session.remove()
        return merge_id


def _decide(app: Flask, race: Race, merge_id: int | None, score: Score, start: threading.Barrier, wait: float) -> None:
    def act() -> None:
        if merge_id is None:
            merging.merge(race.survivor_id, [race.absorbed_id])
        else:
            merging.undo(merge_id)

    _attempt(app, "merge" if merge_id is None else "undo", act, score, start, wait)


def _write(
    app: Flask, race: Race, name: str, ground: Ground, score: Score, start: threading.Barrier, wait: float
) -> None:
    _attempt(app, name, lambda: WRITES[name](race, ground), score, start, wait)


def _attempt(
    app: Flask, name: str, act: Callable[[], None], score: Score, start: threading.Barrier, wait: float
) -> None:
    with app.test_request_context():
        start.wait()
        time.sleep(wait)
        try:
            with transaction():
                act()
            score.note(f"{name}: done")
        except GeckoError:
            score.note(f"{name}: refused")
        except IntegrityError as error:
            score.note(f"{name}: refused by the database")
            if name != "raw":
                score.errors.append(f"{name}: {error}")
        except DBAPIError as error:
            score.errors.append(f"{name}: {error}")
        finally:
            db.session.remove()


def _judge(score: Score) -> dict[str, Any]:
    """Count rows that are left with tombstones, rows that were accepted and are not there, and what checks find."""
    orphans = sum(
        db.session.scalar(
            text(
                f"SELECT count(*) FROM {table} t JOIN merged_customer m ON m.customer_id = t.{column}"
                " WHERE m.undone_at IS NULL"
            )
        )
        or 0
        for table, column in MOVED
    )
    there = {
        "invoice": _count(SaleDocument),
        "purchase": _count(AdHocPurchase, AdHocPurchase.source_text.is_(None)),
        "booking": _count(Booking),
        "raw": _count(AdHocPurchase, AdHocPurchase.source_text == "race"),
        "payment": _count(DebtorPosting, DebtorPosting.document_id.is_(None)),
    }
    problems = [
        f"{score.outcomes[f'{name}: done']} of {name} were accepted, {count} are there"
        for name, count in there.items()
        if count != score.outcomes[f"{name}: done"]
    ]
    problems += [problem for check in checking.run() for problem in check.problems]
    return {
        "orphans": orphans,
        "problems": problems,
        "errors": score.errors[:20],
        "outcomes": dict(sorted(score.outcomes.items())),
    }


def _count(model: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0
