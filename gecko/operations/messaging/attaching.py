"""Files that go with an e-mail: a few harmless kinds, known by their first bytes and not by their name alone."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence

from ...errors import Invalid
from ...language import _
from .enqueuing import Attachment

MOST = 5
LARGEST = 10 * 1024 * 1024
"""Bytes of all files of a message together: what most mail servers take, which count the encoded third on top."""
LONGEST_NAME = 120
_UNFIT = re.compile(r"[\x00-\x1f\x7f\"\\/:*?<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def _begins(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(magic)


def _is_office(part: str) -> Callable[[bytes], bool]:
    """A document of Word or Excel without macros; `part` is the folder its contents stand in."""

    def check(content: bytes) -> bool:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                names = package.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            return False
        has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
        return "[Content_Types].xml" in names and any(name.startswith(part) for name in names) and not has_macros

    return check


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    "pdf": ("application/pdf", _begins(b"%PDF-")),
    "png": ("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": ("image/jpeg", _begins(b"\xff\xd8\xff")),
    "jpeg": ("image/jpeg", _begins(b"\xff\xd8\xff")),
    "gif": ("image/gif", _begins(b"GIF87a", b"GIF89a")),
    "docx": (_OFFICE + "wordprocessingml.document", _is_office("word/")),
    "xlsx": (_OFFICE + "spreadsheetml.sheet", _is_office("xl/")),
    "ics": ("text/calendar", _begins(b"BEGIN:VCALENDAR")),
    "txt": ("text/plain", _is_text),
}
"""What may be sent, by the ending of the name: media type, and whether the content is what the name says."""


def checked(files: Sequence[tuple[str, bytes]]) -> tuple[Attachment, ...]:
    """Files as (name, content) ready to be sent; raises Invalid (field `files`)."""
    if len(files) > MOST:
        raise Invalid(_("At most %(most)s files go with a message."), field="files", most=MOST)
    if sum(len(content) for _name, content in files) > LARGEST:
        raise Invalid(_("The files are more than %(most)s MB together."), field="files", most=LARGEST // 1024**2)
    return tuple(_one(name, content) for name, content in files)


def _one(name: str, content: bytes) -> Attachment:
    name = " ".join(_UNFIT.sub(" ", name.replace("\\", "/").rsplit("/", 1)[-1]).split()).strip(" .")
    stem, _dot, ending = name.rpartition(".")
    kind = KINDS.get(ending.lower()) if stem else None
    if kind is None:
        raise Invalid(
            _("“%(name)s” is not of a kind that is sent. Choose one of: %(kinds)s."),
            field="files", name=name, kinds=", ".join(KINDS),
        )  # fmt: skip
    if not content:
        raise Invalid(_("“%(name)s” is empty."), field="files", name=name)
    media_type, is_right = kind
    if not is_right(content):
        raise Invalid(_("“%(name)s” does not hold what its name says."), field="files", name=name)
    return Attachment(f"{stem[:LONGEST_NAME].rstrip()}.{ending.lower()}", media_type, content)
