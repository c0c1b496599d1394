"""Parts of a text against a counter of its own, and what is offered instead of expensive signs."""

import random

import pytest

from gecko.gateways.sms import segments
from gecko.gateways.sms.segments import Alphabet

# The default alphabet as 3GPP TS 23.038 tables it: column after column of sixteen; 0x1b leads to the extension.
TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅå" "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ" " !\"#¤%&'()*+,-./" "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO" "PQRSTUVWXYZÄÖÑÜ§" "¿abcdefghijklmno" "pqrstuvwxyzäöñüà"
)  # fmt: skip
SEPTETS = {sign: bytes([code]) for code, sign in enumerate(TABLE) if code != 0x1B}
SEPTETS |= {
    sign: bytes([0x1B, code])
    for code, sign in {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]",
                       0x40: "|", 0x65: "€"}.items()
}  # fmt: skip


def parts(text):
    """The independent counter: encodes for real, then packs part after part without cutting a sign."""
    try:
        sizes, alone, several = [len(SEPTETS[sign]) for sign in text], 160, 153
    except KeyError:
        sizes, alone, several = [len(sign.encode("utf-16-be")) for sign in text], 140, 134
    if sum(sizes) <= alone:
        return 1 if text else 0
    count, room = 1, several
    for size in sizes:
        if size > room:
            count, room = count + 1, several
        room -= size
    return count


CHEAP = "abcdefghijklmnopqrstuvwxyzæøåÆØÅ 0123456789.,:-\n"
SIGNS = CHEAP + "€[]{}~^|\\\f@£$é" + "’“–ê…çł" + "😀🦷👩\u200d"


def test_parts_equal_an_independent_counter_on_100000_random_texts():
    """Lengths around the borders, where a mistake would show; most texts cheap, some with one dear sign."""
    chance = random.Random(20261122)
    borders = (0, 66, 67, 69, 70, 71, 133, 134, 135, 152, 153, 159, 160, 161, 306)
    pool = ["".join(chance.choices(signs, k=2000)) for signs in (CHEAP, CHEAP + "€[", SIGNS) for _ in range(8)]
    alphabets = set()
    for _ in range(100_000):
        length = max(0, chance.choice(borders) + chance.randint(-2, 2))
        start = chance.randrange(1500)
        text = chance.choice(pool)[start : start + length]
        size = segments.measure(text)
        assert size.segments == parts(text), text
        alphabets.add(size.alphabet)
    assert alphabets == set(Alphabet)


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "count", "left"),
    [
        ("", "GSM-7", 0, 0, 160),
        ("Hej", "GSM-7", 3, 1, 157),
        ("å" * 160, "GSM-7", 160, 1, 0),
        ("å" * 161, "GSM-7", 161, 2, 145),
        ("€" * 80, "GSM-7", 160, 1, 0),
        ("a" * 152 + "€" + "a" * 10, "GSM-7", 164, 2, 141),  # the sign does not fit behind 152: one place stays empty
        ("’" * 70, "UCS-2", 70, 1, 0),
        ("’" * 71, "UCS-2", 71, 2, 63),
        ("a" * 66 + "😀" + "a" * 10, "UCS-2", 78, 2, 55),
        ("\x1b", "UCS-2", 1, 1, 69),
    ],
)
def test_borders(text, alphabet, units, count, left):
    size = segments.measure(text)
    assert (size.alphabet, size.units, size.segments, size.left) == (alphabet, units, count, left)


def test_what_forces_the_expensive_alphabet_is_named_once_each():
    assert segments.measure("Vi ses – “kl. 10” – ê").forcing == ("–", "“", "”", "ê")


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("“Hej” – det’s fint…", '"Hej" - det\'s fint...'),
        ("Zoë og René på café Ængstelig", "Zoe og René på café Ængstelig"),
        ("kl.\u00a010\u2009:\u200b00", "kl. 10 :00"),
        ("a\u030a og o\u0308", "å og ö"),
        ("½ time", "1/2 time"),
        ("ﬁn", "fin"),
        ("Æøå @ € [ok]", "Æøå @ € [ok]"),
        ("tak 😀 Привет", "tak 😀 Привет"),
    ],
)
def test_expensive_signs_are_written_plainly(typed, written):
    assert segments.plain(typed) == written


def test_cleaning_a_cheap_text_changes_nothing():
    cheap = "".join(SEPTETS)
    assert segments.plain(cheap) == cheap
    assert segments.measure(cheap).alphabet is Alphabet.GSM7


def test_every_replacement_is_cheap():
    for sign in segments._PLAIN:
        assert segments.measure(segments.plain(sign)).forcing == (), sign


def test_a_price_is_parts_times_the_price_of_one():
    assert segments.price_ore("å" * 161, segment_ore=29) == 58
    assert segments.price_ore("", segment_ore=29) == 0
