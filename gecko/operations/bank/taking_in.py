"""A bank file's entries, each once: not again with the same file, nor with another one that overlaps it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import exists, insert, select

from ... import actor, audit
from ...db import db
from ...errors import Invalid
from ...language import _
from ...models.bank import BankEntry, BankFile
from . import accounts, overlapping
from .overlapping import Why
from .statements import BadFile, Entry, Statement

_AT_ONCE = 500


def digest(path: Path) -> str:
    """The SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def take_in(account_id: int, name: str, sha256: str, statement: Statement) -> BankFile:
    """Write down what a file says, but for what is there already, which is counted by why it is known.

    Raises Invalid where the file was read before, or is of another account.
    """
    account = accounts.get(account_id)
    if statement.account not in (None, accounts.digits_of(account)):
        raise BadFile(_("The file is of another account than “%(name)s”."), name=account.name)
    if db.session.scalar(select(exists(select(BankFile.id).where(BankFile.sha256 == sha256)))):
        raise Invalid(_("This file has been read before."))
    days = [entry.booked_on for entry in statement.entries]
    first_on, last_on = min(days, default=None), max(days, default=None)
    new, known_by = _new(account_id, statement)
    file = BankFile(
        account_id=account_id,
        name=name[:200],
        kind=statement.kind,
        sha256=sha256,
        first_on=first_on,
        last_on=last_on,
        opening_ore=statement.opening_ore,
        closing_ore=statement.closing_ore,
        taken_in=len(new),
        known=len(statement.entries) - len(new),
        known_by={why.value: times for why, times in known_by.items()},
        passed_over=statement.passed_over,
        refused=[asdict(one) for one in statement.refused],
        created_by_id=actor.current().user_id,
    )
    db.session.add(file)
    db.session.flush()
    _write(file, new)
    audit.record("bank_file.read", entity="bank_file", entity_id=file.id, facts={"name": file.name, "new": len(new)})
    return file


def _write(file: BankFile, new: list[tuple[str, Entry]]) -> None:
    rows = [
        {
            "account_id": file.account_id, "file_id": file.id, "line": entry.line, "booked_on": entry.booked_on,
            "amount_ore": entry.amount_ore, "text": entry.text, "reference": entry.reference,
            "counterparty": entry.counterparty, "end_to_end": entry.end_to_end, "identity": identity,
        }
        for identity, entry in new
    ]  # fmt: skip
    for start in range(0, len(rows), _AT_ONCE):
        db.session.execute(insert(BankEntry), rows[start : start + _AT_ONCE])


def _new(account_id: int, statement: Statement) -> tuple[list[tuple[str, Entry]], Counter[Why]]:
    """The entries that no earlier file brought, with what tells them from all others; the rest by why it is known."""
    identified = _identified(statement.entries)
    known: set[str] = set()
    for start in range(0, len(identified), _AT_ONCE):
        names = [identity for identity, _entry in identified[start : start + _AT_ONCE]]
        found = select(BankEntry.identity).where(BankEntry.account_id == account_id, BankEntry.identity.in_(names))
        known |= set(db.session.scalars(found))
    rest = [(identity, entry) for identity, entry in identified if identity not in known]
    elsewhere = overlapping.known(account_id, statement.kind, [entry for _identity, entry in rest], but=known)
    why = Counter(elsewhere.values())
    if known:
        why[Why.SAME] = len(known)
    return [one for place, one in enumerate(rest) if place not in elsewhere], why


def _identified(entries: list[Entry]) -> list[tuple[str, Entry]]:
    """What an entry says is what tells it from others; equal ones of a file are told apart by counting them."""
    seen: Counter[str] = Counter()
    found = []
    for entry in entries:
        said = [
            entry.booked_on.isoformat(), entry.amount_ore, entry.text, entry.reference, entry.counterparty,
            entry.end_to_end, entry.bank_reference,
        ]  # fmt: skip
        key = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:32]
        seen[key] += 1
        found.append((f"{key}-{seen[key]}", entry))
    return found
