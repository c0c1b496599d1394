"""Letters as PDF: every sign right, the same bytes again, and nothing that a text holds breaks them."""

import hashlib
import io
import random
from datetime import date

import pytest

from gecko.operations.company import Company
from gecko.operations.letters import sheets
from gecko.operations.letters.sheets import Letter, Page
from gecko.operations.texts import markup
from reports.letters import document, fonts
from tests.reports.letters.reader import pages

COMPANY = Company("Nørrebro Klinik ApS", "Nørrebrogade 20", "2200", "København N", "12345674", "+4535353535", "k@x.dk")
ADDRESS = ("Åse Ærøskøbing Østergård", "Søndre Allé 4, 2. th.", "8000 Aarhus C")
HOSTILE = (
    "<script>alert(1)</script>Hej",
    "<b><i><u>åben",
    "</p></td></tr></table>",
    "<table><table><table><tr><td>x</table>",
    "<table><tr>" + "<td>kolonne" * 60 + "</table>",
    "<table><tr><td>" + "linje\n" * 400 + "</td><td>b</td></tr></table>",
    "<ul><li>" * 40 + "dybt",
    "<blockquote>" * 60 + "endnu dybere",
    "<a href='https://x.dk/?a=1&b=<2>'>a<a href='https://y.dk'>b</a></a>",
    "<a href='javascript:alert(1)'>x</a>",
    "<h1><b><a href='https://x.dk'><p>blandet</b></h1>",
    "<p>" + "W" * 9000 + "</p>",
    "&#0;&#xD800;&#x1F600;&lt;para&gt;&amp;amp; <para> <font size=900> <img src='file:///etc/passwd'>",
    "\x01\x02\x0b tegn \ufffe",
    "<!-- ![CDATA[ -- > <![CDATA[x]]> <?php ?>",
    "<hr>" * 300,
    "<br>" * 3000,
    "%s {x} \\ [KUNDENAVN] $(x)",
    "שלום مرحبا 你好 नमस्ते 👩‍👩‍👧",
    "",
)


def letter(text, *, address=ADDRESS, language="da", company=COMPANY, **page):
    sheet = sheets.of_company(company, Page(**page), language, date(2026, 11, 22))
    return Letter(address, markup.clean(text), language, sheet)


def pdf(*letters):
    file = io.BytesIO()
    printed = document.write(file, letters, title="Breve")
    return printed, file.getvalue()


def test_every_sign_stands_where_it_belongs():
    text = "<h2>Det er tid</h2>\nKære Åse\n\nÆblegrød på ø: <b>blåbær</b> & <i>Ελληνικά</i>, <u>Русский</u>, łódź."
    printed, made = pdf(letter(text))
    assert (printed.letters, printed.pages) == (1, 1)
    [page] = pages(made)
    lines = page.split("\n")
    sender = "Nørrebro Klinik ApS · Nørrebrogade 20 · 2200 København N"
    assert lines[2:7] == [sender, *ADDRESS, "København N, 22. november 2026"]
    assert lines[7:] == ["Det er tid", "Kære Åse", "Æblegrød på ø: blåbær & Ελληνικά, Русский, łódź."]


def test_lists_tables_and_links_are_told_on_paper():
    text = (
        "<ol><li>Først<ul><li>inden</li></ul></li><li>Så</li></ol>"
        "<table><tr><th>Dato</th></tr><tr></tr><tr><td>25-11<p>kl. 10</p></td></tr></table>"
        "Se <a href='https://x.dk/a'>her</a>, https://y.dk og <a href='tel:+4535353535'>ring</a>."
    )
    [page] = pages(pdf(letter(text, is_dated=False))[1])
    said = page.split("\n")[6:]
    assert said == [
        "1.", "Først", "•", "inden", "2.", "Så", "Dato", "25-11", "kl. 10",
        "Se her (https://x.dk/a), https://y.dk og ring (+4535353535).",
    ]  # fmt: skip


def test_a_long_letter_goes_on_and_counts_its_pages():
    printed, made = pdf(letter("linje\n" * 200), letter("kort", language="en"))
    found = pages(made)
    assert printed.pages == len(found) == 6
    assert sum(page.count("linje") for page in found) == 200
    assert "Side 2" in found[1]
    assert "Søndre Allé" not in found[1]
    assert "Søndre Allé" in found[-1]
    assert "Page" not in found[-1]


def test_the_same_letters_are_the_same_bytes():
    assert (
        pdf(letter("Hej"), letter("Dav", is_window_right=True))[1]
        == pdf(letter("Hej"), letter("Dav", is_window_right=True))[1]
    )
    assert pdf(letter("Hej"))[1] != pdf(letter("Hej", is_window_right=True))[1]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_text_holds_breaks_a_letter(text):
    printed, made = pdf(letter(f"{text}\n<p>Venlig hilsen</p>"))
    found = pages(made)
    assert len(found) == printed.pages
    assert "Venlig hilsen" in " ".join(found[-2:])
    assert "alert" not in "".join(found)


def test_no_mixture_of_tags_breaks_a_letter():
    dice = random.Random(20_261_122)
    bits = [
        *(f"<{tag}>" for tag in sorted(markup.TAGS)), *(f"</{tag}>" for tag in sorted(markup.TAGS)),
        "<a href='https://x.dk'>", "ord ", "\n", "&amp;", "&lt;b&gt;", "æøå",
    ]  # fmt: skip
    for _round in range(300):
        text = "".join(dice.choice(bits) for _bit in range(dice.randint(1, 60)))
        words = markup.plain(markup.clean(text)).split()
        found = "".join(pages(pdf(letter(text, company=Company(), address=("X",), is_dated=False))[1]))
        assert found.count("æøå") == "".join(words).count("æøå"), text


def test_long_lines_of_sender_and_address_keep_to_their_place():
    long = "Meget Lange Navne Holder Aldrig Op Med At Fortsætte Hen Over Papiret"
    company = Company(long * 3, long, "2200", long)
    [page] = pages(pdf(letter("Hej", address=(long, *("vej",) * 9, "2200 København"), company=company))[1])
    assert " ".join(page.split("\n")).count("Meget Lange") >= 4
    assert page.count("vej") == 4  # the window holds six lines, two of which are the name


def test_the_typeface_is_the_one_that_was_reviewed():
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in fonts.FOLDER.iterdir()}
    assert digests == {
        "DejaVuSansCondensed-Bold.ttf": "38098d0b8edd8430a0f53fb2831b5d36037563a998a620d3c87a4d7591766d20",
        "DejaVuSansCondensed-BoldOblique.ttf": "43f9fd6b77edf174553cf94857c77c63de7ddb0c6751fd1390e73223518e128f",
        "DejaVuSansCondensed-Oblique.ttf": "dc3526fa25fae4278c4e34b47d4c049b6923421c70921032a0db11bfe9c1b0cf",
        "DejaVuSansCondensed.ttf": "8550cd5ca1acb65a8fc7877c46939cd0b4d909f8e7bc1e24716873d918c5e549",
        "LICENSE.txt": "7a083b136e64d064794c3419751e5c7dd10d2f64c108fe5ba161eae5e5958a93",
    }
