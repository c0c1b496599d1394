"""Anything, in any order: create, edit, invoice, buy, book, mark, merge, merge on, undo, erase, against the model.

GECKO_MACHINE_RUNS asks for more runs than the default (thousands take an hour).
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select, text

from gecko.clock import now
from gecko.db import Base, db, transaction
from gecko.errors import NotFound
from gecko.models.bookings import Booking
from gecko.models.contacts import Contact, CustomerContact
from gecko.models.customer_fields import CustomerField, CustomerFieldValue, FieldType
from gecko.models.customers import Customer
from gecko.models.debtors import CustomerDebtorLink
from gecko.models.documents import SaleDocument
from gecko.models.markings import CustomerMarking, Marking
from gecko.models.postings import DebtorPosting
from gecko.models.purchases import AdHocPurchase
from gecko.operations import ad_hoc, bookings, contacts, customers, debtor_links, invoicing, markings, merging
from gecko.operations.merging.rules import MOVED
from tests import factories
from tests.gecko.operations.merging.model import Link, Row, World

ASKED = os.environ.get("GECKO_MACHINE_RUNS")
RUNS = int(ASKED or "10")  # the same ones each time unless more are asked for
STEPS = 30
_PICK = st.integers(0, 10**6)
_KINDS = {
    "marking": (CustomerMarking, "marking_id"),
    "contact": (CustomerContact, "contact_id"),
    "field": (CustomerFieldValue, "field_id"),
}


class Office:
    """What all runs share: things that customers are given."""

    def __init__(self) -> None:
        self.group = factories.primary_group().id
        self.item = factories.item().id
        self.calendar, self.service = factories.calendar().id, factories.service().id
        self.debtors = [factories.debtor().id for _n in range(3)]
        self.keys = {
            "marking": [factories.save(Marking(name=f"M{n}")).id for n in range(2)],
            "contact": [factories.save(Contact(name=f"K{n}")).id for n in range(2)],
            "field": [factories.save(CustomerField(name=f"F{n}", type=FieldType.LINE)).id for n in range(2)],
        }
        db.session.rollback()


class Machine(RuleBasedStateMachine):
    """Does to the product and to the model the same."""

    office: Office

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.count = 0

    def pick(self, number: int, *, living: bool = True) -> int:
        those = sorted(self.world.living if living else self.world.texts)
        assume(those)
        return those[number % len(those)]

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    @initialize()
    def three(self) -> None:
        """Three customers who have the same things and different debtors, so that merges meet clashes at once."""
        for at, reminders in enumerate((True, True, False)):
            self.create(reminders, at, True)
            for kind in _KINDS:
                self.set_row(max(self.world.living), kind, self.office.keys[kind][0], gives=True)
            self.link_or_unlink(at, at)

    @rule(reminders=st.booleans(), clips=st.integers(0, 3), is_full=st.booleans())
    def create(self, reminders: bool, clips: int, is_full: bool) -> None:
        texts = {name: self.fresh() if is_full else None for name in ("number", "note", "city")}
        with transaction() as session:
            row = Customer(
                group_id=self.office.group, name=self.fresh(), remind_sms=reminders, clips_left=clips, **texts
            )
            session.add(row)
            session.flush()
            one = row.id
        self.world.living.add(one)
        self.world.clips[one], self.world.reminders[one], self.world.texts[one] = clips, reminders, texts

    @rule(n=_PICK, name=st.sampled_from(["number", "note", "city"]))
    def edit(self, n: int, name: str) -> None:
        one, value = self.pick(n), self.fresh()
        self.save(one, **{name: value})
        self.world.texts[one] = {**self.world.texts[one], name: value}

    @rule(n=_PICK, by=st.integers(-2, 2))
    def use_clips(self, n: int, by: int) -> None:
        one = self.pick(n)
        self.world.clips[one] = max(0, self.world.clips[one] + by)
        self.save(one, clips_left=self.world.clips[one])

    def save(self, one: int, **values: object) -> None:
        version = db.session.scalar(select(Customer.row_version).where(Customer.id == one))
        with transaction():
            customers.update(one, values, row_version=version)

    @rule(n=_PICK, kind=st.sampled_from(sorted(_KINDS)), at=st.integers(0, 1), gives=st.booleans())
    def give_or_take(self, n: int, kind: str, at: int, gives: bool) -> None:
        one, key = self.pick(n), self.office.keys[kind][at]
        assume((self.world.row(kind, key, one) is None) == gives)
        self.set_row(one, kind, key, gives=gives)

    def set_row(self, one: int, kind: str, key: int, *, gives: bool) -> None:
        row = self.world.row(kind, key, one)
        if row is not None:
            self.world.remove(row)
        else:
            row = Row(kind, key, self.fresh(), one)
            self.world.rows.append(row)
        with transaction() as session:
            if kind == "marking":
                markings.put_on(one, key, value=row.value) if gives else markings.take_off(one, key)
            elif kind == "contact":
                contacts.link(one, key, relation=row.value) if gives else contacts.unlink(one, key)
            elif gives:
                session.add(CustomerFieldValue(customer_id=one, field_id=key, value=row.value))
            else:
                session.delete(session.get_one(CustomerFieldValue, (one, key)))

    @rule(n=_PICK, at=st.integers(0, 2))
    def link_or_unlink(self, n: int, at: int) -> None:
        one = self.pick(n)
        link = self.world.open_link(one)
        with transaction():
            if link is None:
                made = debtor_links.link(one, self.office.debtors[at])
                self.world.links.append(Link(made.id, made.debtor_id, one))
            else:
                debtor_links.unlink(one)
                link.is_open, link.closed_by = False, None

    @rule(n=_PICK)
    def invoice(self, n: int) -> None:
        one = self.pick(n, living=False)  # perhaps a page that was opened before a merge
        owner = self.world.end(one)
        link = self.world.open_link(owner)
        assume(link is not None and owner in self.world.living)
        line = invoicing.Line(quantity_milli=1_000, unit_price_ore=10_000, text="Ydelse")
        with transaction():
            made = invoicing.issue(debtor_id=link.debtor, lines=[line], customer_id=one).id
        self.world.homes[("sale_document", made)] = owner

    @rule(n=_PICK)
    def buy(self, n: int) -> None:
        one = self.pick(n, living=False)
        owner = self.world.end(one)
        if owner not in self.world.living:
            with pytest.raises(NotFound), transaction():
                ad_hoc.create(one, [ad_hoc.AdHocItem(self.office.item)])
            return
        with transaction():
            made = ad_hoc.create(one, [ad_hoc.AdHocItem(self.office.item)]).id
        self.world.homes[("ad_hoc_purchase", made)] = owner

    @rule(n=_PICK)
    def book(self, n: int) -> None:
        one = self.pick(n, living=False)
        owner = self.world.end(one)
        wish = bookings.Wish(self.office.calendar, now(), customer_id=one, service_id=self.office.service)
        if owner not in self.world.living:
            with pytest.raises(NotFound), transaction():
                bookings.book(wish, may_overlap=True)
            return
        with transaction():
            made = bookings.book(wish, may_overlap=True).id
        self.world.homes[("booking", made)] = owner

    @precondition(lambda self: len(self.world.living) > 1)
    @rule(order=st.randoms(use_true_random=False), many=st.integers(2, 3))
    def merge(self, order, many: int) -> None:
        survivor, *absorbed = order.sample(sorted(self.world.living), min(many, len(self.world.living)))
        plan = merging.plan(survivor, absorbed)
        answers = {one.key: order.choice(one.options)[0] for one in plan.questions}
        before = self.money()
        with transaction():
            made = merging.merge(survivor, absorbed, answers=answers, versions=plan.versions)
            made_id, counts = made.id, made.counts
        assert counts == {kind.table: kind.moving for kind in plan.kinds if kind.moving}
        self.world.merge(made_id, survivor, absorbed, answers.get("debtor"))
        assert self.money() == before
        self.compare()

    @precondition(lambda self: self.world.deeds)
    @rule(n=_PICK)
    def undo(self, n: int) -> None:
        self.take_back(self.world.deeds[n % len(self.world.deeds)])
        self.compare()

    def take_back(self, deed) -> None:
        before = self.money()
        if deed.is_live and self.world.is_blocked(deed):
            with pytest.raises(merging.Blocked), transaction():
                merging.undo(deed.id)
        else:
            with transaction():
                assert merging.undo(deed.id).is_new == deed.is_live
            if deed.is_live:
                self.world.undo(deed)
        assert self.money() == before

    @precondition(lambda self: len(self.world.living) > 3)
    @rule(n=_PICK, dice=st.integers(0, 3))
    def erase(self, n: int, dice: int) -> None:
        assume(dice == 0)
        one, before = self.pick(n), self.money()
        with transaction():
            merging.erase(one)
        self.world.erase(one)
        assert self.money() == before
        self.compare()

    def money(self) -> list[object]:
        """What each debtor owes and what documents say, however they are filed."""
        db.session.rollback()
        owed = select(DebtorPosting.debtor_id, func.sum(DebtorPosting.amount_ore), func.count())
        sold = select(SaleDocument.debtor_id, func.sum(SaleDocument.total_ore), func.count())
        bought = select(func.sum(AdHocPurchase.total_ore), func.count())
        return [
            *db.session.execute(owed.group_by(DebtorPosting.debtor_id).order_by(DebtorPosting.debtor_id)),
            *db.session.execute(sold.group_by(SaleDocument.debtor_id).order_by(SaleDocument.debtor_id)),
            *db.session.execute(bought),
        ]

    def compare(self) -> None:
        """The database holds what the model says."""
        db.session.rollback()
        world, ids = self.world, sorted(self.world.texts)
        for table, column in MOVED:
            orphans = text(
                f"SELECT count(*) FROM {table} t JOIN merged_customer m ON m.customer_id = t.{column}"
                " WHERE m.undone_at IS NULL"
            )
            assert db.session.scalar(orphans) == 0, table
        for model in (SaleDocument, AdHocPurchase, Booking):
            found = dict(
                db.session.execute(select(model.id, model.customer_id).where(model.customer_id.in_(ids))).all()
            )
            name = model.__tablename__
            assert found == {key: world.end(home) for (kind, key), home in world.homes.items() if kind == name}
        for kind, (model, column) in _KINDS.items():
            found = db.session.execute(
                select(model.customer_id, getattr(model, column)).where(model.customer_id.in_(ids))
            )
            assert sorted(found) == sorted(
                (row.owner, row.key) for row in world.rows if row.kind == kind and not row.is_archived
            )
        links = select(CustomerDebtorLink).where(CustomerDebtorLink.customer_id.in_(ids))
        assert {(one.id, one.customer_id, one.unlinked_at is None) for one in db.session.scalars(links)} == {
            (link.id, link.owner, link.is_open) for link in world.links
        }
        people = select(Customer.id, Customer.clips_left, Customer.remind_sms).where(Customer.deleted_at.is_(None))
        assert {tuple(row) for row in db.session.execute(people.where(Customer.id.in_(ids)))} == {
            (one, world.clips[one], all(world.reminders[member] for member in world.family(one)))
            for one in world.living
        }

    def teardown(self) -> None:
        """Undo everything, newest first: who has nothing in the way is exactly as people left them."""
        for deed in reversed(self.world.deeds):
            if deed.is_live and not self.world.is_blocked(deed):
                self.take_back(deed)
        self.compare()
        stuck = {one for deed in self.world.deeds if deed.is_live for one in (deed.survivor, *deed.absorbed)}
        columns = (Customer.number, Customer.note, Customer.city)
        for one in self.world.living - stuck:
            found = db.session.execute(select(*columns).where(Customer.id == one)).one()._asdict()
            assert found == self.world.texts[one]
        running = select(func.count()).select_from(Base.metadata.tables["merge"])
        assert db.session.scalar(running.where(Base.metadata.tables["merge"].c.is_running)) == 0


def test_anything_in_any_order(app):
    office = Office()

    class OnThisDatabase(Machine):
        pass

    OnThisDatabase.office = office
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=RUNS, stateful_step_count=STEPS, database=None, print_blob=True,
            derandomize=ASKED is None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
