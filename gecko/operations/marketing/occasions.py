"""Whom an occasion comes to on a day, and which occurrence of it: nobody is written to twice about the same one.

Every query begins with an index of what happened on a few days (births, bookings, invoices, purchases), so that a day
costs as much as it has customers, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from ...clock import local, midnight
from ...db import db
from ...models.bookings import Booking
from ...models.customer_groups import CustomerGroup
from ...models.customers import Customer
from ...models.documents import SaleDocument
from ...models.marketing_triggers import MarketingTrigger, Occasion
from ...models.purchases import AdHocPurchase

OLDEST = 120
"""How many years back customers were born."""
LATEST = {Occasion.NOT_SEEN: 30, Occasion.FIRST_VISIT: 7, Occasion.CHOSEN_DATE: 7}
"""For how many days an occasion that was missed still counts: a new trigger does not write to all of former years."""


def coming(trigger: MarketingTrigger, day: date) -> Iterator[tuple[int, str]]:
    """Customer and occurrence, those who agreed to nothing included; none on a day on which it may not write."""
    if not trigger.goes_on(day):
        return
    if trigger.occasion == Occasion.BIRTHDAY:
        yield from _born_on(trigger, _days_made_up_for(trigger, day))
    elif trigger.occasion == Occasion.BIRTH_MONTH:
        first = day.replace(day=1)
        month = [one for n in range(31) if (one := first + timedelta(days=n)).month == day.month]
        yield from _born_on(trigger, month)
    elif trigger.occasion == Occasion.NOT_SEEN:
        yield from _not_seen(trigger, day)
    elif trigger.occasion == Occasion.FIRST_VISIT:
        yield from _first_visit(trigger, day)
    elif trigger.on_date is not None and timedelta(0) <= day - trigger.on_date < timedelta(LATEST[trigger.occasion]):
        yield from _everybody(trigger)


def _days_made_up_for(trigger: MarketingTrigger, day: date) -> list[date]:
    """The day, and those just before it on which the trigger may not write."""
    days = [day]
    while len(days) < 7 and not trigger.goes_on(days[-1] - timedelta(days=1)):
        days.append(days[-1] - timedelta(days=1))
    return days


def _living(trigger: MarketingTrigger) -> ColumnElement[bool]:
    own = [Customer.group_id == trigger.group_id] if trigger.group_id is not None else []
    active = exists().where(CustomerGroup.id == Customer.group_id, CustomerGroup.is_active)
    return and_(Customer.deleted_at.is_(None), active, *own)


def birthdays(trigger: MarketingTrigger, day: date) -> Select[Any]:
    """Those born on this day of a year; on 28 February of a short year, those of the 29th, too."""
    wanted = [(day.month, day.day)]
    if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
        wanted.append((2, 29))
    born = [one for year in range(day.year - OLDEST, day.year) for month, n in wanted if (one := _date(year, month, n))]
    return select(Customer.id).where(Customer.birth_date.in_(born), _living(trigger)).order_by(Customer.id)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _born_on(trigger: MarketingTrigger, days: list[date]) -> Iterator[tuple[int, str]]:
    for day in days:
        for customer_id in db.session.scalars(birthdays(trigger, day)).all():
            yield customer_id, str(day.year)


def _not_seen(trigger: MarketingTrigger, day: date) -> Iterator[tuple[int, str]]:
    last: dict[int, date] = {}
    for statement in unseen(trigger, day):
        for customer_id, at in db.session.execute(statement):
            seen_on = local(at).date() if isinstance(at, datetime) else at
            last[customer_id] = max(seen_on, last.get(customer_id, seen_on))
    for customer_id, seen_on in sorted(last.items()):
        yield customer_id, seen_on.isoformat()


def unseen(trigger: MarketingTrigger, day: date) -> list[Select[Any]]:
    """Customers with the day of their last booking, invoice or purchase, where it is long enough ago; by each kind."""
    until = day - timedelta(days=trigger.days or 0)
    since = until - timedelta(days=LATEST[Occasion.NOT_SEEN])
    begins, ends = midnight(since), midnight(until + timedelta(days=1))
    came = _visits(Booking)
    later = _seen_since(ends, until)
    found = []
    for model, at, among in (
        (Booking, Booking.start_at, and_(came, Booking.start_at >= begins, Booking.start_at < ends)),
        (SaleDocument, SaleDocument.issued_at, and_(SaleDocument.issued_at >= begins, SaleDocument.issued_at < ends)),
        (AdHocPurchase, AdHocPurchase.purchased_on, AdHocPurchase.purchased_on.between(since, until)),
    ):
        recent: Any = (
            select(model.customer_id, func.max(at).label("at"))
            .where(among, model.customer_id.is_not(None))
            .group_by(model.customer_id)
            .subquery()
        )
        found.append(
            select(Customer.id, recent.c.at).join(recent, recent.c.customer_id == Customer.id).where(
                _living(trigger), ~later
            )
        )  # fmt: skip
    return found


def _visits(booking: Any) -> ColumnElement[bool]:
    return and_(booking.deleted_at.is_(None), booking.is_no_show.is_(False))


def _seen_since(instant: Any, day: date) -> ColumnElement[bool]:
    """Whether a customer came, will come, or bought something from then on."""
    came, bought, paid = aliased(Booking), aliased(SaleDocument), aliased(AdHocPurchase)
    return or_(
        exists().where(came.customer_id == Customer.id, came.start_at >= instant, _visits(came)),
        exists().where(bought.customer_id == Customer.id, bought.issued_at >= instant),
        exists().where(paid.customer_id == Customer.id, paid.purchased_on > day),
    )


def first_visits(trigger: MarketingTrigger, day: date) -> Select[Any]:
    """Those whose first booking was so many days ago."""
    until = day - timedelta(days=trigger.days or 0)
    begins = midnight(until - timedelta(days=LATEST[Occasion.FIRST_VISIT] - 1))
    ends, earlier = midnight(until + timedelta(days=1)), aliased(Booking)
    came = (
        select(Booking.customer_id)
        .where(
            _visits(Booking),
            Booking.customer_id.is_not(None),
            Booking.start_at >= begins,
            Booking.start_at < ends,
            ~exists().where(
                earlier.customer_id == Booking.customer_id, earlier.start_at < begins, _visits(earlier)
            ),
        )
        .distinct()
        .subquery()
    )  # fmt: skip
    return select(Customer.id).join(came, came.c.customer_id == Customer.id).where(_living(trigger))


def _first_visit(trigger: MarketingTrigger, day: date) -> Iterator[tuple[int, str]]:
    for customer_id in sorted(db.session.scalars(first_visits(trigger, day)).all()):
        yield customer_id, "first"


def _everybody(trigger: MarketingTrigger) -> Iterator[tuple[int, str]]:
    """Of the whole base those alone who agreed: nobody wants to read the names of all others."""
    columns = [
        column
        for template_id, column in (
            (trigger.email_template_id, Customer.accepts_marketing_email),
            (trigger.sms_template_id, Customer.accepts_marketing_sms),
        )
        if template_id is not None
    ]
    statement = select(Customer.id).where(_living(trigger), or_(*columns)).order_by(Customer.id)
    for customer_id in db.session.scalars(statement).all():
        yield customer_id, f"{trigger.on_date}"
