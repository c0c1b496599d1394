"""Files of issued documents: kept with their SHA-256 when they are made, and handed out unchanged ever after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from ..db import db
from ..errors import GeckoError
from ..language import _
from ..models.document_files import DocumentFile, FileKind


class Damaged(GeckoError):
    """The content is not what it was when the file was made."""

    message = _("The stored file was changed outside the product and is not shown. Ask whoever runs the server.")


def find(document_id: int, kind: FileKind) -> DocumentFile | None:
    """The file, where it was made already; raises Damaged where its content is not the one that was kept."""
    statement = select(DocumentFile).where(DocumentFile.document_id == document_id, DocumentFile.kind == kind)
    found = db.session.scalars(statement).one_or_none()
    if found is not None and digest(found.content) != found.sha256:
        raise Damaged
    return found


def keep(document_id: int, kind: FileKind, content: bytes) -> DocumentFile:
    """Store a file that was just made; where another was quicker, theirs is the one that stands, and is returned."""
    is_sqlite = db.session.connection().dialect.name == "sqlite"
    insert: Any = (sqlite.insert if is_sqlite else postgresql.insert)(DocumentFile)
    row = {"document_id": document_id, "kind": kind, "sha256": digest(content), "content": content}
    db.session.execute(insert.values(**row).on_conflict_do_nothing(index_elements=["document_id", "kind"]))
    standing = find(document_id, kind)
    if standing is None:
        raise RuntimeError("a file that was just stored is not there")
    return standing


def damaged() -> Iterator[tuple[int, FileKind]]:
    """Document and kind of each file whose content no longer has its SHA-256; reads every file, a few at a time."""
    columns = select(DocumentFile.document_id, DocumentFile.kind, DocumentFile.sha256, DocumentFile.content)
    for row in db.session.execute(columns.order_by(DocumentFile.id).execution_options(yield_per=50)):
        if digest(row.content) != row.sha256:
            yield row.document_id, row.kind


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
