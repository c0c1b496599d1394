"""The values of a frame's column in plain Python, by what the column holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .columns import Column, Kind

COPENHAGEN = "Europe/Copenhagen"
_TEXTS = {str, type(None)}


def integers(series: pd.Series[Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any] | None]:
    """The whole numbers of a series and, where some are missing, the mask of those; refuses fractions."""
    if series.dtype == np.int64:
        return series.to_numpy(), None
    nullable = series.astype("Int64")
    missing = nullable.isna().to_numpy()
    whole = nullable.fillna(0).to_numpy(dtype=np.int64)
    return whole, missing if missing.any() else None


def instants(series: pd.Series[Any], kind: Kind) -> pd.Series[Any]:
    """Days as they are, instants on a Danish clock to the second; both without a time zone."""
    if kind is Kind.DATE:
        if series.dtype == object:
            return pd.Series(np.array(series.to_list(), dtype="datetime64[s]"))
        return series
    aware = pd.to_datetime(series, utc=True) if series.dtype == object else series
    return aware.dt.tz_convert(COPENHAGEN).dt.tz_localize(None).dt.floor("s")


def texts(series: pd.Series[Any], column: Column) -> list[str | None]:
    """The texts of a column, choices in words, None where missing."""
    values: list[Any] = series.to_list()
    if column.kind is Kind.CHOICE and column.choices:
        words = {str(key): str(word) for key, word in column.choices.items()}
        return [None if is_absent(value) else words.get(str(value), str(value)) for value in values]
    if series.dtype != object or not {*map(type, values)} <= _TEXTS:
        return [None if is_absent(value) else str(value) for value in values]
    return values


def is_absent(value: Any) -> bool:
    """Whether a frame's value stands for nothing: None, NaN, NaT or NA."""
    return value is None or value is pd.NA or value != value
