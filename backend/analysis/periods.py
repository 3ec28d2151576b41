"""Which stretches of time returns are of: days by convention, or what the run's own number of them a year says."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backend.analysis.arrays import DAY_US, HOUR_US, FloatArray, IntArray, day_of, month_of, weekday_of

Period = Literal["day", "week", "month", "quarter", "year", "hour", "part"]
WEEKDAYS_A_YEAR, DAYS_A_YEAR = 252, 365
_WEEKDAYS, _DAYS = range(200, 300), range(300, 401)
_BY_CALENDAR: dict[int, Period] = {1: "year", 4: "quarter", 12: "month", 52: "week", 53: "week"}
_HOURS = range(8_700, 8_801)
_YEAR_US = round(365.25 * DAY_US)
_FIRST_MONDAY = 3  # days from Thursday, 1 January 1970, back to a Monday
WORDS: dict[Period, str] = {
    "day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly", "hour": "hourly",
    "part": "periodic",
}  # fmt: skip


def convention(periods_per_year: int | None, *, weekend: bool) -> tuple[int, Period, bool]:
    """(periods a year, what one of them is, whether Saturdays and Sundays are days of their own).

    Without a number of the run's own: weekdays, 252 a year; every day, 365 a year, where the run trades on weekends.
    200 to 299 a year are weekdays, 300 to 400 are calendar days; 1, 4, 12, 52 and 8,760 are years, quarters, months,
    weeks and hours; any other number cuts the year in so many equal parts.
    """
    if not periods_per_year:
        return (DAYS_A_YEAR, "day", True) if weekend else (WEEKDAYS_A_YEAR, "day", False)
    if periods_per_year in _WEEKDAYS:
        return periods_per_year, "day", False
    if periods_per_year in _DAYS:
        return periods_per_year, "day", True
    period = _BY_CALENDAR.get(periods_per_year, "hour" if periods_per_year in _HOURS else "part")
    return periods_per_year, period, weekend


def daily_values(at: IntArray, value: FloatArray, *, every_day: bool) -> tuple[IntArray, FloatArray]:
    """(days since the epoch, the last value of each UTC day from the first to the last), carried over days without."""
    if not len(at):
        return np.empty(0, dtype=np.int64), np.empty(0)
    days = np.arange(day_of(at[:1])[0], day_of(at[-1:])[0] + 1, dtype=np.int64)
    if not every_day:
        working = days[weekday_of(days * DAY_US) < 5]
        days = working if len(working) else days[-1:]
    last = np.searchsorted(at, (days + 1) * DAY_US, side="left") - 1
    # A run that ends on a weekend it did not trade on still ends where it ends.
    last[-1] = len(at) - 1
    return days, value[np.maximum(last, 0)]


def period_values(at: IntArray, value: FloatArray, period: Period, periods_per_year: int) -> FloatArray:
    """The last value of each period from the first to the last, carried over those without one; for all but days."""
    if not len(at):
        return np.empty(0)
    number = _number(at, period, periods_per_year)
    numbers = np.arange(number[0], number[-1] + 1)
    closes: FloatArray = value[np.searchsorted(number, numbers, side="right") - 1]
    return closes


def _number(at: IntArray, period: Period, periods_per_year: int) -> IntArray:
    """The place of each moment's period in a count of all since 1970."""
    if period == "week":
        return np.floor_divide(day_of(at) + _FIRST_MONDAY, 7)
    if period == "hour":
        return np.floor_divide(at, HOUR_US)
    months = {"month": 1, "quarter": 3, "year": 12}
    if period in months:
        return month_of(at) // months[period]
    return np.floor_divide(at, max(_YEAR_US // periods_per_year, 1))


def simple_returns(start: float, closes: FloatArray) -> FloatArray:
    """Returns of consecutive closes, the first against `start`; empty once one of them is zero or below."""
    levels = np.concatenate([[start], closes])
    if len(closes) == 0 or (levels <= 0).any():
        return np.empty(0)
    returns: FloatArray = levels[1:] / levels[:-1] - 1.0
    return returns


def vary(returns: FloatArray, levels: FloatArray, least: float) -> bool:
    """Whether returns differ by more than rounding: of numbers, or of the money they come from.

    `levels` is the equity each return is of, `least` half the smallest amount that money is counted in.
    """
    if len(returns) < 2:
        return False
    apart = np.abs(returns - returns.mean())
    if float(apart.max()) <= 1e-9 * float(np.abs(returns).max()):
        return False
    return bool((apart * levels > least * (1 + 1e-6)).any())
