"""Payment terms: due dates, and exactly one default."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.errors import Invalid, NotFound
from gecko.models.debtors import DayKind, Debtor, DebtorGroup, PaymentTerm
from gecko.operations import debtor_groups, debtors, payment_terms
from tests import factories


@given(st.dates(date(2000, 1, 1), date(2080, 1, 1)), st.integers(0, 365))
def test_calendar_days_are_added(day, days):
    assert payment_terms.due_on(PaymentTerm(days=days, day_kind=DayKind.CALENDAR), day) == day + timedelta(days=days)


@given(st.dates(date(2000, 1, 1), date(2080, 1, 1)), st.integers(1, 60))
def test_banking_days_are_never_fewer_than_calendar_days(day, days):
    banking = payment_terms.due_on(PaymentTerm(days=days, day_kind=DayKind.BANKING), day)
    assert banking >= day + timedelta(days=days)
    assert banking < payment_terms.due_on(PaymentTerm(days=days + 1, day_kind=DayKind.BANKING), day)


def make(name, **values):
    with transaction():
        return payment_terms.create({"name": name, "days": 14, "day_kind": DayKind.CALENDAR, **values}).id


def test_a_new_default_replaces_the_old(app):
    new = make("Netto 14 dage", is_default=True)
    assert payment_terms.default().id == new
    assert db.session.scalar(select(func.count()).where(PaymentTerm.is_default)) == 1


def test_there_is_always_an_active_default(sqlite_app):
    default = payment_terms.default().id
    for values in ({"is_default": False}, {"is_active": False}):
        with pytest.raises(Invalid), transaction():
            payment_terms.update(default, values)
    with pytest.raises(Invalid), transaction():
        payment_terms.delete(default)
    inactive = make("Ophørt", is_active=False)
    with pytest.raises(Invalid), transaction():
        payment_terms.make_default(inactive)


@pytest.mark.parametrize(("values", "field"), [({"days": -1}, "days"), ({"days": 366}, "days"), ({"name": ""}, "name"),
                                               ({"name": "netto 8 DAGE"}, "name")])  # fmt: skip
def test_impossible_terms_are_refused(sqlite_app, values, field):
    with pytest.raises(Invalid) as error:
        make(**{"name": "Ny", **values})
    assert error.value.field == field


def test_own_term_beats_the_groups_beats_the_default(sqlite_app):
    own, groups = make("Egen"), make("Gruppens")
    with transaction():
        group_id = debtor_groups.create({"name": "Kommuner", "default_term_id": groups}).id
    debtor_id = factories.debtor().id
    assert payment_terms.term_of(db.session.get(Debtor, debtor_id)).is_default
    for values, expected in (({"group_id": group_id}, groups), ({"term_id": own}, own)):
        with transaction():
            debtors.update(debtor_id, values)
        assert payment_terms.term_of(db.session.get(Debtor, debtor_id)).id == expected


def test_what_is_in_use_is_not_deleted(app):
    term, unused = make("I brug"), make("Ubrugt")
    with transaction():
        group_id = debtor_groups.create({"name": "Firmaer"}).id
        empty_id = debtor_groups.create({"name": "Tom"}).id
    factories.debtor(term_id=term, group_id=group_id)
    with pytest.raises(Invalid), transaction():
        payment_terms.delete(term)
    with pytest.raises(Invalid), transaction():
        debtor_groups.delete(group_id)
    with transaction():
        payment_terms.delete(unused)
        debtor_groups.delete(empty_id)
        debtor_groups.update(group_id, {"name": "Virksomheder"})
    assert db.session.get(PaymentTerm, unused) is None
    assert db.session.get(DebtorGroup, empty_id) is None
    assert db.session.get(DebtorGroup, group_id).name == "Virksomheder"


def test_what_does_not_exist_is_not_found(sqlite_app):
    for work in (lambda: payment_terms.update(99, {}), lambda: debtor_groups.update(99, {}),
                 lambda: debtor_groups.delete(99)):  # fmt: skip
        with pytest.raises(NotFound), transaction():
            work()
