"""The files of a document as pages hand them out: made and kept at the first request, the same bytes ever after."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import send_file

from gecko.db import transaction
from gecko.models.document_files import DocumentFile, FileKind
from gecko.models.documents import DocumentKind, SaleDocument
from gecko.operations import document_files
from reports import documents

MEDIA_TYPES = {FileKind.PDF: "application/pdf", FileKind.UBL: "application/xml"}
_SUFFIXES = {FileKind.PDF: "pdf", FileKind.UBL: "xml"}
_STEMS = {
    ("da", DocumentKind.INVOICE): "faktura",
    ("da", DocumentKind.CREDIT_NOTE): "kreditnota",
    ("en", DocumentKind.INVOICE): "invoice",
    ("en", DocumentKind.CREDIT_NOTE): "credit-note",
}


def ready(document: SaleDocument, kind: FileKind) -> DocumentFile:
    """The file, made now where nobody asked for it before. Raises what the maker refuses, and Damaged."""
    known = document_files.find(document.id, kind)
    if known is not None:
        return known
    document_id, content = document.id, documents.MAKERS[kind](document)  # made before anything is locked
    with transaction():
        return document_files.keep(document_id, kind, content)


def name_of(document: SaleDocument, kind: FileKind) -> str:
    """What the file is called at the buyer's: kind and number in their language."""
    stem = _STEMS[(documents.language_of(document), document.kind)]
    return f"{stem}-{document.number}.{_SUFFIXES[kind]}"


def answer(document: SaleDocument, kind: FileKind) -> Any:
    """The file as an answer; a PDF opens beside the page, anything else is saved."""
    name, file = name_of(document, kind), ready(document, kind)
    return send_file(
        BytesIO(file.content),
        mimetype=MEDIA_TYPES[kind],
        download_name=name,
        as_attachment=kind != FileKind.PDF,
        etag=file.sha256,
        max_age=0,
    )
