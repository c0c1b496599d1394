"""What many merges would move is what their single plans say, at a cost that does not grow with them."""

import random
from datetime import date

from sqlalchemy import literal, select, union_all

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.debtors import CustomerDebtorLink
from gecko.models.markings import CustomerMarking, Marking
from gecko.models.purchases import AdHocPurchase
from gecko.operations import merging
from tests import factories


def groups_of_people(count, seed=5):
    """Groups of two to four who have purchases, markings and debtors by chance; lists of ids."""
    chance = random.Random(seed)
    marking_id = factories.save(Marking(name=f"Marking {seed}")).id
    payer = factories.debtor().id
    groups = []
    for _n in range(count):
        emails = chance.choices([None, "a@post.example"], k=chance.randint(2, 4))
        ids = [factories.customer(name="Bo Bech", email=email).id for email in emails]
        groups.append(ids)
        with transaction() as session:
            for customer_id in ids:
                for _purchase in range(chance.choice([0, 0, 1, 1, 2])):
                    session.add(AdHocPurchase(customer_id=customer_id, purchased_on=date(2026, 5, 4), total_ore=0))
                if chance.random() < 0.4:
                    session.add(CustomerMarking(customer_id=customer_id, marking_id=marking_id))
                if chance.random() < 0.3:
                    session.add(CustomerDebtorLink(customer_id=customer_id, debtor_id=payer))
    return groups


def members(groups):
    rows = [select(literal(number), Customer.id).where(Customer.id.in_(ids)) for number, ids in enumerate(groups)]
    return union_all(*rows) if len(rows) > 1 else rows[0]


def by_plans(groups):
    found = {}
    for ids in groups:
        survivor_id = merging.suggest_survivor(ids).id
        plan = merging.plan(survivor_id, [one for one in ids if one != survivor_id])
        for kind in plan.kinds:
            moved = sum(count for customer_id, count in kind.counts.items() if customer_id != survivor_id)
            if moved:
                found[str(kind.label)] = found.get(str(kind.label), 0) + moved
    return found


def test_it_says_what_the_plans_say(app):
    groups = groups_of_people(12)
    expected = by_plans(groups)
    assert len(expected) == 3
    assert {str(label): number for label, number in merging.moving(members(groups))} == expected


def test_who_has_nothing_moves_nothing(sqlite_app):
    ids = [factories.customer().id for _n in range(3)]
    assert merging.moving(members([ids])) == []


def test_more_groups_cost_no_more_queries(sqlite_app, queries):
    costs = []
    for seed, count in enumerate((10, 25)):
        wanted = members(groups_of_people(count, seed))
        db.session.rollback()
        with queries(sqlite_app) as seen:
            merging.moving(wanted)
        costs.append(len(seen))
    assert costs[0] == costs[1]
