"""Whose a case is: taken by oneself, given to a colleague, or nobody's again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from ...db import db
from ...errors import Conflict, Invalid
from ...language import _
from ...models.duplicates import DuplicateCase
from ...permissions import Permission, Principal
from .. import sessions
from . import cases


def assign(case_id: int, user_id: int | None, *, principal: Principal, seen: int | None = None) -> None:
    """Give a case to a user, or to nobody.

    seen: whose it was on the page; Conflict where somebody else has it by now. The other must be allowed to review,
    and to see every customer of the case.
    """
    shown = cases.get(case_id, principal)
    if shown.case.assigned_to_id == user_id:
        return
    if user_id is not None and user_id != principal.user_id:
        _require_able(user_id, shown)
    taken = db.session.scalar(
        update(DuplicateCase)
        .where(DuplicateCase.id == case_id, DuplicateCase.assigned_to_id.is_not_distinct_from(seen))
        .values(assigned_to_id=user_id)
        .returning(DuplicateCase.id)
    )
    if taken is None:
        raise Conflict(_("Somebody else has been given this case meanwhile."))


def colleagues(shown: cases.Shown, principal: Principal) -> list[Principal]:
    """Those others to whom a case may be handed, by name; but not whose it is."""
    passed_over = {principal.user_id, shown.case.assigned_to_id}
    return [who for who in sessions.entitled() if who.user_id not in passed_over and _hindrance(who, shown) is None]


def _require_able(user_id: int, shown: cases.Shown) -> None:
    hindrance = _hindrance(sessions.principal(user_id), shown)
    if hindrance is not None:
        raise Invalid(hindrance)


def _hindrance(who: Principal | None, shown: cases.Shown) -> Any:
    """Why somebody cannot decide a case, in words; None where they can."""
    if who is None or not who.has(Permission.DUPLICATE_REVIEW):
        return _("This user may not review duplicates.")
    if who.groups is not None and any(customer.group_id not in who.groups for customer in shown.customers):
        return _("This user may not see all customers of the case.")
    return None
