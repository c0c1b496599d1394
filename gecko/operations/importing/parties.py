"""The customers and debtors that imported documents belong to: found by number, or made when missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select

from ...clock import now
from ...db import db
from ...models.customer_groups import CustomerGroup
from ...models.customers import Customer
from ...models.debtors import CustomerDebtorLink, Debtor, DebtorGroup
from .. import survivors
from .faults import BadMapping, Refused
from .mapping import Mapping
from .writing import Batch, Context, allocate, among, insert, listing

_CUSTOMER: Any = Customer.__table__
_DEBTOR: Any = Debtor.__table__
_GROUP: Any = DebtorGroup.__table__
_LINK: Any = CustomerDebtorLink.__table__
_COPIED = ("address", "postal_code", "city", "email", "mobile", "telephone", "language")
_DEBTOR_COPY = ("address", "postal_code", "city", "email", "phone")
_SNAPSHOT = ("number", "name", "company_name", "att", "address", "postal_code", "city", "country", "email", "cvr",
             "ean", "contact_reference", "order_reference")  # fmt: skip


@dataclass(slots=True)
class Party:
    """Who a document is filed under and who pays it. The ids are None until they are needed."""

    customer_number: str
    name: str
    customer_id: int | None = None
    debtor_id: int | None = None
    debtor: dict[str, Any] | None = None
    own_term: int | None = None
    group_term: int | None = None
    address: dict[str, Any] = field(default_factory=dict)  # what a new debtor takes from its customer
    takes_over: bool = False  # a debtor without customers that bears the customer's number

    def buyer(self) -> dict[str, Any]:
        """The snapshot on a document."""
        return {**(self.debtor or {}), "customer_number": self.customer_number, "customer_name": self.name}


def customer_group(mapping: Mapping, context: Context, batch: Batch) -> int | None:
    """The group that the mapping names, made when missing; the primary group where it names none.

    None in a dry run for a group that would be made. Raises BadMapping where a limited user may not see it.
    """
    wanted = CustomerGroup.name == mapping.group if mapping.group else CustomerGroup.is_primary
    found = db.session.scalar(select(CustomerGroup.id).where(wanted))
    if context.groups is not None and found not in context.groups:
        raise BadMapping("You may not import into this customer group.")
    if found is None and not context.is_dry:
        group = CustomerGroup(name=mapping.group)
        db.session.add(group)
        db.session.flush()
        batch.make("customer_groups", 1)
        return group.id
    return found


class Parties:
    """Looks up and makes the parties of one import, a chunk at a time."""

    def __init__(self, mapping: Mapping, context: Context) -> None:
        self._mapping = mapping
        self._context = context
        self._group: int | None = None
        self._prospects: dict[str, Party] = {}
        self._present = self._customers(among(_CUSTOMER.c.number))
        self._free = self._free_debtors()

    def find(self, numbers: Iterable[str], batch: Batch) -> dict[str, Party | Refused]:
        """The parties with these customer numbers; a Refused where several customers bear the number."""
        self._group = customer_group(self._mapping, self._context, batch)
        wanted = sorted(set(numbers))
        found: dict[str, list[Any]] = {}
        parameters = {"wanted": listing(wanted)} | ({"group": self._group} if self._mapping.group else {})
        for row in db.session.connection().execute(self._present, parameters).mappings():
            found.setdefault(row["number"], []).append(row)
        parties = {number: self._choose(number, rows) for number, rows in found.items()}
        if missing := [number for number in wanted if number not in found]:
            self._add_merged(missing, parties)
        self._prospects = {number: Party(number, number) for number in wanted if number not in parties}
        without = [party for party in parties.values() if isinstance(party, Party) and party.debtor_id is None]
        self._adopt([*without, *self._prospects.values()])
        return parties

    def _customers(self, condition: Any) -> Any:
        customer, debtor, link = _CUSTOMER.c, _DEBTOR.c, _LINK.c
        statement = (
            select(
                customer.id, customer.number, customer.name, customer.group_id, *(customer[name] for name in _COPIED),
                link.debtor_id, debtor.term_id, _GROUP.c.default_term_id,
                *(debtor[name].label(f"d_{name}") for name in _SNAPSHOT),
            )
            .select_from(_CUSTOMER)
            .outerjoin(_LINK, (link.customer_id == customer.id) & link.unlinked_at.is_(None))
            .outerjoin(_DEBTOR, debtor.id == link.debtor_id)
            .outerjoin(_GROUP, _GROUP.c.id == debtor.group_id)
            .where(condition, customer.deleted_at.is_(None))
            .order_by(customer.id)
            .with_for_update(read=True, key_share=True, of=_CUSTOMER)
        )  # fmt: skip
        if self._mapping.group:
            return statement.where(customer.group_id == bindparam("group"))
        if self._context.groups is not None:
            return statement.where(customer.group_id.in_(sorted(self._context.groups)))
        return statement

    def _add_merged(self, missing: list[str], parties: dict[str, Party | Refused]) -> None:
        """The customers who absorbed those that bore these numbers; one party each, whatever numbers lead to it."""
        former = survivors.by_old_numbers(missing)
        if not former:
            return
        known = {party.customer_id: party for party in parties.values() if isinstance(party, Party)}
        statement = self._customers(_CUSTOMER.c.id.in_({one for ids in former.values() for one in ids}))
        parameters = {"group": self._group} if self._mapping.group else {}
        rows = {row["id"]: row for row in db.session.connection().execute(statement, parameters).mappings()}
        for number, ids in former.items():
            there = [rows[one] for one in ids if one in rows]
            if not there:
                continue
            party = self._choose(number, there)
            if isinstance(party, Party):
                party.customer_number = there[0]["number"] or number
                party = known.setdefault(party.customer_id, party)
            parties[number] = party

    def _choose(self, number: str, rows: list[Any]) -> Party | Refused:
        own = [row for row in rows if row["group_id"] == self._group] or rows
        if len(own) > 1:
            return Refused("Several customers have the number %(number)s.", number=number)
        row = own[0]
        party = Party(number, row["name"], row["id"], row["debtor_id"])
        party.own_term, party.group_term = row["term_id"], row["default_term_id"]
        if party.debtor_id is None:
            party.address = {name: row[name] for name in _COPIED} | {"phone": row["mobile"] or row["telephone"]}
        else:
            party.debtor = {name: value for name in _SNAPSHOT if (value := row[f"d_{name}"])}
        return party

    def missing(self, number: str, name: str | None) -> Party:
        """A customer that is not there yet; raises Refused unless the mapping says to make customers."""
        if "customer" not in self._mapping.create_missing:
            raise Refused("There is no customer with the number %(number)s.", number=number)
        party = self._prospects[number]
        debtor = party.debtor or {}
        party.name = name or debtor.get("name") or debtor.get("company_name") or number
        return party

    def require_debtor(self, party: Party) -> None:
        """Raise Refused where the party has no debtor and the mapping does not say to make one."""
        if party.debtor_id is None and "debtor" not in self._mapping.create_missing:
            raise Refused("The customer %(number)s has no debtor.", number=party.customer_number)

    def _adopt(self, parties: list[Party]) -> None:
        """Let a debtor with the customer's number that never paid for any customer be the customer's."""
        if not parties:
            return
        by_number = {party.customer_number: party for party in parties}
        for row in db.session.connection().execute(self._free, {"wanted": listing(by_number)}).mappings():
            party = by_number[row["number"]]
            party.debtor_id, party.own_term, party.group_term = row["id"], row["term_id"], row["default_term_id"]
            party.debtor = {name: value for name in _SNAPSHOT if (value := row[name])}
            party.takes_over = True

    def _free_debtors(self) -> Any:
        debtor = _DEBTOR.c
        never = ~select(_LINK.c.id).where(_LINK.c.debtor_id == debtor.id).exists()
        return (
            select(debtor.id, debtor.term_id, _GROUP.c.default_term_id, *(debtor[name] for name in _SNAPSHOT))
            .select_from(_DEBTOR)
            .outerjoin(_GROUP, _GROUP.c.id == debtor.group_id)
            .where(among(debtor.number), debtor.deleted_at.is_(None), never)
        )

    def make(self, parties: Iterable[Party], batch: Batch) -> None:
        """Write the customers, debtors and links that are missing."""
        distinct = list({party.customer_number: party for party in parties}.values())
        customers = [party for party in distinct if party.customer_id is None]
        debtors = [party for party in distinct if party.debtor_id is None]
        links = [party for party in distinct if party.debtor_id is None or party.takes_over]
        for party, new_id in zip(customers, allocate(_CUSTOMER, len(customers)), strict=True):
            party.customer_id = new_id
        self._number(debtors)
        user_id = self._context.user_id
        insert(_CUSTOMER, [
            {"id": party.customer_id, "group_id": self._group, "number": party.customer_number, "name": party.name,
             "created_by_id": user_id}
            for party in customers
        ])  # fmt: skip
        insert(_DEBTOR, [
            {"id": party.debtor_id, "number": (party.debtor or {})["number"], "name": party.name,
             "language": party.address.get("language") or "da",
             **{name: party.address.get(name) for name in _DEBTOR_COPY}}
            for party in debtors
        ])  # fmt: skip
        insert(_LINK, [
            {"customer_id": party.customer_id, "debtor_id": party.debtor_id, "linked_by_id": user_id,
             "linked_at": now()}
            for party in links
        ])  # fmt: skip
        batch.make("customers", len(customers))
        batch.make("debtors", len(debtors))

    def _number(self, parties: list[Party]) -> None:
        """Give new debtors their customers' numbers, with a suffix where another debtor already bears it."""
        if not parties:
            return
        numbers = {"wanted": listing(party.customer_number for party in parties)}
        taken = set(db.session.connection().scalars(select(_DEBTOR.c.number).where(among(_DEBTOR.c.number)), numbers))
        for party, new_id in zip(parties, allocate(_DEBTOR, len(parties)), strict=True):
            number = party.customer_number
            if number in taken:
                number = self._free_number(number, taken)
                taken.add(number)
            party.debtor_id = new_id
            copied = {name: value for name in _SNAPSHOT if (value := party.address.get(name))}
            party.debtor = {**copied, "number": number, "name": party.name, "country": "DK"}

    @staticmethod
    def _free_number(number: str, taken: set[str]) -> str:
        alike = select(Debtor.number).where(Debtor.number.startswith(f"{number}-", autoescape=True))
        used = set(db.session.scalars(alike))
        suffix = 2
        while f"{number}-{suffix}" in used | taken:
            suffix += 1
        return f"{number}-{suffix}"
