"""Verifying the chain: every sealed row is hashed again, and what differs is named."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import undefer

from ...db import Base, db
from ...models.seals import LedgerSeal
from . import digesting
from .digesting import FINGERPRINT, FLOOR, TABLES
from .seals import FIRST, newest, said, sign

_MOST = 1_000
"""Problems that are told; where there are more, the whole is lost anyway."""


@dataclass(slots=True)
class Verdict:
    """What a verification saw: seals and sealed rows, rows that no seal covers yet, and what is wrong."""

    seals: int = 0
    rows: int = 0
    unsealed: int = 0
    head: str = FIRST
    problems: list[str] = field(default_factory=list)


def verify() -> Verdict:
    """Hash everything that was ever sealed again, a seal at a time, in constant memory."""
    verdict = Verdict()
    reached = dict.fromkeys(TABLES, FLOOR)
    whole = select(LedgerSeal).options(undefer(LedgerSeal.fingerprints))
    for seal_id in list(db.session.scalars(select(LedgerSeal.id).order_by(LedgerSeal.id))):
        seal = db.session.scalars(whole.where(LedgerSeal.id == seal_id)).one()
        if set(seal.covers) != set(TABLES) or set(seal.layout) != set(TABLES):
            verdict.problems.append(f"seal {seal_id} does not say what it covers")
            continue
        if len(verdict.problems) < _MOST:
            verdict.problems += _problems(seal, verdict.head, reached)
        verdict.seals, verdict.rows, verdict.head = verdict.seals + 1, verdict.rows + seal.rows, seal.hash
        reached = {table: seal.covers[table][1] for table in TABLES}
        db.session.expunge(seal)
    verdict.unsealed = unsealed(reached)
    return verdict


def unsealed(reached: dict[str, int] | None = None) -> int:
    """How many rows were written since the last seal."""
    if reached is None:
        last = newest()
        reached = {table: last.covers[table][1] if last else FLOOR for table in TABLES}
    tables = Base.metadata.tables
    counts = [
        select(func.count()).select_from(tables[table]).where(tables[table].c.id > reached[table]).scalar_subquery()
        for table in TABLES
    ]
    return sum(db.session.execute(select(*counts)).one())


def _problems(seal: LedgerSeal, previous: str, reached: dict[str, int]) -> Iterator[str]:
    name = f"seal {seal.id}"
    if seal.previous_hash != previous:
        yield f"{name} does not follow the one before it"
    if any(seal.covers[table][0] != reached[table] for table in TABLES):
        yield f"{name} does not begin where the one before it ended"
    if not hmac.compare_digest(seal.signature, sign(seal.hash)):
        yield f"{name} does not bear the signature of this installation"
    try:
        found = digesting.chain(seal.previous_hash, said(seal.created_at, seal.rows), seal.layout, seal.covers)
    except (DBAPIError, ValueError) as error:
        yield f"{name}: its rows cannot be read: {getattr(error, 'orig', error)}"
        return
    kept = bytes(seal.fingerprints)
    if found.hash == seal.hash and kept == b"".join(found.fingerprints[table] for table in TABLES):
        return
    named = list(_named(seal, kept, found))
    yield from named or [f"{name} was itself changed"]


def _named(seal: LedgerSeal, kept: bytes, found: digesting.Digests) -> Iterator[str]:
    """The rows that are not what they were sealed as."""
    at = 0
    for table in TABLES:
        size = seal.covers[table][2] * FINGERPRINT.size
        before, after = digesting.by_id(kept[at : at + size]), digesting.by_id(found.fingerprints[table])
        at += size
        for row_id in sorted({*before, *after}):
            if row_id not in after:
                yield f"{table} {row_id} is missing"
            elif row_id not in before:
                yield f"{table} {row_id} was slipped in after it was sealed"
            elif before[row_id] != after[row_id]:
                yield f"{table} {row_id} is not what was sealed"
