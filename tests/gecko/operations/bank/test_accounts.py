"""Accounts of ours: numbers as payers and files write them."""

import pytest

from gecko.db import db, transaction
from gecko.errors import Invalid
from gecko.models.bank import BankAccount
from gecko.operations.bank import accounts


def make(**values):
    with transaction():
        return accounts.create({"name": "Drift", "registration_no": "3000", "account_no": "123 456", **values}).id


@pytest.mark.parametrize("text", ["DK50 3000 0000 1234 56", "3000 123456", "3000-0000123456", "30000000123456"])
def test_the_same_account_is_known_however_it_is_written(text):
    assert accounts.digits(text) == "30000000123456"


def test_an_account_is_there_once_and_can_be_renamed(sqlite_app):
    account_id = make()
    for values in (
        {"name": "drift", "account_no": "1"},
        {"name": "Anden", "account_no": "0000123456"},
        {"name": "Kort", "registration_no": "300"},
        {"name": "Lang", "account_no": "12345678901"},
    ):
        with pytest.raises(Invalid):
            make(**values)
    with transaction():
        accounts.update(account_id, {"name": "Driftskonto"})
    assert accounts.digits_of(db.session.get(BankAccount, account_id)) == "30000000123456"
    with transaction():
        accounts.delete(account_id)
    assert db.session.get(BankAccount, account_id) is None
