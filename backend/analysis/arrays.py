"""Array types, grouped running sums and UTC calendar parts shared by the analysis modules.

Times are int64 microseconds since the epoch, UTC. Grouped functions keep the order of their input.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
ObjectArray = npt.NDArray[np.object_]

MICROSECONDS = 1_000_000
HOUR_US = 3_600 * MICROSECONDS
DAY_US = 86_400 * MICROSECONDS
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def grouped_cumsum(values: FloatArray, groups: IntArray) -> FloatArray:
    """Running sum within each group, compensated for rounding."""
    running: FloatArray = np.asarray(pd.Series(values).groupby(groups, sort=False).cumsum(), dtype=np.float64)
    return running


def grouped_cummin(values: FloatArray, groups: IntArray) -> FloatArray:
    """Running minimum within each group."""
    lowest: FloatArray = np.asarray(pd.Series(values).groupby(groups, sort=False).cummin(), dtype=np.float64)
    return lowest


def sum_by(groups: IntArray, weights: FloatArray, count: int) -> FloatArray:
    """Sum of the weights of each group 0 … count−1."""
    return np.bincount(groups, weights=weights, minlength=count).astype(np.float64)


def group_starts(*keys: npt.NDArray[Any]) -> BoolArray:
    """True where any key differs from the row before; the first row always starts a group."""
    starts = np.ones(len(keys[0]), dtype=np.bool_)
    if len(starts) > 1:
        changed = keys[0][1:] != keys[0][:-1]
        for key in keys[1:]:
            changed = changed | (key[1:] != key[:-1])
        starts[1:] = changed
    return starts


def weightiest(values: FloatArray, most: int) -> IntArray:
    """Places of the `most` values that are largest by size, the first of equals first; NaN comes last.

    What a stable sort of all begins with, without sorting all.
    """
    falling = -np.abs(values)
    places = np.arange(len(values))
    if 0 < most < len(values):
        last = np.partition(falling, most - 1)[most - 1]
        if not np.isnan(last):
            places = np.flatnonzero(falling <= last)
    return places[np.argsort(falling[places], kind="stable")][:most]


def day_of(moments_us: IntArray) -> IntArray:
    """Days since the epoch (UTC)."""
    return np.floor_divide(moments_us, DAY_US)


def hour_of(moments_us: IntArray) -> IntArray:
    """Hour of the UTC day, 0–23."""
    return np.floor_divide(np.mod(moments_us, DAY_US), HOUR_US)


def weekday_of(moments_us: IntArray) -> IntArray:
    """Day of the week, Monday = 0."""
    return np.mod(day_of(moments_us) + 3, 7)


def month_of(moments_us: IntArray) -> IntArray:
    """Months since January 1970."""
    return moments_us.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)


def to_datetime(moment_us: int) -> datetime:
    """The moment as a timezone-aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=int(moment_us))


def to_microseconds(moment: datetime) -> int:
    """Microseconds since the epoch; a datetime without zone is read as UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def clean(value: float | np.floating[Any] | None, digits: int = 10) -> float | None:
    """A plain float without the noise of binary sums, or None for what is missing or not finite."""
    if value is None:
        return None
    number = float(value)
    if not np.isfinite(number):
        return None
    rounded = round(number, digits)
    return rounded + 0.0  # −0.0 becomes 0.0
