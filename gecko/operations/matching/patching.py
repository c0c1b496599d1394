"""Of a customer of whom little changed, only that is read anew; the rest of the signature stays.

Which columns changed is told by the mark that the trigger wrote. A name and an address may hold a telephone number, so
where one of them changed everything is read, and where a telephone number changed, unless neither holds one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ...models.matching import COMPARED
from .normalising import FIELDS, normalise_row, stray_phone
from .placeholders import Learned
from .signature import DTYPE, SIZE, pack

_NAME, _ADDRESS = FIELDS.index("name"), FIELDS.index("address")
_PHONES = ("telephone", "mobile")
_READ = {
    "postal_code": ("postal_code",), "city": ("city",), "telephone": _PHONES, "mobile": _PHONES, "email": ("email",),
    "birth_date": ("birth_date",), "group_id": (), "deleted_at": (),
}  # fmt: skip
"""By a column that changed, the fields to be read; others call for all."""
_MADE = {
    "postal_code": ("postal_code", "area"), "city": ("city",), "telephone": ("telephone",), "mobile": ("mobile",),
    "email": ("email", "local", "local_pairs", "email_length"), "birth_date": ("birth",),
}  # fmt: skip
"""By a field, what of a signature is made of it."""


class _Plan(NamedTuple):
    """What is to be done for some columns. read: of each field, whether it is read. kept: bits that stay."""

    read: tuple[bool, ...]
    kept: int
    has_phones: bool


def patched(before: bytes, changed: int, row: Sequence[Any], learned: Learned) -> bytes | None:
    """The signature after changes in the columns whose bits are set in `changed`; None where all has to be read.

    row: what the customer's fields hold now, in the order of `normalising.FIELDS`.
    """
    plan = _plan(changed)
    if plan is None or (plan.has_phones and _has_stray_phone(row)):
        return None
    if not any(plan.read):
        return before
    given = [value if is_read else None for value, is_read in zip(row, plan.read, strict=True)]
    made = int.from_bytes(pack(normalise_row(given, learned)), "little")
    return (int.from_bytes(before, "little") & plan.kept | made).to_bytes(SIZE, "little")


def _has_stray_phone(row: Sequence[Any]) -> bool:
    return stray_phone(f"{row[_NAME]}|{row[_ADDRESS]}") != ""


@lru_cache(maxsize=1 << len(COMPARED))
def _plan(changed: int) -> _Plan | None:
    columns = [column for at, column in enumerate(COMPARED) if changed >> at & 1]
    if not set(columns) <= _READ.keys():
        return None
    read = {field for column in columns for field in _READ[column]}
    kept = np.frombuffer(b"\xff" * SIZE, dtype=DTYPE).copy()
    for field in read:
        for name in _MADE[field]:
            kept[name] = 0
    has_phones = not read.isdisjoint(_PHONES)
    return _Plan(tuple(field in read for field in FIELDS), int.from_bytes(kept.tobytes(), "little"), has_phones)
