"""Writing debtors: the same one is the same number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from ...db import db
from ...models.debtors import Debtor, DebtorGroup, PaymentTerm
from ...registration_numbers import normalise_cvr, normalise_ean
from .. import customer_values
from .parsing import Parsed
from .records import Names, Present, RecordWriter, Wanted
from .writing import Batch, among, listing

_LANGUAGES = {"dansk": "da", "danish": "da", "engelsk": "en", "english": "en"}


class DebtorWriter(RecordWriter):
    """Debtors with their group and payment term by name."""

    table: Any = Debtor.__table__
    required_defaults = {"country": "DK", "language": "da"}  # noqa: RUF012
    _groups: Names
    _terms: Names

    def prepare(self, batch: Batch) -> None:
        """Look the groups and terms up."""
        self._groups = Names(DebtorGroup, batch, "debtor_groups", is_dry=self.context.is_dry)
        self._terms = Names(PaymentTerm, batch, "payment_terms", is_dry=self.context.is_dry)

    def want(self, row: Parsed, batch: Batch) -> Wanted:
        """The debtor a row asks for."""
        given = dict(row.values)
        group, term = given.pop("group", None) or self.mapping.group, given.pop("term", None)
        columns = {name: _CLEANERS.get(name, customer_values.line)(value) for name, value in given.items()}
        columns.setdefault("name", None)
        if term or "term" in self.mapping.columns:
            columns["term_id"] = self._terms.find(term) if term else None
        if group or "group" in self.mapping.columns:
            columns["group_id"] = self._groups.find_or_make(group) if group else None
        wanted = Wanted(row, columns["number"], columns)
        if not columns["name"] and not columns.get("company_name"):
            wanted.fallback["name"] = columns["number"]
            wanted.remarks.append("The row has no name; the debtor is named by its number.")
        return wanted

    def known(self, wanted: Sequence[Wanted]) -> dict[str, Present]:
        """The debtors with these numbers, deleted ones too: a number belongs to one debtor for good."""
        return by_number(self.table, self.table.c.number, wanted)


def by_number(table: Any, number: Any, wanted: Sequence[Wanted]) -> dict[str, Present]:
    """The rows of `table` whose `number` is a wanted key."""
    names = sorted({name for one in wanted for name in one.columns})
    columns = [table.c[name] for name in names]
    statement = select(table.c.id, table.c.deleted_at, number.label("key"), *columns).where(among(number))
    return {
        row.key: Present(row.id, {name: getattr(row, name) for name in names}, row.deleted_at is not None)
        for row in db.session.execute(statement, {"wanted": listing(one.key for one in wanted)})
    }


def _language(value: str | None) -> str | None:
    return customer_values.language(_LANGUAGES.get(value.casefold(), value.casefold())) if value else None


def _country(value: str | None) -> str | None:
    known = {"danmark": "DK", "denmark": "DK"}
    return known.get(value.casefold(), value.upper()) if value else None


_CLEANERS: dict[str, Any] = {
    "phone": customer_values.phone,
    "email": customer_values.email,
    "cvr": lambda value: normalise_cvr(value) if value else None,
    "ean": lambda value: normalise_ean(value) if value else None,
    "language": _language,
    "country": _country,
}
