"""Raw values become a profile."""

from datetime import date

import pytest

from gecko.operations.matching.normalising import normalise
from gecko.operations.matching.placeholders import Learned


def words(name):
    profile = normalise({"name": name})
    return tuple(word.text for word in (profile.first, *profile.middle, profile.last) if word is not None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Anne Holm Jensen", ("anne", "holm", "jensen")),
        ("ANNE-MARIE JENSEN", ("anne", "marie", "jensen")),
        ("Jensen, Anne", ("anne", "jensen")),
        ("Otto von der Recke", ("otto", "recke")),
        ("Hr. Åge Ærø", ("åge", "ærø")),
        ("Aage Aeroe", ("åge", "ærø")),
        ("José O'Brien (mor)", ("jose", "obrien")),
        ("Jens Hansen jr.", ("jens", "jr", "hansen")),
        ("Cher", ("cher",)),
        ("123", ()),
        ("kunde-1027", ()),
        ("", ()),
    ],
)
def test_a_name_is_read_into_words(name, expected):
    assert words(name) == expected


def test_a_name_of_another_script_is_kept():
    assert len(words("Анна Иванова")) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anne.Holm+shop@GMAIL.com", "anneholm@googlemail.com"),
        ("anne@live.dk ", "anne+x@live.dk"),
        ("anne@gmial.com", "anne@gmail.com"),
    ],
)
def test_one_mailbox_has_one_spelling(one, other):
    assert normalise({"email": one}).email == normalise({"email": other}).email != ""


@pytest.mark.parametrize("email", ["info@firma.dk", "test@test.dk", "ingen@ingen.dk", "xx@mail.dk", "a@a.dk", "anne"])
def test_roles_and_dummies_are_no_mailbox(email):
    assert normalise({"email": email}).email == ""


@pytest.mark.parametrize("number", ["+4520212223", "20 21 22 23", "004520212223", "2021 2223", "45 20212223"])
def test_a_number_is_the_same_with_and_without_its_prefix(number):
    assert normalise({"mobile": number}).mobile == 20212223


@pytest.mark.parametrize("number", ["00000000", "+4512345678", "87654321", "11 11 11 11", "123", ""])
def test_dummy_numbers_are_none(number):
    assert normalise({"mobile": number}).mobile == 0


def test_a_number_in_another_field_is_found_and_taken_out_of_it():
    profile = normalise({"name": "Anne", "address": "Nørregade 12, tlf. 20 21 22 23"})
    assert (profile.telephone, profile.place.house) == (20212223, 12)


@pytest.mark.parametrize("day", [date(1900, 1, 1), "1899-12-30", "31-12-1980", "", None])
def test_dummy_and_unreadable_dates_are_unknown(day):
    assert normalise({"birth_date": day}).birth_date is None


def test_what_this_base_taught_counts_as_unknown():
    learned = Learned(frozenset({"anne@live.dk"}), frozenset({20212223}), frozenset({date(1980, 1, 1)}))
    values = {"email": "anne@live.dk", "mobile": "20212223", "birth_date": "1980-01-01"}
    profile = normalise(values, learned)
    assert (profile.email, profile.mobile, profile.birth_date) == ("", 0, None)
    assert normalise(values).mobile == 20212223


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("H.C. Andersens v. 12", "H C Andersens Vej 12"),
        ("c/o Hansen, Nørregade 12", "Nørregade 12"),
        ("Sct. Pauls Gade 3", "Sankt Pauls gade 3"),
        ("Aagade 5 B", "Ågade 5b"),
        ("8 Stanley Street, Miami", "8 stanley st miami"),
        ("8 Glass Studio, Stanley Street", "8 Stanley Street, Glass Studio"),
    ],
)
def test_one_street_has_one_spelling(one, other):
    first, second = normalise({"address": one}).place, normalise({"address": other}).place
    assert (first.street, first.house, first.unit) == (second.street, second.house, second.unit)
    assert first.street


def test_floor_and_door_are_told_from_the_house():
    place = normalise({"address": "Nørregade 12B, 3. tv", "city": "Aarhus C"}).place
    assert (place.street, place.house, place.unit, place.city) == ("nørregade", 12, "b3tv", "århus")
