"""Seals over the ledger: each covers rows that were not sealed before, and the seal before it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Created, Identified


class LedgerSeal(Identified, Created, Base):
    """A link of the chain, append-only. Hashes are SHA-256 in hex.

    hash: over the previous one, what the seal says of itself, and every row that it covers. signature: HMAC-SHA256 of
    it with the installation's own key, which is not in the database. layout: the columns of each table as they were
    hashed, so that a later version with more columns still verifies this one. covers: for each table the id after
    which it begins, the last id, and how many rows. fingerprints: sixteen bytes a row, its id and the beginning of its
    digest, by which a row that differs is named.
    """

    __tablename__ = "ledger_seal"

    previous_hash: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str] = mapped_column(unique=True)
    signature: Mapped[str]
    layout: Mapped[dict[str, Any]]
    covers: Mapped[dict[str, Any]]
    rows: Mapped[int]
    fingerprints: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
