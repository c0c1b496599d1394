"""Who answers for a customer that was merged into another: by id, by an old number, by an old address.

Whatever is to be filed under a customer calls `hold` first: it waits for a merge that is under way, and says whose it
is to be. Locks are taken in one order everywhere: customers by id, then debtor, then document, then number series.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from sqlalchemy import select

from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.customers import Customer
from ..models.merges import CustomerErasure, MergeAlias, MergedCustomer
from ..phones import normalise

ALIASES = ("number", "email", "mobile", "telephone")
"""The columns of a customer whose values go on leading to it after a merge."""
_IN_FORCE = MergedCustomer.undone_at.is_(None)


def resolve(customer_id: int) -> int:
    """The customer that answers for this one: itself unless it was merged, however many merges lie between."""
    return resolve_all([customer_id])[customer_id]


def resolve_all(customer_ids: Iterable[int]) -> dict[int, int]:
    """The same for many: one query where none of them was merged, one more for each link of the longest chain."""
    found = {customer_id: customer_id for customer_id in customer_ids}
    while found:
        ends = set(found.values())
        steps = dict(
            db.session.execute(
                select(MergedCustomer.customer_id, MergedCustomer.survivor_id).where(
                    MergedCustomer.customer_id.in_(ends), _IN_FORCE
                )
            ).all()
        )
        if not steps:
            break
        found = {customer_id: steps.get(end, end) for customer_id, end in found.items()}
    return found


def hold(customer_id: int, *, alone: bool = False, deleted: bool = False) -> int:
    """The living customer to file something under instead of `customer_id`, kept from being merged meanwhile.

    alone: keep others from filing under the customer at the same time, too. deleted: one who was deleted will do, since
    what is filed belongs to something filed before. Raises NotFound where there is none.
    """
    while True:
        end = resolve(customer_id)
        attempt = db.session.begin_nested() if db.engine.dialect.name != "sqlite" else None
        statement = select(Customer.id, Customer.deleted_at).where(Customer.id == end)
        locking = statement.with_for_update(read=not alone, key_share=not alone, of=Customer)
        row = db.session.execute(locking).one_or_none()
        if attempt is None or row is None or resolve(customer_id) == end:
            break
        attempt.rollback()  # merged or given back while this waited: let go, for locks are taken in one order
    if attempt is not None:
        attempt.commit()
    if row is None or (row.deleted_at is not None and not deleted):
        raise NotFound
    return end


def absorbed_by(customer_id: int) -> list[int]:
    """Everybody that the customer absorbed, directly or through others."""
    found: list[int] = []
    ends = [customer_id]
    while ends:
        ends = list(
            db.session.scalars(
                select(MergedCustomer.customer_id)
                .where(MergedCustomer.survivor_id.in_(ends), _IN_FORCE)
                .order_by(MergedCustomer.customer_id)
            )
        )
        found += ends
    return found


def refuse_erased(customer_id: int) -> None:
    """Raise Invalid where the customer was erased."""
    if db.session.scalar(select(CustomerErasure.id).where(CustomerErasure.customer_id == customer_id)) is not None:
        raise Invalid(_("This customer has been erased for good."))


def refuse_merged(customer_id: int) -> None:
    """Raise Invalid, naming the merge, where the customer was merged into another."""
    merge_id = db.session.scalar(
        select(MergedCustomer.merge_id).where(MergedCustomer.customer_id == customer_id, _IN_FORCE)
    )
    if merge_id is None:
        return
    survivor = db.session.get_one(Customer, resolve(customer_id))
    raise Invalid(
        _("This customer was merged into %(name)s (merge %(merge)d). Undo the merge to get it back."),
        name=survivor.name,
        merge=merge_id,
    )


def known_as(typed: str) -> list[int]:
    """The customers that an old number, e-mail or telephone leads to after a merge; one look-up in an index.

    What has neither a digit nor an @ is a name, and is not looked up.
    """
    if not any(sign.isdigit() or sign == "@" for sign in typed):
        return []
    wanted = {typed, typed.upper(), typed.lower()}
    with suppress(Invalid):
        wanted.add(normalise(typed))
    owners = set(db.session.scalars(select(MergeAlias.customer_id).where(MergeAlias.value.in_(wanted))))
    return sorted(set(resolve_all(owners).values())) if owners else []


def by_old_numbers(numbers: Iterable[str]) -> dict[str, list[int]]:
    """The customers that each of these old customer numbers leads to after a merge; none where it leads nowhere."""
    statement = select(MergeAlias.value, MergeAlias.customer_id).where(
        MergeAlias.value.in_(sorted(set(numbers))), MergeAlias.field == "number"
    )
    rows = db.session.execute(statement).all()
    if not rows:
        return {}
    ends = resolve_all({owner for _value, owner in rows})
    found: dict[str, set[int]] = {}
    for value, owner in rows:
        found.setdefault(value, set()).add(ends[owner])
    return {value: sorted(ids) for value, ids in found.items()}
