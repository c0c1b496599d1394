"""Anchors: the head of the chain, written where whoever rewrites the database cannot reach it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select

from ...db import db
from ...errors import Invalid, NotFound
from ...language import _
from ...models.messages import Message, MessageChannel, MessageKind
from ...models.seals import LedgerSeal
from .. import company, settings
from ..messaging.enqueuing import Attachment, Draft, enqueue
from . import seals

ADDRESS = "ledger.anchor_email"
_FORMAT = "gecko-ledger-anchor-1"
_SUBJECT = "Regnskabets segl"
_BODY = (
    "Regnskabet er forseglet til og med segl {seal}.\n\nHash: {hash}\nRækker: {rows}\n\nGem denne mail. Med den"
    " vedhæftede fil kan enhver senere se, om regnskabet er skrevet om."
)
"""In the language of the house, as it goes to the house's own accountant."""


def anchor() -> dict[str, Any]:
    """What is to be kept elsewhere: the head of the chain with its counts and time; NotFound before the first seal."""
    head = seals.newest()
    if head is None:
        raise NotFound(_("Nothing is sealed yet."))
    return {
        "format": _FORMAT,
        "company": company.read().name,
        "seal": head.id,
        "hash": head.hash,
        "sealed_at": head.created_at.isoformat(),
        "rows": _rows(head.id),
        "last_ids": {table: covered[1] for table, covered in head.covers.items()},
    }


def written(anchor: dict[str, Any]) -> bytes:
    """An anchor as a file."""
    return json.dumps(anchor, ensure_ascii=False, indent=2).encode() + b"\n"


def differences(kept: bytes) -> list[str]:
    """What of an anchor the chain no longer holds; raises Invalid where the file is none."""
    try:
        said = json.loads(kept)
        seal_id, digest, rows = int(said["seal"]), str(said["hash"]), int(said["rows"])
        is_ours = said["format"] == _FORMAT
    except (ValueError, TypeError, KeyError):
        is_ours = False
    if not is_ours:
        raise Invalid(_("The file is no anchor of a ledger."))
    found = db.session.execute(select(LedgerSeal.hash).where(LedgerSeal.id == seal_id)).scalar_one_or_none()
    if found is None:
        return [f"seal {seal_id} of the anchor is gone: the end of the chain was cut off, or the chain made anew"]
    problems = [] if found == digest else [f"seal {seal_id} has another hash than the anchor: the chain was made anew"]
    if (there := _rows(seal_id)) != rows:
        problems.append(f"up to seal {seal_id} the anchor counts {rows} rows, the chain {there}")
    return problems


def _rows(upto: int) -> int:
    return int(db.session.scalar(select(func.sum(LedgerSeal.rows)).where(LedgerSeal.id <= upto)) or 0)


def send() -> Message | None:
    """Mail the head of the chain to the address in the settings, once for each seal; None where there is nothing to."""
    address = settings.get(ADDRESS)
    if not address or seals.newest() is None:
        return None
    said = anchor()
    return enqueue(
        Draft(
            channel=MessageChannel.EMAIL,
            kind=MessageKind.MANUAL,
            dedupe_key=f"ledger.anchor:{said['seal']}:{said['hash'][:16]}",
            recipient=address,
            subject=_SUBJECT,
            body=_BODY.format(**said),
            attachments=(Attachment(f"anchor-{said['seal']}.json", "application/json", written(said)),),
        )
    )
