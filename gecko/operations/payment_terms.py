"""Payment terms: when an invoice is due, and which term a debtor has. Exactly one term is the default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Protocol

from sqlalchemy import exists, or_, select

from ..banking_days import add_banking_days
from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.debtors import DayKind, Debtor, DebtorGroup, PaymentTerm
from .names import require_unused_name

_LONGEST = 365


class Days(Protocol):
    """What a due date needs of a term: how many days, and which kind."""

    @property
    def days(self) -> int: ...

    @property
    def day_kind(self) -> DayKind: ...


def due_on(term: Days, day: date) -> date:
    """When an invoice of `day` is due: so many calendar days later, or so many Danish banking days later."""
    if term.day_kind == DayKind.BANKING:
        return add_banking_days(day, term.days)
    return day + timedelta(days=term.days)


def default() -> PaymentTerm:
    """The default term."""
    return db.session.scalars(select(PaymentTerm).where(PaymentTerm.is_default)).one()


def term_of(debtor: Debtor) -> PaymentTerm:
    """The debtor's own term, or else the group's, or else the default."""
    term_id = debtor.term_id
    if term_id is None and debtor.group_id is not None:
        group = db.session.get(DebtorGroup, debtor.group_id)
        term_id = group.default_term_id if group else None
    term = db.session.get(PaymentTerm, term_id) if term_id is not None else None
    return term or default()


def _get(term_id: int) -> PaymentTerm:
    # The terms are locked together, in order, so that two changes of the default cannot meet halfway.
    terms = db.session.scalars(select(PaymentTerm).order_by(PaymentTerm.id).with_for_update()).all()
    for term in terms:
        if term.id == term_id:
            return term
    raise NotFound


def create(values: Mapping[str, Any]) -> PaymentTerm:
    """Add a term; a new default takes the place of the old."""
    checked = _checked(values, None)
    wants_default = bool(checked.pop("is_default", False))
    term = PaymentTerm(**checked)
    db.session.add(term)
    db.session.flush()
    if wants_default:
        make_default(term.id)
    return term


def update(term_id: int, values: Mapping[str, Any]) -> PaymentTerm:
    """Change a term. The default can only be replaced by another default, and stays active."""
    term = _get(term_id)
    checked = _checked(values, term_id)
    wants_default = bool(checked.pop("is_default", term.is_default))
    if term.is_default and not wants_default:
        raise Invalid(_("Make another term the default instead."), field="is_default")
    if (term.is_default or wants_default) and not checked.get("is_active", term.is_active):
        raise Invalid(_("The default term must be active."), field="is_active")
    for name, value in checked.items():
        setattr(term, name, value)
    db.session.flush()
    if wants_default and not term.is_default:
        make_default(term.id)
    return term


def make_default(term_id: int) -> None:
    """Let this term be the default from now on."""
    term = _get(term_id)
    if not term.is_active:
        raise Invalid(_("The default term must be active."), field="is_default")
    old = db.session.scalars(select(PaymentTerm).where(PaymentTerm.is_default)).one_or_none()
    if old is term:
        return
    if old is not None:
        old.is_default = False
        db.session.flush()
    term.is_default = True
    db.session.flush()


def delete(term_id: int) -> None:
    """Remove a term that nothing uses."""
    term = _get(term_id)
    if term.is_default:
        raise Invalid(_("The default term cannot be deleted."))
    used = select(
        or_(
            exists(select(Debtor.id).where(Debtor.term_id == term_id)),
            exists(select(DebtorGroup.id).where(DebtorGroup.default_term_id == term_id)),
        )
    )
    if db.session.scalar(used):
        raise Invalid(_("The term is in use; make it inactive instead."))
    db.session.delete(term)
    db.session.flush()


def _checked(values: Mapping[str, Any], term_id: int | None) -> dict[str, Any]:
    checked = {name: values[name] for name in ("name", "days", "day_kind", "is_default", "is_active") if name in values}
    if "name" in checked or term_id is None:
        checked["name"] = require_unused_name(PaymentTerm, checked.get("name"), but=term_id)
    if "days" in checked or term_id is None:
        days = checked.get("days")
        if days is None or not 0 <= days <= _LONGEST:
            raise Invalid(_("The number of days must lie between 0 and %(most)d."), field="days", most=_LONGEST)
    return checked
