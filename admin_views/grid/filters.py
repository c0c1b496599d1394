"""Typed filters: what a person picks becomes a condition and a chip that can be removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from time import monotonic as time_now
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, select, true

from gecko import clock, money
from gecko.db import UtcDateTime, db
from gecko.errors import Invalid
from gecko.operations import visibility

from ..login import principal
from .search import like_escaped

KEPT_FOR = 10.0
"""Seconds for which the rows of a small table stay offered in a filter before they are read again."""
_offered: dict[tuple[str, str, Any], tuple[float, list[tuple[Any, Any]]]] = {}
Choices = Iterable[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]]


@dataclass(frozen=True, slots=True)
class Applied:
    """A filter with a value: its condition, and what the chip says. A value that cannot be read has an `error`."""

    name: str
    condition: ColumnElement[bool]
    text: str
    parameters: tuple[str, ...]
    equals: str | None = None
    error: str | None = None


class Filter:
    """One filter of a grid, named after its column unless `column` says otherwise."""

    kind = "text"
    suffixes: tuple[str, ...] = ("",)

    def __init__(self, name: str, label: Any = None, *, column: Any = None) -> None:
        self.name = name
        self.label = label
        self._column = column

    def bind(self, model: type[Any], label: Any) -> None:
        """Attach the filter to a grid's model (once, when the view is made)."""
        self.column: Any = self._column if self._column is not None else getattr(model, self.name)
        self.label = self.label or label

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names its values have in the address (without the `f_` in front)."""
        return tuple(self.name + suffix for suffix in self.suffixes)

    def apply(self, values: Mapping[str, str]) -> Applied | None:
        """Read the address; None where the filter is not used."""
        given = [values.get(parameter, "").strip() for parameter in self.parameters]
        if not any(given):
            return None
        try:
            condition, text = self.read(*given)
        except Invalid as error:
            text = _(str(error.message)) % error.params
            return Applied(self.name, true(), text, self.parameters, error=text)
        return Applied(self.name, condition, text, self.parameters, equals=self.equality(*given))

    def equality(self, *given: str) -> str | None:
        """The column's key where the filter asks for exactly one value of it (an index may serve it)."""
        return None

    def read(self, *given: str) -> tuple[ColumnElement[bool], str]:
        """The condition and the chip's words; raises Invalid."""
        raise NotImplementedError

    def options(self) -> list[tuple[str, str]]:
        """What a choice offers."""
        return []


class Text(Filter):
    """Text that equals, begins with or contains what was typed."""

    def __init__(self, name: str, label: Any = None, *, column: Any = None, match: str = "equals") -> None:
        super().__init__(name, label, column=column)
        self.match = match

    def read(self, typed: str) -> tuple[ColumnElement[bool], str]:
        """Compare with the column."""
        if self.match == "equals":
            return self.column == typed, typed
        pattern = f"{like_escaped(typed)}%" if self.match == "begins" else f"%{like_escaped(typed)}%"
        return self.column.ilike(pattern, escape="\\"), f"{typed}…" if self.match == "begins" else f"…{typed}…"

    def equality(self, *given: str) -> str | None:
        """Only an exact match."""
        return self.column.key if self.match == "equals" else None


class Choice(Filter):
    """One of few values: an enumeration or stated choices."""

    kind = "choice"

    def __init__(self, name: str, label: Any = None, *, column: Any = None, choices: Choices = ()) -> None:
        super().__init__(name, label, column=column)
        self._choices = choices

    def options(self) -> list[tuple[str, str]]:
        """The stated choices as (value, words)."""
        offered = self._choices() if callable(self._choices) else self._choices
        return [(str(value.value if isinstance(value, Enum) else value), str(label)) for value, label in offered]

    def read(self, chosen: str) -> tuple[ColumnElement[bool], str]:
        """Only an offered value counts."""
        words = dict(self.options())
        if chosen not in words:
            raise Invalid("“%(text)s” is not one of the choices.", text=chosen)
        return self.column == self.value_of(chosen), words[chosen]

    def value_of(self, chosen: str) -> Any:
        """The value as the column stores it."""
        kind = self.column.type.python_type
        return kind(chosen) if kind is int or issubclass(kind, Enum) else chosen

    def equality(self, *given: str) -> str | None:
        """Always one value."""
        return self.column.key


class Relation(Choice):
    """The record that a foreign key names, out of a small table or through the look-up of a large one's grid."""

    def __init__(
        self, name: str, label: Any = None, *, column: Any = None, target: type[Any], lookup: str | None = None
    ) -> None:
        super().__init__(name, label, column=column, choices=self._rows)
        self.target = target
        self.lookup = lookup
        self.kind = "lookup" if lookup else "choice"

    def _rows(self) -> Iterable[tuple[Any, Any]]:
        if self.lookup:
            return ()
        who = principal()
        key = (str(db.engine.url), self.target.__name__, who.groups)
        at, known = _offered.get(key, (0.0, []))
        if at and time_now() - at < KEPT_FOR:
            return known
        order = getattr(self.target, "name_sort", None)
        statement = select(self.target).order_by(self.target.name if order is None else order).limit(200)
        rows = db.session.scalars(visibility.narrowed(self.target, statement, who))
        _offered[key] = time_now(), [(row.id, str(row)) for row in rows]
        return _offered[key][1]

    def text_of(self, chosen: str) -> str:
        """The record's name, or the text itself where there is no such record."""
        row = self._row(chosen)
        return chosen if row is None else str(row)

    def _row(self, chosen: str) -> Any:
        """The record of an id that the user may see; a foreign one is not there, so that its name stays unknown."""
        if not chosen.isascii() or not chosen.isdigit() or len(chosen) > 18:
            return None
        statement = select(self.target).where(self.target.id == int(chosen))
        return db.session.scalar(visibility.narrowed(self.target, statement, principal()))

    def read(self, chosen: str) -> tuple[ColumnElement[bool], str]:
        """The chip shows the record's name."""
        row = self._row(chosen)
        if row is None:
            raise Invalid("“%(text)s” is not one of the choices.", text=chosen)
        return self.column == row.id, str(row)


class Boolean(Choice):
    """Yes or no."""

    def __init__(self, name: str, label: Any = None, *, column: Any = None) -> None:
        super().__init__(name, label, column=column, choices=lambda: (("1", _("Yes")), ("0", _("No"))))

    def value_of(self, chosen: str) -> Any:
        """A real boolean."""
        return chosen == "1"


class Range(Filter):
    """From and to, each may be left open."""

    kind = "range"
    suffixes = ("_from", "_to")

    def value_of(self, typed: str) -> Any:
        """Read one end; raises Invalid."""
        raise NotImplementedError

    def read(self, low: str, high: str) -> tuple[ColumnElement[bool], str]:
        """Both ends are included."""
        conditions = [self.column >= self.value_of(low)] if low else []
        if high:
            conditions.append(self.column <= self.value_of(high))
        return and_(*conditions), f"{low or '…'} – {high or '…'}"


class MoneyRange(Range):
    """An amount in øre, typed as people write it."""

    kind = "money"

    def value_of(self, typed: str) -> int:
        """Danish or English by the reader's language."""
        return money.parse_ore(typed, str(get_locale() or "da"))


class DateRange(Range):
    """Days; on an instant's column, the whole Danish days."""

    kind = "date"

    def value_of(self, typed: str) -> date:
        """`22-11-2026`, or as a date picker sends it: `2026-11-22`."""
        for form in ("%d-%m-%Y", "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"):
            try:
                return datetime.strptime(typed, form).date()
            except ValueError:
                continue
        raise Invalid("“%(text)s” is not a date.", text=typed)

    def read(self, low: str, high: str) -> tuple[ColumnElement[bool], str]:
        """The last day counts until midnight."""
        if not isinstance(self.column.type, UtcDateTime):
            return super().read(low, high)
        conditions = [self.column >= _midnight(self.value_of(low))] if low else []
        if high:
            conditions.append(self.column < _midnight(self.value_of(high) + timedelta(days=1)))
        return and_(*conditions), f"{low or '…'} – {high or '…'}"


def _midnight(day: date) -> datetime:
    try:
        return clock.from_local(datetime.combine(day, time.min))
    except OverflowError:
        raise Invalid("“%(text)s” is not a date.", text=str(day)) from None
