"""Customers: create, change, delete and restore, with every rule that reaches beyond one value.

The rules about single values lie in customer_values, those about CPR and password in customer_secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import attributes

from .. import actor
from ..clock import now
from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..models.customer_groups import CustomerGroup
from ..models.customers import Customer
from ..permissions import Principal
from . import customer_field_values, customer_secrets, customer_values, survivors, visibility
from .field_policies import OPEN, Policy

_SECRETS = frozenset({"cpr", "password_hash"})


def find(customer_id: int, principal: Principal | None = None, *, deleted: bool = False) -> Customer:
    """One customer that `principal` may see; raises NotFound otherwise. `deleted` asks for a deleted one."""
    statement = select(Customer).where(Customer.id == customer_id)
    statement = statement.where(Customer.deleted_at.is_not(None) if deleted else Customer.deleted_at.is_(None))
    if principal is not None:
        statement = visibility.customers(statement, principal)
    customer = db.session.scalar(statement)
    if customer is None:
        raise NotFound
    return customer


def create(
    values: Mapping[str, Any],
    *,
    principal: Principal | None = None,
    policy: Policy = OPEN,
    custom: Mapping[int, Any] | None = None,
) -> Customer:
    """Add a customer; the group decides the clips it starts with.

    values: columns, `group_id`, `cpr` in plain text and `password_hash` (see customer_secrets.prepare). custom: answers
    by field id; None leaves the custom fields' own demands aside (imports). Raises Invalid with the field to blame.
    """
    policy.refuse_hidden(values)
    columns = customer_values.clean({key: value for key, value in values.items() if key not in {"group_id", *_SECRETS}})
    columns.setdefault("name", customer_values.clean_one("name", values.get("name")))
    policy.demand({**values, **columns}, policy.required, phone=True)
    group = choose_group(values.get("group_id"), principal)
    columns.setdefault("clips_left", group.default_clips)
    customer = Customer(group_id=group.id, created_by_id=actor.current().user_id, **columns)
    db.session.add(customer)
    db.session.flush()
    customer_secrets.write(customer, values)
    if custom is not None:
        customer_field_values.write(customer, custom, creating=True)
    return customer


def update(
    customer_id: int,
    values: Mapping[str, Any],
    *,
    row_version: int,
    principal: Principal | None = None,
    policy: Policy = OPEN,
    custom: Mapping[int, Any] | None = None,
) -> Customer:
    """Change the given values of a customer as it was read at `row_version`; raises Conflict where it changed since."""
    customer = lock(customer_id, row_version, principal)
    policy.refuse_hidden(values)
    columns = customer_values.clean({key: value for key, value in values.items() if key not in {"group_id", *_SECRETS}})
    policy.demand(_answers(customer, values, columns), values.keys(), phone=_touches_phone(customer, columns))
    is_answered = custom is not None and customer_field_values.write(customer, custom)  # by the fields of its old group
    group_id = values.get("group_id")
    group = choose_group(group_id, principal) if group_id and int(group_id) != customer.group_id else None
    for column, value in columns.items():
        if getattr(customer, column) != value:
            setattr(customer, column, value)
    if group is not None:
        customer.group_id = group.id
    customer_secrets.write(customer, values)
    if is_answered:
        attributes.flag_modified(customer, "name")  # the answers are part of the record: its version grows
    db.session.flush()
    return customer


def _touches_phone(customer: Customer, columns: Mapping[str, Any]) -> bool:
    """Whether a telephone changes; one who never had any may still be corrected in other fields."""
    return any(field in columns and columns[field] != getattr(customer, field) for field in ("mobile", "telephone"))


def _answers(customer: Customer, values: Mapping[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    answers = {"mobile": customer.mobile, "telephone": customer.telephone, **values, **columns}
    if not answers.get("cpr") and customer.cpr_encrypted:
        answers["cpr"] = "***"
    return answers


def lock(customer_id: int, row_version: int | None, principal: Principal | None) -> Customer:
    """The customer, held until the transaction ends; raises Conflict where its version is not `row_version`."""
    find(customer_id, principal)
    customer = db.session.scalars(
        select(Customer)
        .where(Customer.id == customer_id, Customer.deleted_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if customer is None:
        raise NotFound
    if row_version is not None and customer.row_version != row_version:
        raise Conflict
    return customer


def choose_group(group_id: Any, principal: Principal | None) -> CustomerGroup:
    """The active group a customer may be put in, the primary one where none was given."""
    wanted = CustomerGroup.is_primary if not group_id else CustomerGroup.id == int(group_id)
    group = db.session.scalar(select(CustomerGroup).where(wanted))
    if group is None or (principal is not None and principal.groups is not None and group.id not in principal.groups):
        raise Invalid("Choose a customer group.", field="group_id")
    if not group.is_active:
        raise Invalid("The group %(name)s is inactive.", field="group_id", name=group.name)
    return group


def delete(customer_id: int, *, principal: Principal | None = None, row_version: int | None = None) -> None:
    """Hide a customer; `restore` brings it back."""
    lock(customer_id, row_version, principal).deleted_at = now()
    db.session.flush()


def restore(customer_id: int, *, principal: Principal | None = None) -> Customer:
    """Bring a deleted customer back; one who was merged comes back by undoing the merge."""
    customer = find(customer_id, principal, deleted=True)
    survivors.refuse_merged(customer_id)
    survivors.refuse_erased(customer_id)
    customer.deleted_at = None
    db.session.flush()
    return customer
