"""How the databases answer for ages and open items, now and as of a past day: from indexes that hold all they need."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.debtors import Debtor
from gecko.models.postings import DebtorPosting
from gecko.operations import ageing, settling
from gecko.operations.ageing import Ageing
from tests import factories, plans

POSTINGS = 600
DAYS = (today(), today() - timedelta(days=200))


@pytest.fixture
def crowd(app):
    """Debtors who owe and have paid, one payment settled; the first one's id."""
    debtors = [factories.debtor().id for _n in range(3)]
    rows = [
        {
            "debtor_id": debtors[n % 3], "kind": "invoice" if n % 2 else "payment",
            "amount_ore": 100 if n % 2 else -100,
            "posted_on": today() - timedelta(days=n % 400), "due_on": None, "text": str(n),
        }
        for n in range(POSTINGS)
    ]  # fmt: skip
    with transaction() as session:
        session.execute(insert(DebtorPosting), rows)
    with transaction():
        settling.write(debtors[0], settling.match(settling.open_of(debtors[0]))[:5], "automatic")
    with db.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    return debtors[0]


def said(statement):
    """The plan; PostgreSQL leaves whole scans alone, as it would for a large table."""
    compiled = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    return plans.plan(str(compiled).replace("%%", "%"), without=("seqscan",))


@pytest.mark.parametrize("day", DAYS, ids=("today", "past"))
def test_ages_and_open_items_of_a_debtor_are_read_from_indexes(crowd, day):
    aged = said(select(ageing.by_debtor(Ageing(day), select(Debtor.id).where(Debtor.id == crowd))))
    left = ageing.remaining(day)
    mine = select(DebtorPosting.id, left).where(
        DebtorPosting.debtor_id == crowd, DebtorPosting.posted_on <= day, left != 0
    )
    for plan in (aged, said(mine)):
        assert "ix_debtor_posting_account" in plan
        assert "ix_settlement_line_debit" in plan
        assert "Seq Scan" not in plan
    assert "ix_settlement_line_credit" in said(mine)
