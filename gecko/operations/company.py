"""The company's own particulars: what invoices print as the seller and workbooks name as their owner."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from ..errors import Invalid
from ..language import _
from ..registration_numbers import normalise_cvr
from . import settings

_POSTAL_CODE = re.compile(r"\d{4}")
_REG_NO = re.compile(r"\d{4}")
_ACCOUNT_NO = re.compile(r"\d{5,10}")
_FIK_CREDITOR = re.compile(r"\d{8}")
_DIGITS = ("bank_reg_no", "bank_account_no", "fik_creditor")


@dataclass(frozen=True, slots=True)
class Company:
    """Empty where not filled in. bank_reg_no and bank_account_no are digits only.

    fik_creditor: the creditor number that the banks gave for payment lines of kind 71 (FIK), eight digits.
    """

    name: str = ""
    address: str = ""
    postal_code: str = ""
    city: str = ""
    cvr: str = ""
    phone: str = ""
    email: str = ""
    bank_reg_no: str = ""
    bank_account_no: str = ""
    fik_creditor: str = ""


NAMES = tuple(field.name for field in fields(Company))


def read() -> Company:
    """What has been filled in."""
    chosen = settings.stored()
    return Company(**{name: str(chosen.get(f"company.{name}") or "") for name in NAMES})


def checked(company: Company) -> Company:
    """The particulars in their stored spelling; raises Invalid with the field that is wrong."""
    digits = {name: re.sub(r"[\s.-]", "", getattr(company, name)) for name in _DIGITS}
    postal_code = company.postal_code.strip()
    if postal_code and not _POSTAL_CODE.fullmatch(postal_code):
        raise Invalid(_("A Danish postal code has four digits."), field="postal_code")
    if digits["bank_reg_no"] and not _REG_NO.fullmatch(digits["bank_reg_no"]):
        raise Invalid(_("A registration number has four digits."), field="bank_reg_no")
    if digits["bank_account_no"] and not _ACCOUNT_NO.fullmatch(digits["bank_account_no"]):
        raise Invalid(_("An account number has five to ten digits."), field="bank_account_no")
    if bool(digits["bank_reg_no"]) != bool(digits["bank_account_no"]):
        raise Invalid(_("Fill in both registration number and account number, or neither."), field="bank_account_no")
    if digits["fik_creditor"] and not _FIK_CREDITOR.fullmatch(digits["fik_creditor"]):
        raise Invalid(_("A FIK creditor number has eight digits."), field="fik_creditor")
    plain = {name: getattr(company, name).strip() for name in ("name", "address", "city", "phone", "email")}
    cvr = normalise_cvr(company.cvr) if company.cvr.strip() else ""
    return Company(postal_code=postal_code, cvr=cvr, **plain, **digits)


def choices(company: Company) -> dict[str, str]:
    """The particulars as settings."""
    return {f"company.{name}": getattr(company, name) for name in NAMES}
