"""Figures of risk: drawdown and its times, the shape of daily returns and what they can lose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import empyrical
import numpy as np

from backend.analysis.arrays import DAY_US
from backend.analysis.figures import Reading, missing, reading
from backend.analysis.metrics.returns import DO_NOT_VARY, NO_LEVEL, NO_ROWS, cagr, moment, ratio_of_returns

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_NOISE = 1e-12  # a return that is this small is rounding
_NO_DRAWDOWN = "equity never fell below its peak"


def max_drawdown(frame: RunFrame) -> Reading:
    """Deepest fall from a peak, in percent of the peak."""
    depth = frame.equity.drawdown_pct
    if not len(depth):
        return missing(NO_ROWS)
    if not frame.equity.has_level or np.isnan(depth).all():
        return missing(NO_LEVEL)
    return reading(float(np.nanmin(depth)))


def max_drawdown_money(frame: RunFrame) -> Reading:
    """Deepest fall from a peak in money (not always the same fall as the deepest in percent)."""
    depth = frame.equity.drawdown_money
    return reading(float(depth.min())) if len(depth) else missing(NO_ROWS)


def _deepest(frame: RunFrame) -> tuple[int, int, int | None] | None:
    """Indices of (peak, trough, recovery) of the deepest drawdown; None where there is none."""
    curve = frame.equity
    depth = curve.drawdown_pct if curve.has_level else curve.drawdown_money
    if not len(depth) or not np.nanmin(depth, initial=0.0) < 0:
        return None
    trough = int(np.nanargmin(depth))
    # The last time the peak was touched: under water begins there.
    series, peak = curve.measured, curve.peak[trough]
    at_peak = np.flatnonzero(series[: trough + 1] >= peak)
    recovered = np.flatnonzero(series[trough:] >= peak)
    return int(at_peak[-1]) if len(at_peak) else 0, trough, trough + int(recovered[0]) if len(recovered) else None


def drawdown_peak(frame: RunFrame) -> Reading:
    """When the deepest drawdown began."""
    found = _deepest(frame)
    return reading(moment(frame.equity.at[found[0]])) if found else missing(_NO_DRAWDOWN)


def drawdown_trough(frame: RunFrame) -> Reading:
    """When the deepest drawdown was deepest."""
    found = _deepest(frame)
    return reading(moment(frame.equity.at[found[1]])) if found else missing(_NO_DRAWDOWN)


def drawdown_recovery(frame: RunFrame) -> Reading:
    """When equity was back at the peak the deepest drawdown fell from."""
    found = _deepest(frame)
    if found is None:
        return missing(_NO_DRAWDOWN)
    return (
        missing("not recovered by the end of the run")
        if found[2] is None
        else reading(moment(frame.equity.at[found[2]]))
    )


def time_under_water(frame: RunFrame) -> Reading:
    """Share of the run's time spent below the peak so far, in percent."""
    curve = frame.equity
    span = int(curve.at[-1] - curve.at[0]) if len(curve) else 0
    if not span:
        return missing("the run has no duration")
    below = curve.drawdown_money[:-1] < 0
    return reading(float(np.diff(curve.at)[below].sum()) / span * 100)


def longest_under_water(frame: RunFrame) -> Reading:
    """Longest time between two equity highs, in seconds, up to the end of the run if it was not recovered."""
    curve = frame.equity
    if not len(curve):
        return missing(NO_ROWS)
    highs = np.concatenate([curve.at[:1], curve.at[curve.drawdown_money >= 0], curve.at[-1:]])
    return reading(float(np.diff(highs).max()) / 1e6)


def ulcer_index(frame: RunFrame) -> Reading:
    """Root mean square of the daily drawdowns, in percent."""
    value = None
    if len(frame.equity.daily_returns):
        levels = np.concatenate([[frame.equity.start], frame.equity.daily_levels])
        depth = (levels / np.maximum.accumulate(levels) - 1)[1:] * 100
        value = float(np.sqrt(np.mean(depth**2)))
    return ratio_of_returns(frame, value, "no daily equity")


def calmar(frame: RunFrame) -> Reading:
    """CAGR over the size of the maximum drawdown."""
    growth, depth = cagr(frame), max_drawdown(frame)
    if not isinstance(growth.value, float):
        return growth
    # A fall of less than money is counted in is none.
    fell = frame.equity.drawdown_money.min(initial=0.0)
    if not isinstance(depth.value, float) or depth.value == 0 or -fell < frame.equity.least:
        return missing(_NO_DRAWDOWN)
    return reading(growth.value / abs(depth.value), low_sample=growth.low_sample)


def var_95(frame: RunFrame) -> Reading:
    """5th percentile of daily returns, in percent."""
    returns = frame.equity.returns
    value = empyrical.value_at_risk(returns, cutoff=0.05) * 100 if len(returns) else None
    return ratio_of_returns(frame, value, "no daily returns")


def cvar_95(frame: RunFrame) -> Reading:
    """Mean of the worst 5 % of daily returns, in percent."""
    returns = frame.equity.returns
    value = empyrical.conditional_value_at_risk(returns, cutoff=0.05) * 100 if len(returns) else None
    return ratio_of_returns(frame, value, "no daily returns")


def _moments(frame: RunFrame, power: int, least: int) -> tuple[float | None, str]:
    """A standardised moment of daily returns, with population deviation."""
    returns = frame.equity.returns
    if len(returns) < least:
        return None, f"fewer than {least} returns"
    spread = float(returns.std())
    if spread == 0 or not frame.equity.returns_vary:
        return None, DO_NOT_VARY
    return float(np.mean(((returns - returns.mean()) / spread) ** power)), ""


def skew(frame: RunFrame) -> Reading:
    """Skewness of daily returns."""
    value, why = _moments(frame, 3, 3)
    return ratio_of_returns(frame, value, why)


def kurtosis(frame: RunFrame) -> Reading:
    """Excess kurtosis of daily returns (0 for a normal distribution)."""
    value, why = _moments(frame, 4, 4)
    return ratio_of_returns(frame, None if value is None else value - 3, why)


def tail_ratio(frame: RunFrame) -> Reading:
    """95th over the size of the 5th percentile of daily returns."""
    returns = frame.equity.returns
    value = None
    if len(returns) > 1 and abs(np.percentile(returns, 5)) > _NOISE:
        value = empyrical.tail_ratio(returns)
    return ratio_of_returns(frame, value, "the 5th percentile of daily returns is zero")


def duration(frame: RunFrame) -> Reading:
    """Calendar days from the run's start to its end."""
    curve = frame.equity
    return reading(float(curve.at[-1] - curve.at[0]) / DAY_US) if len(curve) else missing(NO_ROWS)
