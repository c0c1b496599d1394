"""A customer's CPR (encrypted, found by exact search only) and password (kept as a hash only)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.sql.elements import ColumnElement

from .. import audit, cpr, field_encryption
from ..clock import today
from ..errors import Closed, Invalid, NotAllowed
from ..models.customers import Customer
from ..modules import Feature
from ..permissions import Permission, Principal
from . import passwords, settings

_CPR = {"table": "customer", "column": "cpr_encrypted"}


def write(customer: Customer, values: Mapping[str, Any]) -> None:
    """Store what `values` holds under `cpr` (empty leaves it as it is) and `password_hash`; None takes either away."""
    if "cpr" in values and values["cpr"] != "":
        set_cpr(customer, values["cpr"])
    if "password_hash" in values:
        customer.password_hash = values["password_hash"]


def set_cpr(customer: Customer, text: str | None) -> None:
    """Encrypt a number for this customer, or take it away with None; raises Closed while the feature is off."""
    if text is None:
        customer.cpr_encrypted = customer.cpr_index = None
        return
    if Feature.CPR not in settings.switched_on():
        raise Closed
    digits = cpr.normalise(text)
    if index(digits) == customer.cpr_index and customer.cpr_encrypted:
        return
    customer.cpr_encrypted = field_encryption.encrypt(digits, row_id=customer.id, **_CPR)
    customer.cpr_index = index(digits)


def index(digits: str) -> str:
    """What `customer.cpr_index` holds for ten digits."""
    return field_encryption.blind_index(digits, **_CPR)


def search_rule(term: str) -> ColumnElement[bool] | None:
    """The condition that finds a customer by the exact number; None where `term` is no number or the feature is off."""
    if not cpr.looks_like(term) or Feature.CPR not in settings.switched_on():
        return None
    return Customer.cpr_index == index(cpr.normalise(term))


def masked_cpr(customer: Customer) -> str:
    """`010203-****`, or nothing where no number is stored."""
    digits = _open(customer)
    return cpr.mask(digits) if digits else ""


def full_cpr(customer: Customer, principal: Principal) -> str:
    """The whole number for one who may see it; each look is logged."""
    if not principal.has(Permission.CUSTOMER_VIEW_CPR):
        raise NotAllowed
    if Feature.CPR not in settings.switched_on():
        raise Closed
    digits = _open(customer)
    audit.record("customer.cpr_seen", entity="customer", entity_id=customer.id, customer_id=customer.id)
    return cpr.display(digits) if digits else ""


def _open(customer: Customer) -> str | None:
    if customer.cpr_encrypted is None:
        return None
    return field_encryption.decrypt(customer.cpr_encrypted, row_id=customer.id, **_CPR)


def born_on(customer: Customer, *, switched_on: frozenset[str] | None = None) -> date | None:
    """The date of birth, from the CPR where none is registered. switched_on: given by who asks for many."""
    if customer.birth_date is not None:
        return customer.birth_date
    digits = _open(customer) if Feature.CPR in (switched_on or settings.switched_on()) else None
    return cpr.birth_date(digits) if digits else None


def age(customer: Customer, *, on: date | None = None) -> int | None:
    """Whole years today or on a given day, from the date of birth or the CPR."""
    born, day = born_on(customer), on or today()
    if born is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def prepare(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with a typed `password` checked and hashed; call it before the transaction: hashing is slow."""
    prepared = {field: value for field, value in values.items() if field != "password"}
    if password := values.get("password"):
        if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
            raise Invalid("A password has at least %(count)s signs.", field="password", count=passwords.SHORTEST)
        prepared["password_hash"] = passwords.hash_password(password)
    elif "password" in values and password is None:
        prepared["password_hash"] = None
    return prepared
