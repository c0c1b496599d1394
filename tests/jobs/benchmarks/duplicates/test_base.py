"""The made-up base: the same every time, and as the documents describe it."""

import random
from collections import Counter, defaultdict
from datetime import date

import pytest

from jobs.benchmarks.duplicates import corruptions, vocabulary
from jobs.benchmarks.duplicates.base import FALSE_EMAILS, Base, generate
from jobs.benchmarks.duplicates.people import World

ROWS = 6_000


@pytest.fixture(scope="module")
def base() -> Base:
    return generate(ROWS, seed=3)


def share(base, told):
    return sum(map(told, base.records)) / ROWS


def test_same_rows_and_seed_make_the_same_base(base):
    assert generate(ROWS, seed=3).records == base.records
    assert generate(200, seed=4).records != generate(200, seed=5).records


def test_records_and_duplicates_are_as_many_as_asked(base):
    assert len(base.records) == ROWS
    assert ROWS - len(set(base.entity.tolist())) == round(ROWS * 0.11)
    assert max(Counter(base.entity.tolist()).values()) >= 3


def test_what_is_missing_is_missing_as_often_as_stated(base):
    assert share(base, lambda record: record.email is None) == pytest.approx(0.22, abs=0.03)
    assert share(base, lambda record: record.mobile is None) == pytest.approx(0.14, abs=0.03)
    assert share(base, lambda record: record.birth_date is None) == pytest.approx(0.40, abs=0.03)
    assert share(base, lambda record: record.address is None) == pytest.approx(0.10, abs=0.03)


def test_false_values_and_role_mailboxes_occur(base):
    assert 0 < share(base, lambda record: record.email in FALSE_EMAILS) < 0.02
    assert 0 < share(base, lambda record: record.birth_date == date(1900, 1, 1)) < 0.02
    assert 0 < share(base, lambda record: (record.email or "").startswith(("info@", "kontakt@", "post@"))) < 0.02


def test_households_share_what_families_share(base):
    homes = defaultdict(dict)
    for record in base.records:
        homes[record.household].setdefault(record.entity, record)
    several = [list(home.values()) for home in homes.values() if len(home) > 1]
    assert max(map(len, homes.values())) == 5
    surnames = [{record.name.split()[-1].casefold() for record in home} for home in several]
    assert 0.4 < sum(len(names) == 1 for names in surnames) / len(several) < 0.85
    landlines = sum(any(record.telephone for record in home) for home in several) / len(several)
    assert landlines == pytest.approx(0.34, abs=0.06)


def test_a_mailbox_belongs_to_one_household(base):
    owners = defaultdict(set)
    for record in base.records:
        if record.email and not record.email.lower().startswith(("info@", "kontakt@", "mail@", "post@", "kontor@")):
            owners[record.email.lower()].add(record.household)
    shared = [mailbox for mailbox, homes in owners.items() if len(homes) > 1 and mailbox not in FALSE_EMAILS]
    assert len(shared) < 5, shared  # only where a slip of the fingers hit another's mailbox


def test_common_surnames_are_as_common_as_in_denmark(base):
    surnames = Counter(record.name.split()[-1].casefold() for record in base.records)
    assert surnames["jensen"] / ROWS == pytest.approx(0.043, abs=0.012)
    assert len(surnames) > 1_500


def test_duplicates_differ_in_many_ways(base):
    entities = defaultdict(list)
    for record in base.records:
        entities[record.entity].append(record)
    pairs = [group[:2] for group in entities.values() if len(group) > 1]
    for field in ("name", "address", "email", "mobile"):
        differing = sum(getattr(a, field) != getattr(b, field) for a, b in pairs) / len(pairs)
        assert 0.2 < differing < 0.95, field


def test_first_names_follow_the_year_of_birth():
    chance = random.Random(1)
    danish = vocabulary.origins()[0][0]
    old = Counter(danish.first_name(chance, female=True, year=1938) for _draw in range(2_000))
    young = Counter(danish.first_name(chance, female=True, year=2014) for _draw in range(2_000))
    assert old["Else"] > 5 * young["Else"]
    assert young["Alma"] > 5 * old["Alma"]


def test_about_six_hundred_postcodes_have_streets_of_their_own():
    places, _sums = vocabulary.places()
    assert 590 <= len(places) <= 620
    assert all(len(place.streets) >= 40 for place in places)


def test_a_typo_is_one_slip():
    world = World(random.Random(5))
    made = {corruptions.typo(world, "Christensen") for _draw in range(300)}
    assert {len(text) for text in made} == {10, 11, 12}
    assert all(text[0] == "C" for text in made)
    assert corruptions.typo(world, "Bo") == "Bo"
