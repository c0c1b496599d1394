"""Overdue invoices and reminders for tests. Days are counted back from today, which the books never pass."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from gecko.clock import now, today
from gecko.db import db, transaction
from gecko.models.documents import SaleDocument
from gecko.models.dunning import Dunning, DunningRun
from gecko.models.postings import DebtorPosting
from gecko.operations import settings
from gecko.operations.demo import moments
from gecko.operations.dunning import planning, policy, running
from gecko.operations.dunning.planning import Plan, Terms
from tests import factories

_runs = count(1)


def ago(days: int) -> date:
    return today() - timedelta(days=days)


def overdue(debtor_id: int, ore: int = 100_000, *, issued: int = 100) -> int:
    """The posting of an invoice that was issued so many days ago, due eight days later."""
    document: SaleDocument = factories.invoice(debtor_id, ore, document_date=ago(issued))
    return db.session.query(DebtorPosting.id).filter_by(document_id=document.id).scalar()


def choose(**values: Any) -> None:
    with transaction():
        for key, value in policy.choices(policy.Policy(**values)).items():
            settings.put(key, value)


def plan(debtor_id: int, stage: int = 1, *, on: int = 0) -> Plan | None:
    return next(planning.plans(Terms(stage, ago(on)), [debtor_id]), None)


def remind(debtor_id: int, stage: int = 1, *, on: int = 0) -> Dunning | None:
    """A reminder that was made so many days ago, by a run of its own."""
    with transaction(), moments.at(now() - timedelta(days=on)):
        run = running.create(Terms(stage, ago(on)), [debtor_id], key=f"test:{next(_runs)}")
        return running.write(run, debtor_id)


def run_of(*debtor_ids: int, stage: int = 1, key: str = "once") -> DunningRun:
    with transaction():
        return running.create(Terms(stage, today()), debtor_ids, key=key)
