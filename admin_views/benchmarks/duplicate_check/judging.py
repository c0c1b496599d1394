"""The bars of the check, and which of them do not hold."""

from __future__ import annotations

from typing import Any

ENGINE_P99_MS = 2.0
HTTP_P99_MS = 10.0
RECALL, FALSE_ALARMS = 0.95, 0.8
OVERHEAD_MS = 0.3
FILL_SECONDS_A_MILLION = 60.0


def missed(report: dict[str, Any]) -> list[str]:
    """A line for each bar that does not hold. Engine, writing and filling have theirs on SQLite."""
    rows, found, agreement = report["rows"], report["quality"], report["agreement"]
    sqlite = report["database"] == "sqlite"
    limits = [
        *((f"engine p99 of {name}", report["engine"][name]["p99_ms"], ENGINE_P99_MS if sqlite else None)
          for name in report["engine"]),
        *((f"{what} p99 of {name}", report[what][name]["p99_ms"], HTTP_P99_MS)
          for what in ("endpoint", "typing") for name in report[what]),
        ("false alarms per 100", found["false_alarms_per_100"], FALSE_ALARMS),
        ("write overhead", report["writing"]["overhead_p50_ms"], OVERHEAD_MS if sqlite else None),
        ("filling in seconds", report["fill_seconds"], FILL_SECONDS_A_MILLION * max(rows, 50_000) / 1e6
         if sqlite else None),
        ("pairs that a check tells otherwise", agreement["check_differs"], 0),
        ("pairs that a scan of changes tells otherwise", agreement["changed_differs"], 0),
    ]  # fmt: skip
    lines = [f"{name}: {value}, not {bar}" for name, value, bar in limits if bar is not None and value > bar]
    if found["recall"] < RECALL:
        lines.append(f"recall: {found['recall']}, not {RECALL}")
    return lines
