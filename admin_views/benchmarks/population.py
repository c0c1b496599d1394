"""Many plausible customers for the lists, fast."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from jobs.benchmarks.pouring import pour

GROUPS = 60
FIRST = (
    "Jens Anne Peter Mette Lars Kirsten Michael Hanne Henrik Helle Søren Susanne Thomas Lene Christian "
    "Maria Martin Camilla Niels Charlotte Jørgen Ida Hans Emma Ole Sofie Rasmus Freja Mikkel Åse Bent "
    "Birgit Erik Karen Kurt Else Poul Inger Knud Gitte Anders Pia Jesper Tina Morten Line Kasper Louise "
    "Øjvind Ægir Emil Clara Victor Alberte Noah "
)
LAST = (
    "Jensen Nielsen Hansen Pedersen Andersen Christensen Larsen Sørensen Rasmussen Jørgensen Petersen "
    "Madsen Kristensen Olsen Thomsen Christiansen Poulsen Johansen Møller Mortensen Knudsen Jakobsen Holm "
    "Lund Schmidt Eriksen Larsen Ørn Åberg Dam Dahl Bach Friis Krogh Winther Lauridsen Bech Brandt Skov "
    "Juhl Vestergaard Kjær Bang Østergaard Toft "
)
TOWNS = (
    ("1300", "København K"), ("2100", "København Ø"), ("8000", "Aarhus C"), ("5000", "Odense C"), ("9000", "Aalborg"),
    ("6700", "Esbjerg"), ("8900", "Randers C"), ("6000", "Kolding"), ("8700", "Horsens"), ("7100", "Vejle"),
    ("4000", "Roskilde"), ("3400", "Hillerød"), ("4700", "Næstved"), ("6400", "Sønderborg"), ("4180", "Sorø"),
)  # fmt: skip
COLUMNS = ("group_id", "number", "name", "postal_code", "city", "mobile", "email", "created_at")
_FIRST, _LAST = FIRST.split(), LAST.split()
_START = datetime(2018, 1, 1, tzinfo=UTC)


def rows(count: int, first_group: int) -> Iterator[tuple[object, ...]]:
    """The same customers every time."""
    draw = random.Random(20261122)  # noqa: S311 (test data)
    for n in range(1, count + 1):
        first, last = draw.choice(_FIRST), draw.choice(_LAST)
        middle = f" {draw.choice(_LAST)}" if n % 4 == 0 else ""
        postal_code, city = draw.choice(TOWNS)
        email = f"{first}.{last}{n}@example.dk".lower() if n % 5 else None
        born = _START + timedelta(minutes=draw.randrange(4_000_000))
        group = first_group + min(draw.randrange(GROUPS), draw.randrange(GROUPS))
        yield (group, str(100_000 + n), f"{first}{middle} {last}", postal_code, city,
               f"+45{draw.randrange(20_000_000, 62_000_000)}", email, born)  # fmt: skip


def fill(count: int) -> None:
    """Pour `count` customers into an empty, upgraded database."""
    pour(COLUMNS, lambda first_group: rows(count, first_group), groups=GROUPS)
