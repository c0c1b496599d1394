"""Issued documents as files: `MAKERS[kind](document)` makes the bytes from the snapshot and from nothing else.

Whoever hands a file out keeps it first (`gecko.operations.document_files`), so that it is made once.

pdf    the document on paper
ubl    the e-invoice for buyers with an EAN number
facts  what all of them say: names and addresses, VAT by rate, the way to pay
"""

from __future__ import annotations

from collections.abc import Callable

from gecko.models.document_files import FileKind
from gecko.models.documents import SaleDocument

from . import pdf, ubl
from .facts import language_of as language_of

MAKERS: dict[FileKind, Callable[[SaleDocument], bytes]] = {FileKind.PDF: pdf.make, FileKind.UBL: ubl.make}
