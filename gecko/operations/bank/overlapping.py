"""Files of two kinds that cover the same days say the same in other words: which entries are there already, and why.

A bank's csv file and its camt.053 file list every booking of a day, so equal days and amounts are counted against each
other, best evidence first: a reference, then words that both have. Nothing but day and amount is enough where the day
lies inside the other file, and so is whole in it; on its first and last day the file may be cut off. Two references
of the same form that differ are never the same payment.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from enum import StrEnum

from sqlalchemy import select

from ...db import db
from ...models.bank import BankEntry, BankFile, BankFileKind
from .statements import Entry

_LONG = 6
"""So many digits of a reference tell a payment."""
_COMMON = frozenset(
    (
        *("overførsel", "overfoersel", "bankoverførsel", "straksoverførsel", "indbetaling", "betaling", "faktura"),
        *("transfer", "invoice", "payment", "giro", "kort", "nets", "mobilepay", "aps", "fra", "til", "for", "med"),
    )
)
"""Words that payments of different senders have, too."""


class Why(StrEnum):
    """By what an entry is known: everything it says, a reference, its words, or its day and amount alone."""

    SAME = "same"
    REFERENCE = "reference"
    WORDS = "words"
    AMOUNT = "amount"


_RANKS = (Why.REFERENCE, Why.WORDS, Why.AMOUNT)


def known(
    account_id: int, kind: BankFileKind, entries: Sequence[Entry], *, but: Collection[str] = ()
) -> dict[int, Why]:
    """Those of the entries, by their place in the list, that a file of another kind has brought; each counts once.

    but: identities of what is there that other rows of the file are known by already.
    """
    if not entries:
        return {}
    days = [entry.booked_on for entry in entries]
    there = _there(account_id, kind, min(days), max(days), but)
    waiting: dict[tuple[date, int], list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        waiting[entry.booked_on, entry.amount_ore].append(place)
    found: dict[int, Why] = {}
    for key, places in waiting.items():
        left = list(there.get(key, ()))
        for why in _RANKS:
            for place in places:
                twin = None if place in found else _twin(entries[place], left, why)
                if twin is not None:
                    found[place] = why
                    left.remove(twin)
    return found


_Known = tuple[BankEntry, bool]


def _there(
    account_id: int, kind: BankFileKind, first_on: date, last_on: date, but: Collection[str]
) -> dict[tuple[date, int], list[_Known]]:
    """Entries of the other kinds by day and amount, each with whether its day lies inside its file."""
    statement = (
        select(BankEntry, BankFile.first_on < BankEntry.booked_on, BankEntry.booked_on < BankFile.last_on)
        .join(BankFile, BankFile.id == BankEntry.file_id)
        .where(
            BankEntry.account_id == account_id,
            BankFile.kind != kind,
            BankEntry.booked_on.between(first_on, last_on),
        )
        .order_by(BankEntry.id)
    )
    found: dict[tuple[date, int], list[_Known]] = defaultdict(list)
    for entry, is_after, is_before in db.session.execute(statement):
        if entry.identity not in but:
            found[entry.booked_on, entry.amount_ore].append((entry, bool(is_after and is_before)))
    return found


def _twin(entry: Entry, left: Iterable[_Known], why: Why) -> _Known | None:
    for one in left:
        row, is_inside = one
        mine, theirs = _digits(entry), _digits(row)
        is_same = bool(mine and theirs) and (mine in theirs or theirs in mine)
        if mine and len(mine) == len(theirs) and not is_same:
            continue
        if (
            (why == Why.REFERENCE and is_same)
            or (why == Why.WORDS and _words(entry) & _words(row))
            or (why == Why.AMOUNT and is_inside)
        ):
            return one
    return None


def _digits(entry: Entry | BankEntry) -> str:
    """The digits of a reference; empty where they are too few to tell anything."""
    digits = re.sub(r"\D", "", entry.reference or "")
    return digits if len(digits) >= _LONG else ""


def _words(entry: Entry | BankEntry) -> set[str]:
    """The words by which payments of one day and amount can be told apart."""
    said = " ".join(filter(None, (entry.text, entry.counterparty, entry.end_to_end)))
    return {word for word in re.findall(r"\w{3,}", said.casefold()) if word not in _COMMON}
