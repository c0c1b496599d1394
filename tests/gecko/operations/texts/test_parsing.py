"""Texts are read into words, codes and loops; what is wrong in them is named, never raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.operations.texts.codes import Found, Part
from gecko.operations.texts.parsing import ProblemKind, Repeated, parse
from gecko.operations.texts.registry import CODES, LOOPS


def problems(text):
    return [(one.kind.value, one.code, one.line) for one in parse(text).problems]


@pytest.mark.parametrize(
    "text", ["", "Hej", "[x]", "[12]", "[to ord]", "a [ b ] c", "[]", "[og/eller]", "[]]", "[a-b]"]
)
def test_what_is_no_code_is_text(text):
    assert "".join(parse(text).nodes) == text
    assert parse(text).problems == ()


def test_names_are_found_in_any_case_and_both_languages():
    found = [node.code for name in ("KUNDENAVN", "kundenavn", "CustomerName") for node in parse(f"[{name}]").nodes]
    assert len(found) == 3
    assert len(set(map(id, found))) == 1


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("DATO_YYYY-MM-DD", "YYYY-MM-DD"),
        ("bookingdate_dd-mm-yyyy", "DD-MM-YYYY"),
        ("DATO_DD.MM", "DD.MM"),
        ("DATO_DD/MM", "DD/MM"),
        ("DATO_LONG", "LONG"),
        ("customerBirthdateMonth_DD", "DD"),
        ("customerBirthdateMonth_MM", "MM"),
        ("EKSTRATEKST_NOBREAK", "NOBREAK"),
        ("BOOKINGSERVICE_CUSTOMERGROUPDESCRIPTION_2_NOBREAK", "NOBREAK"),
        ("KLOKKEN_FRATID", ""),
    ],
)
def test_suffixes(name, suffix):
    (node,) = parse(f"[{name}]").nodes
    assert isinstance(node, Found)
    assert node.suffix == suffix


def test_a_description_s_number_is_part_of_its_name():
    first, second = parse("[BOOKINGSERVICE_CUSTOMERGROUPDESCRIPTION][BOOKINGSERVICE_CUSTOMERGROUPDESCRIPTION_2]").nodes
    assert first.code is not second.code


@pytest.mark.parametrize(
    "name",
    ["KUNDNAVN", "KUNDENAVN_DD", "KUNDEALDER_NOBREAK", "DATO_HEST", "RFS", "RFSX", "RFS12X", "KUNDENAVN1", "DATO_"],
)
def test_unknown_codes_are_named(name):
    assert problems(f"Hej\n[{name}]") == [("unknown", f"[{name}]", 2)]


def test_a_known_code_that_looks_alike_is_proposed():
    (problem,) = parse("[KUNDNAVN]").problems
    assert problem.instead == "[KUNDENAVN]"
    assert parse("[HESTEVOGN]").problems[0].instead == ""


def test_a_custom_field_is_named_by_its_number():
    (node,) = parse("[rfs123]").nodes
    assert (node.code.names, node.parameter) == (("RFS",), 123)
    assert parse("[RFS7_NOBREAK]").nodes[0].parameter == 7


def test_loops():
    text = "A[customerFutureBookingsBegin_skipToday]B[CUSTOMERTAG_BEGIN]C[customertag_end][customerfuturebookingsend]D"
    before, loop, after = parse(text).nodes
    assert (before, after) == ("A", "D")
    assert isinstance(loop, Repeated)
    assert loop.option == "skipToday"
    assert loop.body[0] == "B"
    assert loop.body[1].body == ("C",)
    assert parse(text).problems == ()
    assert parse("[customerFutureBookingsBegin][customerFutureBookingsEnd]").nodes[0].option == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[CUSTOMERTAG_BEGIN]x", [(ProblemKind.NOT_CLOSED, "[CUSTOMERTAG_BEGIN]", 1)]),
        ("x\n[CUSTOMERTAG_END]", [(ProblemKind.NOT_OPENED, "[CUSTOMERTAG_END]", 2)]),
        (
            "[CUSTOMERTAG_BEGIN][customerFutureBookingsBegin]x[CUSTOMERTAG_END]",
            [(ProblemKind.NOT_CLOSED, "[customerFutureBookingsBegin]", 1)],
        ),
        (
            "[CUSTOMERTAG_BEGIN][CUSTOMERTAG_BEGIN]x[CUSTOMERTAG_END]",
            [(ProblemKind.NESTED, "[CUSTOMERTAG_BEGIN]", 1)],
        ),
        ("[customerFutureBookingsBegin_hest]", [(ProblemKind.UNKNOWN, "[customerFutureBookingsBegin_hest]", 1)]),
    ],
)
def test_loops_that_do_not_pair_are_named(text, expected):
    assert problems(text) == expected


def test_a_loop_without_an_end_leaves_what_stands_inside():
    first, second = parse("A[CUSTOMERTAG_BEGIN]B").nodes
    assert first + second == "AB"


def test_what_has_to_be_loaded():
    assert parse("Hej [KUNDENAVN]").parts() == frozenset()
    assert parse("[RFS1][KUNDEALDER]").parts() == {Part.ANSWERS, Part.BORN}
    inside = "[customerFutureBookingsBegin][CUSTOMERTAG_BEGIN][CUSTOMERTAG_END][RFS1][customerFutureBookingsEnd]"
    assert parse(inside).parts() == {Part.BOOKINGS, Part.TAGS, Part.ANSWERS}


NAMES = [*(name for code in CODES for name in code.names), *(name for loop in LOOPS for name in (loop.begin, loop.end))]
PIECES = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(["[", "]", "[[", "_", "\n"]),
        st.sampled_from(NAMES).map("[{}]".format),
        st.tuples(st.sampled_from(NAMES), st.sampled_from(["_DD", "_LONG", "_NOBREAK", "_skipToday", "7"])).map(
            lambda pair: f"[{pair[0]}{pair[1]}]"
        ),
    ),
    max_size=30,
).map("".join)


def source(nodes):
    """The words of a tree, in order."""
    return "".join(node if isinstance(node, str) else source(getattr(node, "body", ())) for node in nodes)


@given(PIECES)
def test_no_word_is_lost_or_made_up(text):
    words = source(parse(text).nodes)
    position = 0
    for sign in words:
        position = text.index(sign, position) + 1
    assert len(words) <= len(text)
    if "[" not in text:
        assert words == text


def test_many_loops_within_each_other_end_quickly():
    text = "[CUSTOMERTAG_BEGIN][customerFutureBookingsBegin]" * 2_000
    assert len(parse(text).problems) == 4_000
