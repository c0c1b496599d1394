"""The demo's debtors: private ones, firms (CVR), public bodies (EAN), and the customers they pay for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from ...db import transaction
from ...models.debtors import CustomerDebtorLink, DayKind, Debtor
from .. import debtor_groups, numbering, payment_terms
from ..debtors import NUMBERS
from . import bulk, words
from .draw import ANCHOR, Dice
from .people import People

_PRIVATE = 520  # of 2,000 customers


@dataclass(frozen=True, slots=True)
class Account:
    """A debtor and the customers it pays for."""

    debtor_id: int
    customers: tuple[int, ...]


def build(dice: Dice, people: People, staff: dict[str, int], scale: float) -> list[Account]:
    """Make groups, terms, debtors and links; a few debtors lack what a form would demand, as after an import."""
    with transaction() as session:
        groups = _groups()
        scheme = people.of_group(people.company_group)
        others = [customer_id for customer_id in people.customers if customer_id not in set(scheme)]
        dice.shuffle(others)
        plans = _plans(dice, people, groups, scheme, others, round(_PRIVATE * scale))
        first = numbering.draw(NUMBERS, len(plans))
        rows = [{"number": str(first + n), **values} for n, (values, _customers) in enumerate(plans)]
        ids = bulk.add(session, Debtor, rows)
        accounts = [Account(debtor_id, plan[1]) for debtor_id, plan in zip(ids, plans, strict=True)]
        session.execute(insert(CustomerDebtorLink), _links(dice, people, accounts, others, staff))
    return accounts


def _groups() -> dict[str, Any]:
    cash = payment_terms.create({"name": "Kontant", "days": 0, "day_kind": DayKind.CALENDAR}).id
    month = payment_terms.create({"name": "Netto 30 dage", "days": 30, "day_kind": DayKind.CALENDAR}).id
    banking = payment_terms.create({"name": "Netto 8 bankdage", "days": 8, "day_kind": DayKind.BANKING}).id
    return {
        "private": debtor_groups.create({"name": "Private"}).id,
        "firms": debtor_groups.create({"name": "Virksomheder", "default_term_id": banking}).id,
        "public": debtor_groups.create({"name": "Offentlige", "default_term_id": month}).id,
        "cash": cash,
    }


def _plans(
    dice: Dice, people: People, groups: dict[str, Any], scheme: list[int], others: list[int], private: int
) -> list[tuple[dict[str, Any], tuple[int, ...]]]:
    plans = []
    for n, (first, last) in enumerate(words.FIRMS):
        name = f"{first} {last}"
        customers = tuple(scheme) if n == 0 else tuple(others.pop() for _ in range(dice.one([1, 1, 2, 3, 5])))
        plans.append((_firm(dice, name, groups["firms"], cvr=dice.cvr()), customers))
    for name in words.PUBLIC_BODIES:
        customers = tuple(others.pop() for _ in range(dice.one([1, 2, 3])))
        plans.append((_firm(dice, name, groups["public"], ean=dice.ean()), customers))
    for _ in range(private):
        customer_id = others.pop()
        pays_for_two = dice.some(0.04)
        customers = (customer_id, others.pop()) if pays_for_two else (customer_id,)
        plans.append((_person(dice, people.customers[customer_id], groups), customers))
    return plans


def _firm(dice: Dice, name: str, group_id: int, *, cvr: str | None = None, ean: str | None = None) -> dict[str, Any]:
    contact = dice.name(female=dice.some(0.5))
    return {
        **_EMPTY,
        **dice.address(),
        "group_id": group_id,
        "company_name": name,
        "att": "Bogholderiet" if ean is None else contact,
        "phone": dice.phone("70"),
        "email": dice.email(f"faktura {name}", "firma" if ean is None else "offentlig"),
        "cvr": cvr,
        "ean": ean,
        "contact_reference": contact if ean else None,
        "order_reference": f"REK-{dice.randint(10_000, 99_999)}" if ean else None,
        "created_at": dice.instant(ANCHOR - timedelta(days=1_080)),
    }


def _person(dice: Dice, customer: dict[str, Any], groups: dict[str, Any]) -> dict[str, Any]:
    return {
        **_EMPTY,
        **{key: customer[key] for key in ("name", "address", "postal_code", "city", "email", "language", "created_at")},
        "group_id": groups["private"],
        "phone": customer["mobile"] or customer["telephone"],
        "term_id": groups["cash"] if dice.some(0.05) else None,
    }


_EMPTY: dict[str, Any] = dict.fromkeys(
    ("name", "company_name", "att", "cvr", "ean", "contact_reference", "order_reference", "term_id")
) | {"country": "DK", "language": "da"}


def _links(
    dice: Dice, people: People, accounts: list[Account], others: list[int], staff: dict[str, int]
) -> list[dict[str, Any]]:
    rows = []
    for account in accounts:
        for customer_id in account.customers:
            linked_at = people.customers[customer_id]["created_at"] + timedelta(minutes=5)
            rows.append(_link(customer_id, account.debtor_id, linked_at, staff["office"]))
    for customer_id in others[:30]:  # links of the past
        created = people.customers[customer_id]["created_at"]
        ended = min(created + timedelta(days=dice.randint(30, 300)), dice.instant(ANCHOR))
        row = _link(customer_id, dice.one(accounts).debtor_id, created, staff["office"])
        rows.append(row | {"unlinked_at": ended, "unlinked_by_id": staff["accountant"]})
    return rows


def _link(customer_id: int, debtor_id: int, linked_at: Any, user_id: int) -> dict[str, Any]:
    return {
        "customer_id": customer_id, "debtor_id": debtor_id, "linked_at": linked_at, "linked_by_id": user_id,
        "unlinked_at": None, "unlinked_by_id": None,
    }  # fmt: skip
