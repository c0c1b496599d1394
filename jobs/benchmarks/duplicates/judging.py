"""The bars of the duplicates benchmark, and which of them do not hold."""

from __future__ import annotations

from typing import Any

F1_BY_ROWS = ((10_000, 0.965), (100_000, 0.960), (1_000_000, 0.955))
"""Pairwise F1 at the shipped threshold, of bases up to so many customers; the last one for larger ones too."""
SURE_PRECISION = 0.997
FEBRL_F1 = 0.999
WALL_OF_SPLINK, MEMORY_OF_SPLINK, RATIOS_FROM_ROWS = 0.30, 0.25, 1_000_000
"""Of Splink's on the same keys, in bases of so many customers: smaller ones are done before either has started well."""


def f1_bar(rows: int) -> float:
    """The F1 that a base of so many customers must reach."""
    return next((bar for most, bar in F1_BY_ROWS if rows <= most), F1_BY_ROWS[-1][1])


def ratios(product: dict[str, Any], peer: dict[str, Any]) -> dict[str, float]:
    """The product's cost as a share of the peer's. Loading counts on neither side; the peer's training stands apart."""
    trained = peer["wall_s"] + peer["training_s"]
    return {
        "wall": round(product["without_load_s"] / peer["wall_s"], 3),
        "wall_with_load": round(product["wall_s"] / peer["wall_s"], 3),
        "wall_of_trained": round(product["without_load_s"] / trained, 3),
        "cpu": round(product["without_load_cpu_s"] / peer["cpu_s"], 3),
        "memory": round(product["peak_mb"] / peer["peak_mb"], 3),
    }


def missed(report: dict[str, Any]) -> list[str]:
    """A line for each bar that does not hold."""
    rows, quality = report["rows"], report["product"]["quality"]
    found = _below("F1", quality["f1"], f1_bar(rows)) + _below("sure precision", _sure(quality), SURE_PRECISION)
    if "febrl" in report:
        found += _below("F1 of FEBRL", report["febrl"]["quality"]["f1"], FEBRL_F1)
    if "same_keys" in report["ratios"] and rows >= RATIOS_FROM_ROWS:
        by = report["ratios"]["same_keys"]
        found += _above("wall time of Splink's", by["wall"], WALL_OF_SPLINK)
        found += _above("peak memory of Splink's", by["memory"], MEMORY_OF_SPLINK)
    return found


def _sure(quality: dict[str, Any]) -> float:
    """Precision of the sure lane; an empty lane is wrong about nobody."""
    return float(quality["sure"]["precision"]) if quality["sure"]["pairs"] else 1.0


def _below(name: str, value: float, bar: float) -> list[str]:
    return [f"{name} is {value}, not {bar}"] if value < bar else []


def _above(name: str, value: float, bar: float) -> list[str]:
    return [f"{value} of the {name}, not {bar}"] if value > bar else []
