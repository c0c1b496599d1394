"""The dice: everything random in the demo comes from one seeded generator, and every date hangs on one day."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from ...clock import from_local
from ...phones import normalise
from . import names, places

ANCHOR = date(2026, 11, 20)
"""The demo's last day. Fixed, so that two builds are the same."""
YEARS = timedelta(days=3 * 365)
T = TypeVar("T")


class Dice(random.Random):
    """A seeded generator with draws for what a Danish office knows."""

    def some(self, share: float) -> bool:
        """True for this share of draws."""
        return self.random() < share

    def one(self, of: Sequence[T], *, towards_first: float = 1.0) -> T:
        """One of several; with `towards_first` above 1 the first ones are more common."""
        return of[int(len(of) * self.random() ** towards_first)]

    def name(self, *, female: bool) -> str:
        """A full name; every third has a middle name."""
        first = self.one(names.FEMALE if female else names.MALE)
        middle = f" {self.one(names.MIDDLE)}" if self.some(0.33) else ""
        return f"{first}{middle} {self.one(names.LAST, towards_first=1.8)}"

    def address(self) -> dict[str, str]:
        """Street and number, postal code and town."""
        postal_code, city = self.one(places.TOWNS)
        floor = self.one(["", "", "", ", st. tv.", ", 1. th.", ", 2. tv.", ", 3. mf."])
        street = f"{self.one(places.STREETS)} {self.randint(1, 180)}{floor}"
        return {"address": street, "postal_code": postal_code, "city": city}

    def phone(self, first: str) -> str:
        """A Danish number of eight digits, as it is stored."""
        return normalise(f"{first}{self.randint(0, 10 ** (8 - len(first)) - 1):0{8 - len(first)}d}")

    def email(self, name: str, domain: str | None = None) -> str:
        """An address out of a name, in a domain that cannot exist."""
        letters = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", " ": ".", ",": None, "&": None, "/": None})
        parts = [part for part in name.lower().translate(letters).split(".") if part]
        local = f"{parts[0]}.{parts[-1]}{self.randint(1, 99)}"
        return f"{local}@{domain or self.one(['mail', 'post', 'web'])}.example"

    def day(self, start: date, end: date) -> date:
        """A day, both ends included."""
        return start + timedelta(days=self.randint(0, max(0, (end - start).days)))

    def instant(self, day: date) -> datetime:
        """A moment within opening hours."""
        return from_local(datetime.combine(day, time(self.randint(8, 17), self.randint(0, 59))))

    def cvr(self) -> str:
        """A CVR number whose check holds."""
        while True:
            digits = [self.randint(1, 9), *(self.randint(0, 9) for _ in range(6))]
            check = sum(weight * digit for weight, digit in zip((2, 7, 6, 5, 4, 3, 2), digits, strict=True)) % 11
            if check != 1:
                return "".join(map(str, digits)) + str((11 - check) % 11)

    def ean(self) -> str:
        """A GLN of thirteen digits whose check holds."""
        digits = f"57980{self.randint(0, 10**7 - 1):07d}"
        total = sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(digits))
        return digits + str(-total % 10)
