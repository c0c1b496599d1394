"""The words that made-up customers are made of: names by year of birth, sex and origin, and addresses."""

from __future__ import annotations

import random
import tomllib
from bisect import bisect
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate
from math import exp
from typing import Any

NOT_ORIGINS = ("pet_names", "spellings")
RARE = 0.25  # weight of a rare first name in any year
SPREAD = 14  # years on either side of its best year in which most bearers of a first name were born


class Weighted:
    """Words with weights, drawn with one number."""

    def __init__(self, weights: dict[str, float]) -> None:
        self.words = list(weights)
        self.sums = list(accumulate(weights.values()))

    def draw(self, chance: random.Random) -> str:
        """One of the words, as often as its weight says."""
        return self.words[bisect(self.sums, chance.random() * self.sums[-1])]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a family's names come from. first: by (female, decade); tail: share of surnames outside the list."""

    first: dict[tuple[bool, int], Weighted]
    surnames: Weighted
    tail: float
    stems: list[str]
    endings: list[str]

    def surname(self, chance: random.Random) -> str:
        """A surname: one of the common ones, or one of the thousands of rare ones."""
        if chance.random() >= self.tail:
            return self.surnames.draw(chance)
        return chance.choice(self.stems) + chance.choice(self.endings)

    def first_name(self, chance: random.Random, *, female: bool, year: int) -> str:
        """A first name as given in that year."""
        return self.first[female, min(max(year, 1930), 2019) // 10].draw(chance)


@dataclass(frozen=True, slots=True)
class Place:
    """A postcode with the streets of its town."""

    postcode: str
    town: str
    streets: tuple[str, ...]


@cache
def _file(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


@cache
def pet_names() -> dict[str, list[str]]:
    """How people also call those of a first name."""
    return dict(_file("names.toml")["pet_names"])


@cache
def spellings() -> dict[str, list[str]]:
    """How else a first name is spelt."""
    return dict(_file("names.toml")["spellings"])


@cache
def origins() -> tuple[list[Origin], list[float]]:
    """All origins, and the running sums of their shares."""
    found, shares = [], []
    for key, told in _file("names.toml").items():
        if key not in NOT_ORIGINS:
            shares.append(float(told["share"]))
            found.append(_danish(told) if key == "danish" else _foreign(told))
    return found, list(accumulate(shares))


def _danish(told: dict[str, Any]) -> Origin:
    first = {}
    for female, sex in ((False, "male"), (True, "female")):
        facts = [(name, int(year), float(weight)) for name, year, weight in map(str.split, told[sex].split(","))]
        rare = dict.fromkeys(told[f"rare_{sex}"].split(), RARE)
        for decade in range(193, 202):
            middle = decade * 10 + 5
            common = {
                name: weight * (exp(-(((middle - year) / SPREAD) ** 2) / 2) + 0.02) for name, year, weight in facts
            }
            first[female, decade] = Weighted(rare | common)
    everyone = sum(float(other["share"]) for key, other in _file("names.toml").items() if key not in NOT_ORIGINS)
    shares = {name: float(share) / 1000 for name, share in (one.split() for one in told["surnames"].split(","))}
    in_list = sum(shares.values()) / (told["share"] / everyone)  # the shares are of the whole population
    return Origin(first, Weighted(shares), 1 - in_list, told["stems"].split(), told["endings"].split())


def _foreign(told: dict[str, Any]) -> Origin:
    first: dict[tuple[bool, int], Weighted] = {}
    for female, names in ((False, told["male"]), (True, told["female"])):
        drawn = Weighted({name: 1 / (rank + 3) for rank, name in enumerate(names.split())})
        first |= {(female, decade): drawn for decade in range(193, 202)}
    surnames = Weighted({name: 1 / (rank + 3) for rank, name in enumerate(told["surnames"].split())})
    return Origin(first, surnames, 0.7, told["stems"].split(), told["endings"].split())


@cache
def places() -> tuple[list[Place], list[float]]:
    """All postcodes, and the running sums of their shares of the population."""
    told, chance = _file("places.toml"), random.Random(4000)  # noqa: S311 (no secret)
    common = [street.strip() for street in told["streets"].split(",")]
    stems, endings = told["stems"].split(), told["endings"].split()
    found, shares = [], []
    for line in told["postcodes"].split(","):
        postcode, town = line.split(maxsplit=1)
        city = postcode < "2999" or postcode.endswith("00")
        share = chance.lognormvariate(0, 0.7) * (4 if city else 1)
        own = {chance.choice(stems) + chance.choice(endings) for _street in range(int(40 + 40 * share))}
        streets = tuple(sorted(own) + chance.sample(common, 15))
        found.append(Place(postcode, town, streets))
        shares.append(share)
    return found, list(accumulate(shares))


def place(chance: random.Random) -> Place:
    """A postcode, as often as people live there."""
    found, sums = places()
    return found[bisect(sums, chance.random() * sums[-1])]


def origin(chance: random.Random) -> Origin:
    """A family's origin, as often as it occurs."""
    found, sums = origins()
    return found[bisect(sums, chance.random() * sums[-1])]
