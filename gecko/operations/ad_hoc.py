"""Ad hoc purchases: typed in afterwards from another system. No number, payment, ledger, statistics or stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from .. import actor
from ..clock import today
from ..db import db
from ..errors import Invalid, NotFound
from ..language import _
from ..models.items import Item
from ..models.purchases import AdHocLine, AdHocPurchase
from ..money import LARGEST_ORE
from . import survivors
from .invoicing import gross_ore

_MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class AdHocItem:
    """What was bought: quantity in thousandths; the price in øre with VAT, the item's own where None."""

    item_id: int
    quantity_milli: int = 1_000
    unit_price_ore: int | None = None


def create(
    customer_id: int,
    items: Sequence[AdHocItem],
    *,
    purchased_on: date | None = None,
    source_text: str | None = None,
    key: str | None = None,
) -> AdHocPurchase:
    """Register a purchase that the customer made elsewhere, today or earlier. One `key`, one purchase.

    A customer who was merged meanwhile buys as the one who absorbed them.
    """
    customer_id = survivors.hold(customer_id, alone=True)
    known = _by_key(key)
    if known is not None:
        return known
    day = purchased_on or today()
    if day > today():
        raise Invalid(_("The date must not lie in the future."), field="purchased_on")
    if not 0 < len(items) <= _MOST_LINES:
        raise Invalid(_("Choose an item."), field="item_id")
    lines = [_line(position, bought) for position, bought in enumerate(items, start=1)]
    purchase = AdHocPurchase(
        customer_id=customer_id,
        purchased_on=day,
        source_text=(source_text or "").strip() or None,
        total_ore=sum(line.total_ore for line in lines),
        idempotency_key=key,
        created_by_id=actor.current().user_id,
        lines=lines,
    )
    db.session.add(purchase)
    db.session.flush()
    return purchase


def reverse(purchase_id: int, *, customer_id: int | None = None) -> AdHocPurchase:
    """Undo a purchase by a row of the opposite amount on the same day; once, and the undoing stays.

    customer_id: refuse where the purchase is another customer's.
    """
    owner_id = db.session.scalar(select(AdHocPurchase.customer_id).where(AdHocPurchase.id == purchase_id))
    if owner_id is None:
        raise NotFound
    owner_id = survivors.hold(owner_id, deleted=True)
    if customer_id is not None and survivors.resolve(customer_id) != owner_id:
        raise NotFound
    purchase = db.session.scalars(
        select(AdHocPurchase)
        .where(AdHocPurchase.id == purchase_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if purchase.reverses_id is not None:
        raise Invalid(_("A reversal cannot be reversed."))
    if db.session.scalar(select(AdHocPurchase.id).where(AdHocPurchase.reverses_id == purchase_id)) is not None:
        raise Invalid(_("The purchase has already been undone."))
    undoing = AdHocPurchase(
        customer_id=purchase.customer_id,
        purchased_on=purchase.purchased_on,
        source_text=purchase.source_text,
        total_ore=-purchase.total_ore,
        reverses_id=purchase.id,
        created_by_id=actor.current().user_id,
        lines=[_opposite(line) for line in purchase.lines],
    )
    db.session.add(undoing)
    db.session.flush()
    return undoing


def _line(position: int, bought: AdHocItem) -> AdHocLine:
    item = db.session.get(Item, bought.item_id)
    if item is None or item.deleted_at is not None or not item.is_active:
        raise Invalid(_("The item does not exist or is inactive."), field="item_id")
    if bought.quantity_milli <= 0:
        raise Invalid(_("The quantity must be greater than zero."), field="quantity")
    price = item.price_ore if bought.unit_price_ore is None else bought.unit_price_ore
    total = gross_ore(bought.quantity_milli, price)
    if price < 0 or total > LARGEST_ORE:
        raise Invalid(_("The price is not possible."), field="price_ore")
    return AdHocLine(
        position=position,
        item_id=item.id,
        item_no=item.item_no,
        text=item.name,
        quantity_milli=bought.quantity_milli,
        unit_price_ore=price,
        total_ore=total,
    )


def _opposite(line: AdHocLine) -> AdHocLine:
    return AdHocLine(
        position=line.position,
        item_id=line.item_id,
        item_no=line.item_no,
        text=line.text,
        quantity_milli=-line.quantity_milli,
        unit_price_ore=line.unit_price_ore,
        total_ore=-line.total_ore,
    )


def _by_key(key: str | None) -> AdHocPurchase | None:
    if key is None:
        return None
    return db.session.scalars(select(AdHocPurchase).where(AdHocPurchase.idempotency_key == key)).one_or_none()
