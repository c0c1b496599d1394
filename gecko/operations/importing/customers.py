"""Writing customers: the same one is the same number within the group, or without a number the same particulars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from ...db import db
from ...errors import Invalid
from ...models.customer_fields import CustomerField, CustomerFieldValue, FieldType
from ...models.customer_groups import CustomerGroup
from ...models.customers import Customer, Gender
from .. import customer_field_values, customer_values, survivors
from . import values
from .faults import BadMapping, Refused
from .likeness import Likeness
from .parsing import Parsed, Remark
from .parties import customer_group
from .records import Present, RecordWriter, Wanted
from .writing import Batch, among, insert, listing

_VALUE: Any = CustomerFieldValue.__table__
_PARTICULARS = ("name", "birth_date", "mobile", "telephone", "email", "address", "postal_code")
_WORDS = {
    "gender": {"f": "female", "k": "female", "kvinde": "female", "m": "male", "mand": "male", "woman": "female",
               "man": "male", "u": "unknown", "ukendt": "unknown", "andet": "other"},
    "language": {"dansk": "da", "danish": "da", "engelsk": "en", "english": "en"},
}  # fmt: skip


class CustomerWriter(RecordWriter):
    """Customers of one group, with their custom fields."""

    table: Any = Customer.__table__
    required_defaults = {  # noqa: RUF012
        "gender": Gender.UNKNOWN, "language": "da", "remind_sms": True, "remind_email": True,
        "accepts_marketing_email": False, "accepts_marketing_sms": False, "right_of_access": False,
    }  # fmt: skip
    _group: int | None = None
    _clips = 0
    _likeness: Likeness | None = None
    _fields: dict[str, CustomerField] | None = None

    def prepare(self, batch: Batch) -> None:
        """Find or make the group, and the custom fields that the mapping names."""
        self._group = customer_group(self.mapping, self.context, batch)
        if self._group is not None:
            self._clips = db.session.scalar(
                select(CustomerGroup.default_clips).where(CustomerGroup.id == self._group)
            ) or 0  # fmt: skip
        if self.mapping.fields:
            self._fields = self._custom_fields()

    def _custom_fields(self) -> dict[str, CustomerField]:
        living = db.session.scalars(
            select(CustomerField).where(CustomerField.name.in_(self.mapping.fields), CustomerField.deleted_at.is_(None))
        )
        found = {
            field.name: field
            for field in living
            if field.all_groups or self._group in {group.id for group in field.groups}
        }
        missing = sorted(set(self.mapping.fields) - set(found))
        if missing:
            raise BadMapping("The group has no custom field “%(names)s”.", names="”, “".join(missing))
        return found

    def look_at(self, fresh: Sequence[Wanted], batch: Batch) -> None:
        """Tell which look like customers who are there, or like each other."""
        if self._likeness is None:
            self._likeness = Likeness(self.context)
        self._likeness.look(fresh, self._group, batch)

    def want(self, row: Parsed, batch: Batch) -> Wanted:
        """The customer a row asks for."""
        given = dict(row.values)
        for name, words in _WORDS.items():
            if given.get(name):
                given[name] = words.get(given[name].casefold(), given[name].casefold())
        number = given.get("number")
        given.setdefault("name", None)
        if not given["name"] and not number:
            raise Refused("The row has neither a number nor a name.")
        columns = {name: self._cleaned(row, name, value, batch) for name, value in given.items()}
        wanted = Wanted(row, self._key(columns), columns, self._answers(row), {"name": number})
        if not columns["name"]:
            wanted.remarks.append("The row has no name; the customer is named by its number.")
        return wanted

    def _cleaned(self, row: Parsed, name: str, value: Any, batch: Batch) -> Any:
        if value is None:
            return None
        try:
            return customer_values.clean_one(name, value)
        except Invalid as error:
            if name != "birth_date":
                raise
            batch.warnings.append(Remark(row.line, error.message, error.params))
            return None

    def _key(self, columns: dict[str, Any]) -> str:
        if columns.get("number"):
            return f"number {columns['number']}"
        return "particulars " + "\x1f".join(str(columns.get(name) or "") for name in self._identity())

    def _identity(self) -> list[str]:
        return [name for name in _PARTICULARS if name in self.mapping.columns]

    def _answers(self, row: Parsed) -> dict[int, str]:
        answers = {}
        for name, text in row.custom.items():
            field = (self._fields or {})[name]
            answer = customer_field_values.clean(field, self._typed(field, text))
            if answer is not None:
                answers[field.id] = answer
        return answers

    def _typed(self, field: CustomerField, text: str) -> Any:
        readers: dict[FieldType, Callable[[str], Any]] = {
            FieldType.NUMBER: values.decimals(self.decimal),
            FieldType.DATE: values.day(self.mapping.date_format),
            FieldType.YES_NO: values.yes_no,
        }
        reader = readers.get(field.type)
        return reader(text) if reader else text

    def known(self, wanted: Sequence[Wanted]) -> dict[str, Present]:
        """Living customers of the group with these numbers, or without a number and with these names."""
        numbers = [one.columns["number"] for one in wanted if one.columns.get("number")]
        names = [one.columns["name"] for one in wanted if not one.columns.get("number")]
        columns = self.table.c
        mine = (columns.group_id == self._group) & columns.deleted_at.is_(None)
        kept = [columns[name] for name in {*self.mapping.columns, "name", "number", *self._identity()}]
        known: dict[str, Present] = {}
        for condition, given in ((among(columns.number), numbers),
                                 (columns.number.is_(None) & among(columns.name), names)):  # fmt: skip
            if not given:
                continue
            statement = select(columns.id, *kept).where(mine, condition).order_by(columns.id)
            for row in db.session.execute(statement, {"wanted": listing(given)}):
                content = {name: value for name, value in row._mapping.items() if name != "id"}
                known.setdefault(self._key(content), Present(row.id, content))
        self._add_merged(wanted, known, kept, mine)
        if self._fields:
            self._add_answers(known)
        return known

    def _add_merged(self, wanted: Sequence[Wanted], known: dict[str, Present], kept: list[Any], mine: Any) -> None:
        """Whoever absorbed the customer that bore a number is meant by it, and keeps a number of their own."""
        missing = {str(one.columns["number"]): one for one in wanted if one.columns.get("number")}
        missing = {number: one for number, one in missing.items() if one.key not in known}
        former = survivors.by_old_numbers(missing) if missing else {}
        ids = {ids[0] for ids in former.values() if len(ids) == 1}
        if not ids:
            return
        statement = select(self.table.c.id, *kept).where(mine, self.table.c.id.in_(ids))
        rows = {row.id: row._mapping for row in db.session.execute(statement)}
        for number, found in former.items():
            if len(found) == 1 and found[0] in rows:
                content = {name: value for name, value in rows[found[0]].items() if name != "id"}
                known[missing[number].key] = Present(found[0], content)
        for one in wanted:
            if one.columns.get("number") in former and one.key in known:
                one.columns["number"] = None

    def _add_answers(self, known: dict[str, Present]) -> None:
        stored = customer_field_values.stored([one.id for one in known.values() if one.id is not None])
        for present in known.values():
            answers = stored.get(present.id or 0, {})
            present.content |= {f"extra {field_id}": value for field_id, value in answers.items()}

    def may_update(self, present: Present) -> bool:
        """Whoever may import into the group may change its customers."""
        return True

    def complete(self, one: Wanted) -> dict[str, Any]:
        """A new customer belongs to the group and starts with its clips."""
        row = super().complete(one)
        clips = one.columns.get("clips_left")
        row["clips_left"] = self._clips if clips is None else clips
        return row | {"group_id": self._group, "created_by_id": self.context.user_id}

    def write_extra(self, written: Sequence[tuple[int, Wanted]], *, new: bool) -> None:
        """Write the custom fields' answers."""
        answers = [(customer_id, key, value) for customer_id, one in written for key, value in one.extra.items()]
        if not new:
            for customer_id, field_id, _value in answers:
                mine = (_VALUE.c.customer_id == customer_id) & (_VALUE.c.field_id == field_id)
                db.session.connection().execute(_VALUE.delete().where(mine))
        insert(_VALUE, [
            {"customer_id": customer_id, "field_id": field_id, "value": value}
            for customer_id, field_id, value in {(c, f): (c, f, v) for c, f, v in answers}.values()
        ])  # fmt: skip
