"""Names that are one name to a Danish ear."""

import pytest

from gecko.operations.matching import danish_names
from gecko.operations.matching.danish_names import canonical, full_name, sound


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("christian", "kristian"), ("søren", "soeren"), ("søren", "soren"), ("åse", "aase"), ("kjær", "kær"),
        ("schmidt", "smidt"), ("sofie", "sophie"), ("jensen", "jenson"), ("thomas", "tomas"), ("carl", "karl"),
        ("cecilie", "sesilie"), ("hjort", "jort"), ("winther", "vinter"),
    ],
)  # fmt: skip
def test_spellings_of_one_sound(one, other):
    assert sound(canonical(one)) == sound(canonical(other)) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("anne", "mette"), ("jensen", "hansen"), ("peter", "søren"), ("ole", "ulla")]
)
def test_other_names_sound_otherwise(one, other):
    assert sound(canonical(one)) != sound(canonical(other))


@pytest.mark.parametrize(
    ("short", "long"),
    [("per", "peter"), ("mike", "mikkel"), ("trine", "katrine"), ("lis", "elisabeth"), ("bob", "robert")],
)
def test_short_names_stand_for_long_ones(short, long):
    assert full_name(canonical(short)) == full_name(canonical(long))


def test_an_initial_has_no_sound_but_stands_for_its_letter():
    assert sound("k") == ""
    assert danish_names.initial("christian") == danish_names.initial("k")
