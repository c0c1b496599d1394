"""The mapping: which column becomes which field, and how its values are written. Read from TOML, or from a form.

kind = "invoices"                 # invoices, customers, debtors or items
encoding = "utf-8"                # found out unless stated; a byte order mark always wins
delimiter = ","                   # found out unless stated
skip_initial_space = false        # blanks after a delimiter do not count
sheet = "Sheet1"                  # of a workbook; the first unless stated
decimal = "."                     # or ","; found out unless stated
date_format = "%d-%m-%Y"          # of every date without a format of its own
round = "half_up"                 # or "half_even": amounts finer than an øre are rounded, else refused
group = "Kunder"                  # of new customers, debtors or items; made when missing
create_missing = ["customer", "debtor"]
credit_note_prefix = "C"          # numbers that begin so are credit notes; unless stated, negative totals are
update = false                    # true: records that are already there take the file's values

[columns]                         # field = column, or a list of columns joined by a space
[fields]                          # custom field of customers = column
[format]                          # field = date format
[clean]                           # field = "integer", "digits", "upper" or "lower"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .faults import BadMapping
from .fields import FIELDS, Kind, field_of

MISSING = frozenset({"customer", "debtor"})
CLEANING = ("integer", "digits", "upper", "lower")
ROUNDING = ("half_up", "half_even")
_TEXTS = ("encoding", "delimiter", "sheet", "decimal", "date_format", "round", "group", "credit_note_prefix")
_TABLES = ("columns", "fields", "format", "clean")
_KEYS = {"kind", "skip_initial_space", "update", "create_missing", *_TEXTS, *_TABLES}
_DIRECTIVES = frozenset("aAbBdHIjmMpSfyYzZ%")


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping that has been checked; see the module."""

    kind: Kind
    columns: dict[str, tuple[str, ...]]
    fields: dict[str, tuple[str, ...]]
    format: dict[str, str]
    clean: dict[str, str]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    decimal: str | None = None
    date_format: str | None = None
    round: str | None = None
    group: str | None = None
    credit_note_prefix: str | None = None
    create_missing: frozenset[str] = frozenset()
    skip_initial_space: bool = False
    update: bool = False


def load(path: Path, kind: Kind | None = None) -> Mapping:
    """Read a mapping file; raises BadMapping."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadMapping("The mapping cannot be read: %(error)s", error=error.strerror or str(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMapping("The mapping is not valid TOML: %(error)s", error=str(error)) from None
    return parse(given, kind)


def parse(given: Dict[str, Any], kind: Kind | None = None) -> Mapping:
    """Check a mapping and complete it; `kind` is what the caller means to import."""
    unknown = sorted(set(given) - _KEYS)
    if unknown:
        raise BadMapping(
            "The mapping has an unknown key: %(keys)s. Known are: %(known)s.",
            keys=", ".join(unknown),
            known=", ".join(sorted(_KEYS)),
        )
    stated = _kind(given, kind)
    texts = {key: _text(given, key) for key in _TEXTS}
    mapping = Mapping(
        kind=stated,
        columns=_columns(given, "columns"),
        fields=_columns(given, "fields"),
        format=_strings(given, "format"),
        clean=_strings(given, "clean"),
        create_missing=_missing(given),
        skip_initial_space=_flag(given, "skip_initial_space"),
        update=_flag(given, "update"),
        **texts,
    )
    _check_settings(mapping)
    _check_columns(mapping)
    return mapping


def _kind(given: Dict[str, Any], wanted: Kind | None) -> Kind:
    stated = given.get("kind", wanted)
    if stated is None or stated not in tuple(Kind):
        raise BadMapping(
            "“%(value)s” is no kind of import; choose one of %(known)s.", value=str(stated), known=", ".join(Kind)
        )
    if wanted is not None and stated != wanted:
        raise BadMapping("The mapping is for %(kind)s, not for %(wanted)s.", kind=str(stated), wanted=str(wanted))
    return Kind(stated)


def _text(given: Dict[str, Any], key: str) -> str | None:
    value = given.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise BadMapping("“%(key)s” in the mapping must be a text.", key=key)
    return value


def _flag(given: Dict[str, Any], key: str) -> bool:
    value = given.get(key, False)
    if not isinstance(value, bool):
        raise BadMapping("“%(key)s” in the mapping must be true or false.", key=key)
    return value


def _missing(given: Dict[str, Any]) -> frozenset[str]:
    value = given.get("create_missing", [])
    if not isinstance(value, list) or not MISSING.issuperset(map(str, value)):
        raise BadMapping("“create_missing” in the mapping is a list of: %(known)s.", known=", ".join(sorted(MISSING)))
    return frozenset(value)


def _table(given: Dict[str, Any], key: str) -> dict[str, Any]:
    value = given.get(key, {})
    if not isinstance(value, dict):
        raise BadMapping("“%(key)s” in the mapping must be a table.", key=key)
    return value


def _strings(given: Dict[str, Any], key: str) -> dict[str, str]:
    table = _table(given, key)
    if not all(isinstance(value, str) and value for value in table.values()):
        raise BadMapping("“%(key)s” in the mapping must be a text.", key=key)
    return table


def _columns(given: Dict[str, Any], key: str) -> dict[str, tuple[str, ...]]:
    columns = {}
    for name, value in _table(given, key).items():
        parts = value if isinstance(value, list) else [value]
        if not parts or not all(isinstance(part, str) and part.strip() for part in parts):
            raise BadMapping("“%(key)s” in the mapping needs a column, or a list of columns.", key=name)
        columns[name] = tuple(part.strip() for part in parts)
    return columns


def _check_settings(mapping: Mapping) -> None:
    if mapping.encoding is not None:
        try:
            "".encode(mapping.encoding)  # refuses what is no encoding of text, too
        except (LookupError, ValueError):
            raise BadMapping("“%(value)s” is not a known encoding.", value=mapping.encoding) from None
    if mapping.delimiter is not None and (len(mapping.delimiter) != 1 or mapping.delimiter in '"\r\n'):
        raise BadMapping("The delimiter must be one sign.")
    if mapping.decimal not in (None, ".", ","):
        raise BadMapping("The decimal sign must be a point or a comma.")
    _check_one_of("round", mapping.round, ROUNDING)
    for rule in mapping.clean.values():
        _check_one_of("clean", rule, CLEANING)
    for pattern in (mapping.date_format, *mapping.format.values()):
        if pattern is not None:
            _check_format(pattern)


def _check_one_of(key: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise BadMapping(
            "“%(value)s” is not known for “%(key)s”; choose one of %(known)s.",
            value=value, key=key, known=", ".join(known),
        )  # fmt: skip


def _check_format(pattern: str) -> None:
    directives = re.findall(r"%(.?)", pattern)
    if not directives or not set(directives) <= _DIRECTIVES:
        raise BadMapping("“%(value)s” is not a date format such as %%d-%%m-%%Y.", value=pattern)


def _check_columns(mapping: Mapping) -> None:
    known = [field.name for field in FIELDS[mapping.kind]]
    for table in (mapping.columns, mapping.format, mapping.clean):
        for name in table:
            if field_of(mapping.kind, name) is None:
                raise BadMapping(
                    "%(kind)s have no field “%(name)s”. Known are: %(known)s.",
                    kind=str(mapping.kind).capitalize(), name=name, known=", ".join(known),
                )  # fmt: skip
    if mapping.fields and mapping.kind != Kind.CUSTOMERS:
        raise BadMapping("Only customers have custom fields.")
    needed = [field.name for field in FIELDS[mapping.kind] if field.is_required and field.name not in mapping.columns]
    if mapping.kind == Kind.CUSTOMERS and not {"name", "number"} & set(mapping.columns):
        needed = ["name"]
    if needed:
        raise BadMapping("The mapping names no column for: %(names)s.", names=", ".join(needed))
