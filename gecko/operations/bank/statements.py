"""What a bank file says, whatever wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ...errors import GeckoError
from ...models.bank import BankFileKind
from ..importing.faults import Refused


class BadFile(GeckoError):
    """The file as a whole cannot be taken in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that came in. line: its line, or its place among the file's entries; bank_reference: the bank's own."""

    line: int
    booked_on: date
    amount_ore: int
    text: str = ""
    reference: str | None = None
    counterparty: str | None = None
    end_to_end: str | None = None
    bank_reference: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be taken in; the reason is an English msgid with its parameters."""

    line: int
    reason: str
    params: dict[str, Any]

    @classmethod
    def of(cls, line: int, error: GeckoError) -> RefusedRow:
        """A row that this is wrong with; the message is a plain msgid, as it is kept."""
        return cls(line, error.message, error.params)


@dataclass(slots=True)
class Statement:
    """A whole file. rows: how many it has; passed_over: how many rows are money that went out, or are not booked yet.

    account: the digits that the file names its account by; None where it does not say. moved_ore: everything that its
    rows add up to, what went out included. Balances are None where the file has none.
    """

    kind: BankFileKind
    entries: list[Entry] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    rows: int = 0
    passed_over: int = 0
    account: str | None = None
    opening_ore: int | None = None
    closing_ore: int | None = None
    moved_ore: int = 0


def require_dkk(currency: str) -> None:
    """Raise Refused for an amount in another currency: the ledger is kept in DKK alone."""
    if currency != "DKK":
        raise Refused("Only amounts in DKK can be taken in, not in “%(currency)s”.", currency=currency)


def one_line(parts: Sequence[str | None]) -> str:
    """Texts in one line, none of them twice."""
    cleaned = (" ".join(part.split()) for part in parts if part)
    return " · ".join(dict.fromkeys(part for part in cleaned if part))
