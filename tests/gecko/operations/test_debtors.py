"""Debtors: numbers, validation, hiding and bringing back."""

import pytest

from gecko.db import db, transaction
from gecko.errors import Invalid, NotFound
from gecko.models.debtors import Debtor
from gecko.operations import debtor_links, debtors, ledger
from tests import factories

COMPLETE = {
    "name": "Åse Holm", "address": "Havnegade 2", "postal_code": "8000", "city": "Aarhus C",
    "phone": "86 12 12 12", "email": "aase@example.dk",
}  # fmt: skip


def create(**values):
    with transaction():
        return debtors.create({**COMPLETE, **values})


def test_numbers_follow_each_other_and_step_over_taken_ones(app):
    assert create().number == "10001"
    create(number="10002")
    create(number="10003")
    assert create().number == "10004"
    with transaction():
        db.session.add_all(Debtor(number=str(no), name="Import") for no in range(10_005, 10_900))
    assert create().number == "10900"


def test_input_is_trimmed_and_normalised(sqlite_app):
    debtor = create(name="  Åse Holm ", cvr="DK 13585628", ean="5790000000005", att=" ")
    assert (debtor.name, debtor.cvr, debtor.ean, debtor.att) == ("Åse Holm", "13585628", "5790000000005", None)
    assert debtor.phone == "+4586121212"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": " "}, "name"), ({"address": None}, "address"), ({"email": ""}, "email"), ({"cvr": "1"}, "cvr"),
     ({"ean": "1"}, "ean"), ({"phone": "abc"}, "phone"), ({"group_id": 99}, "group_id"), ({"term_id": 99}, "term_id")],
)  # fmt: skip
def test_a_form_is_refused_with_the_field_to_blame(sqlite_app, values, field):
    with pytest.raises(Invalid) as error:
        create(**values)
    assert error.value.field == field


def test_a_company_needs_no_person(sqlite_app):
    assert create(name="", company_name="Firma A/S").display_name == "Firma A/S"


def test_an_import_may_leave_gaps_that_are_shown_until_filled(sqlite_app):
    with transaction():
        debtor = debtors.create({"name": "Ufuldstændig"}, complete=False)
    assert [str(label._args[0]) for label in debtors.missing_information(debtor)] == [
        "Address", "Postal code", "City", "Telephone", "E-mail"
    ]  # fmt: skip
    debtor_id = debtor.id
    with transaction():
        debtors.update(debtor_id, COMPLETE)
    assert debtors.missing_information(db.session.get(Debtor, debtor_id)) == []


def test_a_number_is_used_once(app):
    first, second = create().id, create().id
    number = db.session.get(Debtor, first).number
    with pytest.raises(Invalid), transaction():
        debtors.update(second, {"number": number})
    with transaction():
        debtors.update(first, {"number": number, "city": "Odense C"})
    assert db.session.get(Debtor, first).city == "Odense C"


def test_an_empty_number_keeps_the_old_one(sqlite_app):
    debtor_id = create().id
    with transaction():
        debtors.update(debtor_id, {"number": ""})
    assert db.session.get(Debtor, debtor_id).number == "10001"


def test_a_debtor_who_owes_is_not_hidden(app):
    debtor_id = create().id
    factories.invoice(debtor_id, 5_000)
    with pytest.raises(Invalid), transaction():
        debtors.delete(debtor_id)
    with transaction():
        ledger.record_payment(debtor_id, 5_000)
    with transaction():
        debtors.delete(debtor_id)
    with pytest.raises(NotFound), transaction():
        ledger.record_payment(debtor_id, 1)
    with transaction():
        debtors.restore(debtor_id)
    assert db.session.get(Debtor, debtor_id).deleted_at is None
    assert ledger.outstanding(debtor_id) == 0


def test_a_debtor_who_pays_for_a_customer_is_not_hidden(sqlite_app):
    customer, debtor = factories.linked()
    customer_id, debtor_id = customer.id, debtor.id
    with pytest.raises(Invalid), transaction():
        debtors.delete(debtor_id)
    with transaction():
        debtor_links.unlink(customer_id)
        debtors.delete(debtor_id)
    assert db.session.get(Debtor, debtor_id).deleted_at is not None
