"""The letters as they were made: kept once with their SHA-256, and handed out unchanged ever after."""

from __future__ import annotations

import hashlib

from ...db import db
from ...errors import GeckoError, NotFound
from ...language import _
from ...models.dunning import DunningPaper


class Damaged(GeckoError):
    """The content is not what it was when the letter was made."""

    message = _("The stored letter was changed outside the product and is not shown. Ask whoever runs the server.")


def keep(dunning_id: int, content: bytes) -> None:
    """Keep the PDF of a reminder, in the transaction that makes the reminder."""
    db.session.add(DunningPaper(dunning_id=dunning_id, sha256=hashlib.sha256(content).hexdigest(), content=content))
    db.session.flush()


def content(dunning_id: int) -> bytes:
    """The PDF; raises NotFound where there is none, and Damaged where it is not the one that was kept."""
    paper = db.session.get(DunningPaper, dunning_id)
    if paper is None:
        raise NotFound
    if hashlib.sha256(paper.content).hexdigest() != paper.sha256:
        raise Damaged
    return paper.content
