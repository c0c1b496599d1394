"""The demo's customers with all that belongs to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select

from ...clock import midnight
from ...db import transaction
from ...models.address_failures import AddressFailure, Channel
from ...models.contacts import Contact, CustomerContact
from ...models.customer_fields import CustomerField, CustomerFieldValue, FieldType, customer_field_group
from ...models.customer_groups import CustomerGroup
from ...models.customers import Customer
from ...models.markings import CustomerMarking, Marking
from . import bulk, doubles, words
from .draw import ANCHOR, YEARS, Dice

CUSTOMERS = 2_000
SEED_OF_DOUBLES = 20_261_121
_ADULT = 15


@dataclass(frozen=True, slots=True)
class People:
    """Who was made: the values of every customer by id, and the groups by role."""

    customers: dict[int, dict[str, Any]]
    company_group: int
    inactive_group: int

    def of_group(self, group_id: int) -> list[int]:
        """The customers of one group."""
        return [customer_id for customer_id, values in self.customers.items() if values["group_id"] == group_id]


def build(dice: Dice, staff: dict[str, int], scale: float) -> People:
    """Make groups, fields, markings, customers, contacts and failed addresses."""
    with transaction() as session:
        primary = session.scalars(select(CustomerGroup.id).where(CustomerGroup.is_primary)).one()
        company = CustomerGroup(name="Firmaordning Nordlys", description="Medarbejdere i Nordlys Entreprise A/S")
        former = CustomerGroup(name="Tidligere kunder", is_active=False)
        session.add_all([company, former])
        session.flush()
        company_id, former_id = company.id, former.id
        fields = _fields(session, company_id)
        rows = [
            _customer(dice, no, primary, company_id, former_id, staff) for no in range(1, round(CUSTOMERS * scale) + 1)
        ]
        doubles.weave(Dice(SEED_OF_DOUBLES), rows)
        ids = bulk.add(session, Customer, rows)
        customers = dict(zip(ids, rows, strict=True))
        _answers(dice, session, fields, customers, company_id)
        _markings(dice, session, customers, staff)
        _contacts(dice, session, customers)
        _failures(dice, session, customers)
    return People(customers, company_id, former_id)


def _customer(dice: Dice, no: int, primary: int, company: int, former: int, staff: dict[str, int]) -> dict[str, Any]:
    female = dice.some(0.6)
    name = dice.name(female=female)
    created = dice.day(ANCHOR - YEARS, ANCHOR - timedelta(days=7))
    group = company if dice.some(0.06) else former if dice.some(0.05) else primary
    knows_marketing = dice.some(0.35)
    return {
        "group_id": group,
        "number": f"N{no:04d}" if group == company else str(1_000 + no),
        "name": name,
        **dice.address(),
        "telephone": dice.phone(dice.one(["86", "75", "33", "98"])) if dice.some(0.2) else None,
        "mobile": dice.phone(dice.one(["20", "22", "28", "40", "51", "61"])) if dice.some(0.93) else None,
        "email": dice.email(name) if dice.some(0.88) else None,
        "birth_date": dice.day(date(1938, 1, 1), date(2018, 12, 31)) if dice.some(0.8) else None,
        "gender": ("female" if female else "male") if dice.some(0.9) else "unknown",
        "language": "en" if dice.some(0.04) else "da",
        "remind_sms": dice.some(0.9),
        "remind_email": dice.some(0.7),
        "accepts_marketing_email": knows_marketing,
        "accepts_marketing_sms": knows_marketing and dice.some(0.5),
        "note": dice.one(words.NOTES) if dice.some(0.2) else None,
        "important_note": dice.one(words.IMPORTANT_NOTES) if dice.some(0.07) else None,
        "right_of_access": dice.some(0.1),
        "created_at": dice.instant(created),
        "created_by_id": dice.one([staff["office"], staff["receptionist"]]),
    }


def _fields(session: Any, company: int) -> dict[str, int]:
    made = [
        CustomerField(name="Allergier", type=FieldType.LINE, position=1),
        CustomerField(
            name="Foretrukken behandler", type=FieldType.CHOICE, choices="\n".join(words.THERAPISTS), position=2
        ),
        CustomerField(name="Samtykke til foto", type=FieldType.YES_NO, position=3),
        CustomerField(name="Første besøg", type=FieldType.DATE, position=4, show_create=False),
        CustomerField(name="Medarbejdernummer", type=FieldType.NUMBER, position=5, all_groups=False),
    ]
    for field in made:
        field.created_at = midnight(ANCHOR - YEARS)
    session.add_all(made)
    session.flush()
    session.execute(insert(customer_field_group).values(field_id=made[-1].id, group_id=company))
    return {field.name: field.id for field in made}


def _answers(
    dice: Dice, session: Any, fields: dict[str, int], customers: dict[int, dict[str, Any]], company: int
) -> None:
    rows = []
    for customer_id, values in customers.items():
        answers = {
            "Allergier": dice.one(words.ALLERGIES, towards_first=2) if dice.some(0.4) else None,
            "Foretrukken behandler": dice.one(words.THERAPISTS) if dice.some(0.3) else None,
            "Samtykke til foto": dice.one(["1", "0"]) if dice.some(0.5) else None,
            "Første besøg": values["created_at"].date().isoformat() if dice.some(0.6) else None,
            "Medarbejdernummer": str(dice.randint(1_000, 9_999)) if values["group_id"] == company else None,
        }
        rows += [
            {"customer_id": customer_id, "field_id": fields[name], "value": value}
            for name, value in answers.items()
            if value is not None
        ]
    session.execute(insert(CustomerFieldValue), rows)


def _markings(dice: Dice, session: Any, customers: dict[int, dict[str, Any]], staff: dict[str, int]) -> None:
    made = [
        Marking(name="VIP", icon="star", colour="yellow"),
        Marking(name="Udeblevet", icon="alert-triangle", colour="red"),
        Marking(name="Rabataftale", icon="gift", colour="green"),
        Marking(name="Ny kunde", icon="bell", colour="blue"),
        Marking(name="Forældet", icon="flag", colour="secondary", is_active=False),
    ]
    session.add_all(made)
    session.flush()
    rows = []
    for customer_id, values in customers.items():
        for marking, share in zip(made, (0.05, 0.04, 0.08, 0.03, 0.01), strict=True):
            if dice.some(share):
                rows.append(
                    {
                        "customer_id": customer_id,
                        "marking_id": marking.id,
                        "value": f"{dice.randint(1, 4)} gange" if marking.name == "Udeblevet" else None,
                        "set_by_id": staff["office"],
                        "set_at": dice.instant(dice.day(values["created_at"].date(), ANCHOR)),
                    }
                )
    session.execute(insert(CustomerMarking), rows)


def _contacts(dice: Dice, session: Any, customers: dict[int, dict[str, Any]]) -> None:
    """A parent for each child, sometimes one parent of two; a relative for some of the old."""
    parent: int | None = None
    for customer_id, values in customers.items():
        born = values["birth_date"]
        age = None if born is None else (ANCHOR - born).days // 365
        if age is None or not (age < _ADULT or (age > 80 and dice.some(0.3))):
            continue
        relation = dice.one(["Mor", "Far"] if age < _ADULT else ["Datter", "Søn", "Ægtefælle"])
        if parent is None or relation not in {"Mor", "Far"} or not dice.some(0.2):
            name = dice.name(female=relation in {"Mor", "Datter", "Ægtefælle"})
            contact = Contact(
                name=name,
                email=dice.email(name),
                mobile=dice.phone("20"),
                address=values["address"],
                receives_copy=dice.some(0.4),
                created_at=values["created_at"],
            )
            session.add(contact)
            session.flush()
            parent = contact.id
        session.add(CustomerContact(customer_id=customer_id, contact_id=parent, relation=relation))


def _failures(dice: Dice, session: Any, customers: dict[int, dict[str, Any]]) -> None:
    addresses = sorted({values["email"] for values in customers.values() if values["email"]})
    reasons = ("550 5.1.1 Modtageren findes ikke", "552 5.2.2 Postkassen er fuld", "Domænet tager ikke imod post")
    for address in dice.sample(addresses, 40):
        failed_at = dice.instant(dice.day(ANCHOR - timedelta(days=200), ANCHOR))
        session.add(
            AddressFailure(channel=Channel.EMAIL, address=address, reason=dice.one(reasons), failed_at=failed_at)
        )
