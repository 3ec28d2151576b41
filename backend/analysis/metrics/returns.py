"""Figures of the equity curve: what the run made, how evenly, and in which days and months."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import empyrical
import numpy as np

from backend.analysis.arrays import DAY_US, FloatArray, month_of, to_datetime
from backend.analysis.figures import Reading, missing, reading

if TYPE_CHECKING:
    from backend.analysis.equity import EquityCurve
    from backend.analysis.frame import RunFrame

_NOISE = 1e-12  # a return that is this small is rounding
LOW_SAMPLE = 20  # returns; fewer are enough for a figure but not for trusting it
_YEAR_DAYS = 365.25
NO_LEVEL = "the run's initial cash is not known, so there is no level to measure a percentage against"
NO_ROWS = "the run has no positions"
RUINED = "equity fell to zero or below, so returns are not defined"
DO_NOT_VARY = "the returns do not vary by more than rounding"


def why_no_returns(frame: RunFrame) -> str:
    """Why there are too few daily returns for a ratio."""
    curve = frame.equity
    if not len(curve):
        return NO_ROWS
    if not curve.has_level:
        return NO_LEVEL
    if curve.ruined:
        return RUINED
    return "fewer than 2 returns"


def ratio_of_returns(frame: RunFrame, value: Any, otherwise: str) -> Reading:
    """A figure of returns: None with fewer than 2, marked as a low sample with fewer than 20."""
    count = len(frame.equity.returns)
    if count < 2:
        return missing(why_no_returns(frame))
    if value is None or not np.isfinite(value):
        return missing(otherwise)
    return reading(float(value), low_sample=count < LOW_SAMPLE)


def initial_cash(frame: RunFrame) -> Reading:
    """What the run started with, in money."""
    held = frame.facts.initial_cash
    return reading(held) if held is not None else missing("the run's file does not say what it started with")


def final_cash(frame: RunFrame) -> Reading:
    """Cash after the last row whose source states it, in money."""
    stated = np.flatnonzero(~np.isnan(frame.positions.cash))
    if not len(stated):
        return missing("the run's file does not state the cash that is held")
    return reading(float(frame.positions.cash[stated[-1]]))


def final_equity(frame: RunFrame) -> Reading:
    """Equity at the end, in money."""
    curve = frame.equity
    if not len(curve):
        return missing(NO_ROWS)
    return reading(curve.value[-1]) if curve.has_level else missing(NO_LEVEL)


def total_return(frame: RunFrame) -> Reading:
    """Final over starting equity, less one, in percent."""
    curve = frame.equity
    if not len(curve):
        return missing(NO_ROWS)
    if not curve.has_level or curve.start <= 0:
        return missing(NO_LEVEL)
    if curve.flows is not None and curve.ruined:
        return missing(RUINED)
    return reading((curve.level[-1] / curve.start - 1) * 100)


def cagr(frame: RunFrame) -> Reading:
    """Compound annual growth, in percent."""
    curve, total = frame.equity, total_return(frame)
    if total.value is None:
        return total
    years = (curve.at[-1] - curve.at[0]) / DAY_US / _YEAR_DAYS
    if years * _YEAR_DAYS < 1:
        return missing("the run lasted less than a day")
    if curve.ruined:
        return missing(RUINED)
    with np.errstate(over="ignore"):
        growth = np.power(curve.level[-1] / curve.start, 1 / years) - 1
    return reading(float(growth) * 100, low_sample=len(curve.returns) < LOW_SAMPLE)


def volatility(frame: RunFrame) -> Reading:
    """Annualised standard deviation of returns, in percent; nought where they don't vary by more than rounding."""
    returns, periods = frame.equity.returns, frame.equity.periods_per_year
    value = None
    if len(returns) > 1:
        varies = frame.equity.returns_vary
        value = empyrical.annual_volatility(returns, annualization=periods) * 100 if varies else 0.0
    return ratio_of_returns(frame, value, "the returns have no standard deviation")


def sharpe(frame: RunFrame) -> Reading:
    """Annualised Sharpe ratio, risk-free rate 0."""
    return ratio_of_returns(frame, sharpe_of(frame.equity), DO_NOT_VARY)


def sharpe_of(curve: EquityCurve) -> float | None:
    """Mean over sample standard deviation of a curve's returns, annualised; None where they do not vary."""
    if not curve.returns_vary:
        return None
    value = float(empyrical.sharpe_ratio(curve.returns, risk_free=0.0, annualization=curve.periods_per_year))
    return value if np.isfinite(value) else None


def sortino(frame: RunFrame) -> Reading:
    """Annualised Sortino ratio, required return 0."""
    returns, value = frame.equity.returns, None
    if len(returns) > 1 and not frame.equity.returns_vary:
        return ratio_of_returns(frame, None, DO_NOT_VARY)
    if len(returns) > 1 and (returns < -_NOISE).any():
        value = empyrical.sortino_ratio(returns, annualization=frame.equity.periods_per_year)
    return ratio_of_returns(frame, value, "no period lost, so there is no downside deviation")


def best_day(frame: RunFrame) -> Reading:
    """Highest daily return, in percent."""
    returns = frame.equity.daily_returns
    return reading(returns.max() * 100) if len(returns) else missing(why_no_returns(frame))


def worst_day(frame: RunFrame) -> Reading:
    """Lowest daily return, in percent."""
    returns = frame.equity.daily_returns
    return reading(returns.min() * 100) if len(returns) else missing(why_no_returns(frame))


def _monthly_returns(frame: RunFrame) -> FloatArray:
    days, closes = frame.equity.daily[0], frame.equity.daily_levels
    if not len(frame.equity.daily_returns):
        return np.empty(0)
    months = month_of(days * DAY_US)
    ends = closes[np.append(months[1:] != months[:-1], True)]
    monthly: FloatArray = ends / np.concatenate([[frame.equity.start], ends[:-1]]) - 1
    return monthly


def best_month(frame: RunFrame) -> Reading:
    """Highest return of a calendar month (the first and last may be parts), in percent."""
    returns = _monthly_returns(frame)
    return reading(returns.max() * 100) if len(returns) else missing(why_no_returns(frame))


def worst_month(frame: RunFrame) -> Reading:
    """Lowest return of a calendar month (the first and last may be parts), in percent."""
    returns = _monthly_returns(frame)
    return reading(returns.min() * 100) if len(returns) else missing(why_no_returns(frame))


def moment(at_us: int) -> str:
    """A time as figures show it."""
    return to_datetime(at_us).isoformat().replace("+00:00", "Z")
