"""How the figures moved during the run: over the trades closed last, and over the days that ended last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import DAY_US, FloatArray, IntArray, clean, to_datetime
from backend.analysis.breakdown import money
from backend.analysis.equity_points import extremes
from backend.analysis.metrics import METRICS
from backend.analysis.metrics.returns import why_no_returns
from backend.analysis.metrics.trades import NO_TRADES
from backend.analysis.periods import vary

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

MIN_TRADES, MAX_TRADES = 5, 10_000
MIN_DAYS, MAX_DAYS = 20, 1_000
DAY_WINDOWS = (63, 126, 252)
BASIS = (
    "each point is of the closed trades (in order of closing) or of the daily returns that end with it, as many as the "
    "window says; null where a figure is undefined over its window, or where equity does not vary"
)
_TRADE_WINDOWS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_TRADE_FIGURES = ("win_rate", "expectancy", "profit_factor")
_DEFINITIONS = {metric.name: metric.definition for metric in METRICS if metric.name in (*_TRADE_FIGURES, "sharpe")}


class RollingTrades(BaseModel):
    """The `window` trades that end with the one closed at `t`; `since` is when the first of them was closed.

    `win_rate` in percent, `expectancy` in money; None where no trade of the window was decided, or none lost.
    """

    t: datetime
    since: datetime
    trade_id: int
    win_rate: float | None
    expectancy: float
    profit_factor: float | None


class RollingReturns(BaseModel):
    """Annualised Sharpe ratio of the daily returns that end with the day `t` (its beginning, UTC)."""

    t: datetime
    since: datetime
    sharpe: float | None


class ByTrades(BaseModel):
    """`count` closed trades in all; `windows` are worth choosing. `why` says why there are no points."""

    count: int
    window: int
    windows: list[int]
    points: list[RollingTrades]
    why: str | None = None


class ByDays(BaseModel):
    """`count` daily returns in all, of which `periods_per_year` make a year."""

    count: int
    window: int
    windows: list[int]
    periods_per_year: int
    points: list[RollingReturns]
    why: str | None = None


class Rolling(BaseModel):
    """Rolling statistics of one run, few enough to draw."""

    kind: Literal["rolling"] = "rolling"
    currency: str
    trades: ByTrades
    days: ByDays
    definitions: dict[str, str] = _DEFINITIONS
    basis: str = BASIS


def rolling(frame: RunFrame, window: int | None = None, days: int = DAY_WINDOWS[0], points: int = 400) -> Rolling:
    """Win rate, expectancy and profit factor over `window` trades (None: about a tenth of them), Sharpe over `days`.

    At most about `points` points each: the first, the last, and the highest and lowest of each stretch.
    """
    return Rolling(
        currency=frame.facts.currency, trades=_by_trades(frame, window, points), days=_by_days(frame, days, points)
    )


def default_window(count: int) -> int:
    """About a tenth of so many trades, in round numbers."""
    return max((size for size in _TRADE_WINDOWS if size <= count / 10), default=_TRADE_WINDOWS[0])


def _by_trades(frame: RunFrame, window: int | None, points: int) -> ByTrades:
    t = frame.trades
    order = t.closed_in_order
    count = len(order)
    size = min(max(window or default_window(count), MIN_TRADES), MAX_TRADES)
    usual = _TRADE_WINDOWS.index(default_window(count))
    offered = [each for each in _TRADE_WINDOWS[max(usual - 1, 0) : usual + 3] if each < count]
    shell = ByTrades(count=count, window=size, windows=offered, points=[])
    if count <= size:
        why = f"a window of {size} needs more than {size} closed trades; the run has {count}" if count else NO_TRADES
        return shell.model_copy(update={"why": why})
    result, at = t.result[order], t.closed_at[order]
    columns = [t.net_pnl[order], *(part.astype(np.float64) for part in (result > 0, result != 0))]
    columns += [np.maximum(result, 0), -np.minimum(result, 0)]
    made, wins, decided, won, lost = (_near(column, size) for column in columns)
    ends = _kept([_ratio(wins, decided), made, _ratio(won, lost)], points) + size - 1
    made, wins, decided, won, lost = (_sums(column, ends, size) for column in columns)
    win_rate, profit_factor = _ratio(wins * 100, decided), _ratio(won, lost)
    return shell.model_copy(
        update={
            "points": [
                RollingTrades(
                    t=to_datetime(at[end]),
                    since=to_datetime(at[end - size + 1]),
                    trade_id=int(t.trade_id[order[end]]),
                    win_rate=clean(win_rate[i], 6),
                    expectancy=money(made[i] / size) or 0.0,
                    profit_factor=clean(profit_factor[i], 6),
                )
                for i, end in enumerate(ends.tolist())
            ]
        }
    )


def _by_days(frame: RunFrame, size: int, points: int) -> ByDays:
    curve = frame.equity
    returns, (days, _), periods = curve.daily_returns, curve.daily, curve.days_per_year
    count = len(returns)
    offered = [each for each in DAY_WINDOWS if each < count]
    shell = ByDays(count=count, window=size, windows=offered, periods_per_year=periods, points=[])
    if count <= size:
        short = f"a window of {size} needs more than {size} daily returns; the run has {count}"
        return shell.model_copy(update={"why": short if count else why_no_returns(frame)})
    total, squares = _near(returns, size), _near(returns**2, size)
    spread = np.sqrt(np.maximum(squares - total**2 / size, 0.0))
    ends = _kept([_ratio(total, spread)], points) + size - 1
    part = returns[ends[:, np.newaxis] + np.arange(1 - size, 1)]
    levels = np.concatenate([[curve.start], curve.daily_levels[:-1]])
    varies = [vary(part[i], levels[end - size + 1 : end + 1], curve.least) for i, end in enumerate(ends.tolist())]
    ratios = _ratio(part.mean(axis=1), np.where(varies, part.std(axis=1, ddof=1), 0.0)) * math.sqrt(periods)
    return shell.model_copy(
        update={
            "points": [
                RollingReturns(
                    t=to_datetime(days[end] * DAY_US),
                    since=to_datetime(days[end - size + 1] * DAY_US),
                    sharpe=clean(ratios[i], 6),
                )
                for i, end in enumerate(ends.tolist())
            ]
        }
    )


def _near(values: FloatArray, size: int) -> FloatArray:
    """Sum of each window by differences: quick, and good enough to choose points by."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    sums: FloatArray = total[size:] - total[:-size]
    return sums


def _sums(values: FloatArray, ends: IntArray, size: int) -> FloatArray:
    """Sums of the windows that end so, each summed by itself: what is shown has no other window's rounding in it."""
    bounds = np.stack([ends - size + 1, ends + 1], axis=1).ravel()
    sums: FloatArray = np.add.reduceat(np.append(values, 0.0), bounds)[::2]
    return sums


def _ratio(over: FloatArray, under: FloatArray) -> FloatArray:
    """One over the other, NaN where that is not above zero."""
    quotient: FloatArray = np.divide(over, under, out=np.full(len(over), np.nan), where=under > 0)
    return quotient


def _kept(series: Sequence[FloatArray], points: int) -> IntArray:
    """Which windows are drawn: the first, the last, and the extremes of each series in each stretch."""
    share = max(points // len(series), 4)
    chosen = [extremes(np.nan_to_num(values, posinf=0.0, neginf=0.0), share) for values in series]
    return np.unique(np.concatenate(chosen))
