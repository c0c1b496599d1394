"""Bank accounts of ours: named, with a registration and an account number, as payers and files name them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select

from ...db import db
from ...errors import Invalid, NotFound
from ...language import _
from ...models.bank import BankAccount, BankFile
from ..names import require_unused_name

_REGISTRATION, _ACCOUNT = 4, 10
_IBAN = re.compile(r"DK\d{2}(\d{14})\Z")


def digits(text: str) -> str:
    """The fourteen digits of a Danish account: registration number and account number with zeros in front.

    Reads an IBAN as well as the plain numbers one after the other; what is neither comes back as its digits.
    """
    compact = re.sub(r"[\s.-]", "", text).upper()
    if found := _IBAN.match(compact):
        return found[1]
    number = re.sub(r"\D", "", compact)
    return number[:_REGISTRATION] + number[_REGISTRATION:].zfill(_ACCOUNT)


def digits_of(account: BankAccount) -> str:
    """The same of one of our accounts."""
    return digits(account.registration_no + account.account_no.zfill(_ACCOUNT))


def create(values: Mapping[str, Any]) -> BankAccount:
    """Add an account."""
    row = BankAccount(**_checked(values, None))
    db.session.add(row)
    db.session.flush()
    return row


def update(account_id: int, values: Mapping[str, Any]) -> BankAccount:
    """Change an account."""
    row = get(account_id)
    for name, value in _checked({"registration_no": row.registration_no, "account_no": row.account_no, "name": row.name}
                                | dict(values), account_id).items():  # fmt: skip
        setattr(row, name, value)
    db.session.flush()
    return row


def delete(account_id: int) -> None:
    """Remove an account that no file was read for."""
    row = get(account_id)
    if db.session.scalar(select(exists(select(BankFile.id).where(BankFile.account_id == account_id)))):
        raise Invalid(_("Files of this account were read; it stays."))
    db.session.delete(row)
    db.session.flush()


def keep_mapping(account_id: int, mapping: dict[str, Any]) -> None:
    """Remember which columns of the account's csv files hold what."""
    get(account_id).csv_mapping = mapping
    db.session.flush()


def get(account_id: int) -> BankAccount:
    """The account; raises NotFound."""
    row = db.session.get(BankAccount, account_id)
    if row is None:
        raise NotFound
    return row


def _checked(values: Mapping[str, Any], account_id: int | None) -> dict[str, Any]:
    name = require_unused_name(BankAccount, values.get("name"), but=account_id)
    registration, number = (re.sub(r"[\s.-]", "", values.get(key) or "") for key in ("registration_no", "account_no"))
    if not re.fullmatch(r"\d{4}", registration):
        raise Invalid(_("A registration number has 4 digits."), field="registration_no")
    if not re.fullmatch(r"\d{1,10}", number):
        raise Invalid(_("An account number has at most 10 digits."), field="account_no")
    number = number.zfill(_ACCOUNT)
    same = select(BankAccount.id).where(
        BankAccount.registration_no == registration, BankAccount.account_no == number, BankAccount.id != account_id
    )
    if db.session.scalar(select(exists(same))):
        raise Invalid(_("The account is already there."), field="account_no")
    return {"name": name, "registration_no": registration, "account_no": number}
