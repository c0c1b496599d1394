"""The options of `gecko export`: each report has those of the filters that it reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import click
from sqlalchemy import select

from gecko.db import db
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor, DebtorGroup
from gecko.models.payment_types import PaymentType
from gecko.operations.ageing import Basis

from ..filters import Field, Filters, Step
from ..report import Report

_ID = re.compile(r"#[0-9]{1,15}")


def of(report: Report) -> Callable[[Any], Any]:
    """The options of the filters that a report reads."""

    def decorate(command: Any) -> Any:
        for field in reversed([field for field in Field if field in report.fields]):
            for option in reversed(_options(field, report)):
                command = option(command)
        return command

    return decorate


def _options(field: Field, report: Report) -> list[Callable[[Any], Any]]:
    if field is Field.KIND:
        return [click.option("--kind", type=click.Choice(sorted(report.kinds)), help="Only this kind.")]
    return _OPTIONS[field]


class _Day(click.ParamType[date]):
    """A day as Danes or ISO write it."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        text = str(value)
        try:
            return datetime.strptime(text, "%d-%m-%Y" if text[2:3] == "-" else "%Y-%m-%d").date()
        except ValueError:
            raise click.BadParameter(f"{text!r} is not a day (dd-mm-yyyy or yyyy-mm-dd)", ctx, param) from None


class _Days(click.ParamType[tuple[int, ...]]):
    """Rising numbers of days, as 30,60,90."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        try:
            return tuple(int(part) for part in str(value).split(","))
        except ValueError:
            raise click.BadParameter(f"{value!r} are no numbers of days, as 30,60,90", ctx, param) from None


_GROUP = [click.option("--group", metavar="NAME", help="Only this group.")]
_OPTIONS: dict[Field, list[Callable[[Any], Any]]] = {
    Field.PERIOD: [
        click.option("--from", "starts_on", metavar="DAY", type=_Day(), help="First day (dd-mm-yyyy or yyyy-mm-dd)."),
        click.option("--to", "ends_on", metavar="DAY", type=_Day(), help="Last day."),
    ],
    Field.AS_OF: [click.option("--as-of", metavar="DAY", type=_Day(), help="At the end of this day (default: today).")],
    Field.BASIS: [
        click.option("--basis", type=click.Choice([*Basis]), help="Count ages from the due or posting date.")
    ],
    Field.BUCKETS: [click.option("--buckets", metavar="DAYS", type=_Days(), help="Where ages are cut: 30,60,90.")],
    Field.BUCKET: [click.option("--bucket", metavar="N", type=int, help="Only this bucket; the youngest is 0.")],
    Field.DEBTOR: [click.option("--debtor", metavar="NO", help="Only the debtor of this number.")],
    Field.DEBTORS: [
        click.option("--debtor-from", metavar="NO", help="Debtors from this number on."),
        click.option("--debtor-to", metavar="NO", help="Debtors up to this number."),
    ],
    Field.DEBTOR_GROUP: _GROUP,
    Field.CUSTOMER: [
        click.option("--customer", metavar="NO", help="Only the customer of this number (or id, as #17).")
    ],
    Field.CUSTOMER_GROUP: _GROUP,
    Field.PAYMENT_TYPE: [click.option("--payment-type", metavar="NAME", help="Only payments of this type.")],
    Field.EVERYBODY: [
        click.option("--everybody", is_flag=True, default=None, help="Also debtors of whom nothing is open.")
    ],
    Field.STEP: [click.option("--step", type=click.Choice([*Step]), help="A line for each month or quarter.")],
}


def filters(report: Report, values: dict[str, Any]) -> Filters:
    """Names and numbers become the ids of rows; raises ClickException where there is none."""
    group, number, customer = (values.pop(name, None) for name in ("group", "debtor", "customer"))
    payment_type = values.pop("payment_type", None)
    owner: Any = CustomerGroup if Field.CUSTOMER_GROUP in report.fields else DebtorGroup
    return Filters(
        debtor_id=_id_of(Debtor.id, Debtor.number, number, "debtor number"),
        customer_id=_customer_id(customer),
        group_id=_id_of(owner.id, owner.name, group, "group"),
        payment_type_id=_id_of(PaymentType.id, PaymentType.name, payment_type, "payment type"),
        **values,
    )


def _id_of(key: Any, column: Any, value: str | None, what: str) -> int | None:
    if value is None:
        return None
    found: int | None = db.session.scalar(select(key).where(column == value))
    if found is None:
        raise click.ClickException(f"There is no {what} {value}.")
    return found


def _customer_id(number: str | None) -> int | None:
    if number is None:
        return None
    wanted = Customer.id == int(number[1:]) if _ID.fullmatch(number) else Customer.number == number
    found = db.session.scalars(select(Customer.id).where(wanted).limit(2)).all()
    if len(found) != 1:
        many = "more than one customer has" if found else "no customer has"
        raise click.ClickException(f"Customer {number}: {many} it; give the id as #17.")
    return found[0]
