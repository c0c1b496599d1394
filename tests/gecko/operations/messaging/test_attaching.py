"""Files of e-mails: harmless kinds by name and content, within a size, under names that nobody is misled by."""

import io
import zipfile

import pytest

from gecko.errors import Invalid
from gecko.operations.messaging import attaching


def package(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in names:
            target.writestr(name, "x")
    return buffer.getvalue()


WORD = package("[Content_Types].xml", "word/document.xml")
GOOD = {
    "plan.pdf": b"%PDF-1.7",
    "Billede.PNG": b"\x89PNG\r\n\x1a\nrest",
    "foto.jpg": b"\xff\xd8\xff\xe0",
    "foto.jpeg": b"\xff\xd8\xff\xe0",
    "sjov.gif": b"GIF89a...",
    "brev.docx": WORD,
    "regneark.xlsx": package("[Content_Types].xml", "xl/workbook.xml"),
    "aftale.ics": b"BEGIN:VCALENDAR\r\n",
    "note.txt": "Kære Åse".encode(),
}


@pytest.mark.parametrize("name", GOOD)
def test_each_kind_is_taken_for_what_it_is(name):
    [one] = attaching.checked([(name, GOOD[name])])
    assert one.content == GOOD[name]
    assert one.media_type == attaching.KINDS[name.rsplit(".", 1)[1].lower()][0]


def test_every_kind_is_tried_above():
    assert {name.rsplit(".", 1)[1].lower() for name in GOOD} == set(attaching.KINDS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.exe", b"MZ"), ("page.html", b"<script>"), ("plan.pdf", b"MZ\x90"), ("plan.pdf.exe", b"%PDF-"),
        ("plan", b"%PDF-"), (".pdf", b"%PDF-"), ("plan.pdf", b""), ("brev.docx", b"PK\x03\x04 not a package"),
        ("brev.docx", package("a.txt")), ("brev.docx", GOOD["regneark.xlsx"]), ("note.txt", b"\xff\xfe\x00"),
        ("brev.docx", package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("note.txt", b"a\x00b"), ("brev.docm", WORD), ("", b"%PDF-"),
    ],
)  # fmt: skip
def test_what_is_something_else_is_refused(name, content):
    with pytest.raises(Invalid) as caught:
        attaching.checked([(name, content)])
    assert caught.value.field == "files"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\mig\\Åses plan.pdf", "Åses plan.pdf"),
        ("../../etc/plan.pdf", "plan.pdf"),
        ('a"b\r\nContent-Type: x.pdf', "a b Content-Type x.pdf"),
        ("plan\u202egpj.pdf", "plan gpj.pdf"),
        ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
    ],
)
def test_names_lose_paths_and_what_misleads(given, kept):
    assert attaching.checked([(given, b"%PDF-1")])[0].filename == kept


def test_too_many_and_too_much_are_refused():
    one = ("plan.pdf", b"%PDF-1")
    assert len(attaching.checked([one] * attaching.MOST)) == attaching.MOST
    with pytest.raises(Invalid, match="At most 5"):
        attaching.checked([one] * (attaching.MOST + 1))
    half = ("plan.pdf", b"%PDF-".ljust(attaching.LARGEST // 2))
    assert len(attaching.checked([half, half])) == 2
    with pytest.raises(Invalid, match="10 MB"):
        attaching.checked([half, half, one])
