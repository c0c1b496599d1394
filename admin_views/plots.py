"""Small plots drawn on the server: positions of bars for an SVG that needs no script, with the numbers as a table."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT, FOOT, HEAD, GAP = 1080, 220, 22, 18, 14


@dataclass(frozen=True, slots=True)
class Bar:
    """One value: its label, the number, it in words, where its rows are, and a short form to stand at the bar."""

    label: str
    value: int
    text: str
    url: str | None = None
    short: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar with its place in the picture."""

    bar: Bar
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars above (and, where negative, below) a base line at `base`."""

    bars: list[Drawn]
    base: float
    width: int = WIDTH
    height: int = HEIGHT
    foot: int = FOOT


def bars(values: list[Bar]) -> Plot:
    """Place the bars: equally wide, the largest filling the height, every value but zero at least a line high."""
    room = HEIGHT - FOOT - HEAD
    top = max([0, *(bar.value for bar in values)])
    bottom = min([0, *(bar.value for bar in values)])
    scale = room / ((top - bottom) or 1)
    base = HEAD + top * scale
    step = WIDTH / max(len(values), 1)
    drawn = []
    for n, bar in enumerate(values):
        height = max(abs(bar.value) * scale, 1.5 if bar.value else 0.0)
        y = base - height if bar.value >= 0 else base
        drawn.append(Drawn(bar, round(n * step + GAP / 2, 1), round(y, 1), round(step - GAP, 1), round(height, 1)))
    return Plot(drawn, round(base, 1))
