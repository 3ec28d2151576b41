"""Figures of how much was at work, and of holding what was traded instead of trading it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backend.analysis.arrays import IntArray, group_starts
from backend.analysis.figures import Reading, missing, reading
from backend.analysis.metrics.returns import NO_LEVEL, total_return
from backend.analysis.metrics.trades import NO_TRADES
from backend.analysis.trades import fill_values

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame


def exposure(frame: RunFrame) -> Reading:
    """Share of the run's time with at least one trade open, in percent."""
    trades, curve = frame.trades, frame.equity
    span = int(curve.at[-1] - curve.at[0]) if len(curve) else 0
    if not span:
        return missing("the run has no duration")
    if not len(trades):
        return reading(0.0)
    order = np.argsort(trades.opened_at, kind="stable")
    opened, closed = trades.opened_at[order], np.maximum.accumulate(trades.closed_at[order])
    covered_until = np.concatenate([opened[:1], closed[:-1]])
    at_work = np.maximum(0, closed - np.maximum(opened, covered_until)).sum()
    return reading(min(100.0, float(at_work) / span * 100))


def traded_value(frame: RunFrame) -> Reading:
    """Value of all fills: price × quantity × multiplier (÷ price for inverse contracts), in money."""
    p, facts = frame.positions, frame.facts
    fills = p.action < 4
    return reading(float(np.nansum(fill_values(p, facts.multipliers, facts.inverse)[fills])))


def turnover(frame: RunFrame) -> Reading:
    """Traded value over average equity."""
    curve, traded = frame.equity, traded_value(frame)
    if not curve.has_level or not len(curve):
        return missing(NO_LEVEL)
    average = float(curve.daily[1].mean())
    if average <= 0 or not isinstance(traded.value, float):
        return missing("average equity is not above zero")
    return reading(traded.value / average)


def max_open_trades(frame: RunFrame) -> Reading:
    """Most positions open at one time."""
    if not len(frame.trades):
        return missing(NO_TRADES)
    opened, closed = _position_spans(frame)
    at = np.concatenate([opened, closed])
    step = np.repeat([1, -1], len(opened))
    # Within one instant closings come first, so that a trade handed over is not counted twice.
    running = np.cumsum(step[np.lexsort((step, at))])
    return reading(max(int(running.max()), 1))


def _position_spans(frame: RunFrame) -> tuple[IntArray, IntArray]:
    """When each position was opened and closed; trades that are parts of one position are one.

    Parts are what a source closes bit by bit and lists bit by bit (one symbol, side, moment and price of entry), and
    without `trade_ref` all of a symbol whose times overlap: what is closed of it and what is still open.
    """
    t = frame.trades
    netted = t.ref < 0
    price, _ = pd.factorize(t.entry_price)
    first = np.where(netted, -1, t.opened_at)
    keys = np.stack([netted.astype(np.int64), t.symbol, np.where(netted, 0, t.side), first, np.where(netted, 0, price)])
    order = np.lexsort((t.opened_at, *keys[::-1]))
    opened, closed = t.opened_at[order], t.closed_at[order]
    new_key = group_starts(*keys[:, order])
    # The latest closing so far within the key: later keys are lifted above all that came before.
    group = np.cumsum(new_key) - 1
    base = opened.min()
    lift = group * (int(closed.max()) - int(base) + 1)
    latest = np.maximum.accumulate(closed - base + lift) - lift + base
    starts = new_key.copy()
    starts[1:] |= opened[1:] >= latest[:-1]
    places = np.flatnonzero(starts)
    return opened[places], np.maximum.reduceat(closed, places)


def benchmark_return(frame: RunFrame) -> Reading:
    """Buy and hold of what was traded, in percent."""
    p = frame.positions
    priced = np.flatnonzero(~np.isnan(p.price) & (p.price > 0))
    priced = priced[np.lexsort((p.seq[priced], p.ts[priced]))]
    traded = np.unique(p.symbol[p.action < 4])
    if not len(traded):
        return missing("nothing was traded")
    first, last = np.full(len(p.symbols), np.nan), np.full(len(p.symbols), np.nan)
    last[p.symbol[priced]] = p.price[priced]
    first[p.symbol[priced[::-1]]] = p.price[priced[::-1]]
    growth = last[traded] / first[traded] - 1
    growth = growth[~np.isnan(growth)]
    return reading(float(growth.mean()) * 100) if len(growth) else missing("no prices")


def excess_return(frame: RunFrame) -> Reading:
    """Total return less buy and hold, in percentage points."""
    own, held = total_return(frame), benchmark_return(frame)
    if not isinstance(own.value, float):
        return own
    return reading(own.value - held.value) if isinstance(held.value, float) else held
