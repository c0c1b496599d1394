"""Payment types: set up by staff, kept where payments were made by them, and refused once they are inactive."""

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.errors import Invalid, NotFound
from gecko.models.audit import AuditEntry
from gecko.models.payment_types import PaymentMeans, PaymentType
from gecko.models.postings import DebtorPosting
from gecko.operations import ledger, payment_types, seeding
from tests import factories


def make(name="Betalingsservice", **values):
    with transaction():
        return payment_types.create({"name": name, "means": PaymentMeans.BANK, **values}).id


def pay(type_id):
    debtor_id = factories.debtor().id
    with transaction():
        return ledger.record_payment(debtor_id, 100, payment_type_id=type_id).id


def test_a_payment_says_how_it_was_paid_and_its_type_then_stays(app):
    used, unused = make(), make("Check")
    posting = db.session.get(DebtorPosting, pay(used))
    assert posting.payment_type.name == "Betalingsservice"
    with transaction():
        payment_types.delete(unused)
    with pytest.raises(Invalid), transaction():
        payment_types.delete(used)
    assert db.session.get(PaymentType, unused) is None
    assert db.session.get(PaymentType, used) is not None


def test_an_inactive_type_is_no_choice_any_more(sqlite_app):
    type_id = make()
    assert type_id in [row.id for row in payment_types.choosable()]
    with transaction():
        payment_types.update(type_id, {"is_active": False})
    assert type_id not in [row.id for row in payment_types.choosable()]
    for refused in (type_id, 999):
        with pytest.raises(Invalid) as error:
            pay(refused)
        assert error.value.field == "payment_type_id"


def test_names_are_used_once_and_changes_are_logged(app):
    type_id = make(account_no=" 5820 ")
    with pytest.raises(Invalid):
        make("betalingsservice")
    with transaction():
        payment_types.update(type_id, {"account_no": ""})
    logged = db.session.scalars(
        select(AuditEntry).where(AuditEntry.entity == "payment_type", AuditEntry.action == "update")
    ).one()
    assert logged.changes == {"account_no": ["5820", None]}
    with pytest.raises(NotFound), transaction():
        payment_types.update(999, {"name": "Ingen"})


def test_the_type_of_prepayments_is_the_installations_own(app):
    row = db.session.scalars(select(PaymentType).where(PaymentType.means == PaymentMeans.PREPAYMENT)).one()
    type_id, other = row.id, make("Check")
    assert type_id not in [one.id for one in payment_types.choosable()]
    with transaction():
        payment_types.update(type_id, {"name": "Indestående", "account_no": "7600"})
    for attempt in (
        lambda: payment_types.update(type_id, {"means": PaymentMeans.BANK}),
        lambda: payment_types.update(type_id, {"is_active": False}),
        lambda: payment_types.update(other, {"means": PaymentMeans.PREPAYMENT}),
        lambda: payment_types.create({"name": "Andet", "means": PaymentMeans.PREPAYMENT}),
        lambda: payment_types.delete(type_id),
    ):
        with pytest.raises(Invalid), transaction():
            attempt()
    with transaction():
        seeding.seed()
    assert db.session.scalars(select(PaymentType.name).where(PaymentType.means == PaymentMeans.PREPAYMENT)).all() == [
        "Indestående"
    ]
