"""The run's equity over time, its drawdown and its daily returns.

The basis is the source's own equity, else cash + holdings at the last known prices, else initial cash + cumulative net
P&L of the trades (open trades marked at the end). The basis is named in every result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import (
    DAY_US,
    BoolArray,
    FloatArray,
    IntArray,
    clean,
    day_of,
    to_datetime,
    to_microseconds,
    weekday_of,
)

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame
    from backend.analysis.positions import Positions, RunFacts
    from backend.analysis.trades import Trades

Basis = Literal["source", "holdings", "cumulative_pnl"]
BASIS_WORDS: dict[Basis, str] = {
    "source": "equity as the source file states it",
    "holdings": "cash plus holdings at the last price known at each moment",
    "cumulative_pnl": "initial cash plus the net P&L of the trades closed so far; open trades are marked at the end",
}
_CHUNK = 500_000  # holdings looked up at a time: bounds memory, not results


@dataclass(frozen=True)
class EquityCurve:
    """Equity in money after each moment that says something of it, in order of time.

    `at` in microseconds. `has_level` is false where no starting capital is known: `value` is then P&L since the start,
    and no return or percentage can be had from it. `start` is the equity the run began with.
    """

    at: IntArray
    value: FloatArray
    basis: Basis
    has_level: bool
    start: float
    periods_per_year: int
    every_day: bool
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def peak(self) -> FloatArray:
        """Highest equity so far."""
        return np.maximum.accumulate(self.value) if len(self.value) else self.value

    @cached_property
    def drawdown_money(self) -> FloatArray:
        """Equity less its peak so far, ≤ 0."""
        return self.value - self.peak

    @cached_property
    def drawdown_pct(self) -> FloatArray:
        """Drawdown in percent of the peak so far, ≤ 0; NaN where there is no positive peak."""
        blank = np.full(len(self.value), np.nan)
        if not self.has_level:
            return blank
        depth: FloatArray = np.divide(self.drawdown_money * 100, self.peak, out=blank, where=self.peak > 0)
        return depth

    @cached_property
    def daily(self) -> tuple[IntArray, FloatArray]:
        """(days since the epoch, last equity of each day); days without data carry the last value.

        Weekends are left out unless the run trades on them.
        """
        return daily_values(self.at, self.value, every_day=self.every_day)

    @cached_property
    def returns(self) -> FloatArray:
        """Daily returns as ratios, the first against the equity the run began with; empty where undefined."""
        if not self.has_level:
            return np.empty(0)
        return daily_returns(self.start, self.daily[1])


def daily_values(at: IntArray, value: FloatArray, *, every_day: bool) -> tuple[IntArray, FloatArray]:
    """The last value of each UTC day from the first to the last, carried over days without one."""
    if not len(at):
        return np.empty(0, dtype=np.int64), np.empty(0)
    days = np.arange(day_of(at[:1])[0], day_of(at[-1:])[0] + 1, dtype=np.int64)
    if not every_day:
        working = days[weekday_of(days * DAY_US) < 5]
        days = working if len(working) else days[-1:]
    last = np.searchsorted(at, (days + 1) * DAY_US, side="left") - 1
    # A run that ends on a weekend it did not trade on still ends where it ends.
    last[-1] = len(at) - 1
    return days, value[last]


def daily_returns(start: float, closes: FloatArray) -> FloatArray:
    """Simple returns of consecutive closes, the first against `start`; empty once equity is zero or below."""
    levels = np.concatenate([[start], closes])
    if len(closes) == 0 or (levels <= 0).any():
        return np.empty(0)
    returns: FloatArray = levels[1:] / levels[:-1] - 1.0
    return returns


def build_equity(facts: RunFacts, positions: Positions, trades: Trades) -> EquityCurve:
    """Make the equity curve on the best basis the positions allow."""
    warnings: tuple[str, ...] = ()
    known = ~np.isnan(positions.equity)
    has_snapshots = (positions.holdings != None).any() and (~np.isnan(positions.cash)).any()  # noqa: E711
    basis: Basis
    if known.any():
        basis, at, value = "source", positions.ts[known], positions.equity[known]
    elif has_snapshots:
        basis = "holdings"
        at, value, warnings = _from_holdings(facts, positions)
    else:
        basis = "cumulative_pnl"
        at, value = _from_trades(facts, positions, trades)
    order = np.argsort(at, kind="stable")
    at, value = at[order], value[order]
    has_level = basis != "cumulative_pnl" or facts.initial_cash is not None
    start = facts.initial_cash if facts.initial_cash is not None else float(value[0]) if len(value) else 0.0
    began, ended = _span(facts, positions)
    if began is not None and (facts.initial_cash is not None or not has_level):
        at, value = np.concatenate([[began], at]), np.concatenate([[start], value])
    if len(at) and ended is not None and ended > at[-1]:
        at, value = np.concatenate([at, [ended]]), np.concatenate([value, value[-1:]])
    periods, every_day = _periods(facts, positions)
    return EquityCurve(
        at=at.astype(np.int64),
        value=value.astype(np.float64),
        basis=basis,
        has_level=has_level,
        start=start,
        periods_per_year=periods,
        every_day=every_day,
        warnings=warnings,
    )


def _span(facts: RunFacts, positions: Positions) -> tuple[int | None, int | None]:
    """When the run began and ended: what its facts say, if that does not contradict its rows."""
    if not len(positions):
        return None, None
    first, last = int(positions.ts.min()), int(positions.ts.max())
    began = min(first, to_microseconds(facts.started_at)) if facts.started_at else first
    ended = max(last, to_microseconds(facts.ended_at)) if facts.ended_at else last
    return began, ended


def _periods(facts: RunFacts, positions: Positions) -> tuple[int, bool]:
    """(periods a year, whether weekends count)."""
    weekend = bool((weekday_of(positions.ts[positions.action < 4]) >= 5).any())
    if facts.periods_per_year:
        return facts.periods_per_year, weekend or facts.periods_per_year >= 300
    return (365, True) if weekend else (252, False)


def _from_trades(facts: RunFacts, positions: Positions, trades: Trades) -> tuple[IntArray, FloatArray]:
    closed = trades.closed_in_order
    at = trades.closed_at[closed]
    value = (facts.initial_cash or 0.0) + np.cumsum(trades.net_pnl[closed])
    open_pnl = float(trades.net_pnl[trades.open].sum()) - trades.unallocated_costs
    if open_pnl and len(positions):
        end = float(value[-1]) if len(value) else facts.initial_cash or 0.0
        at, value = np.append(at, positions.ts.max()), np.append(value, end + open_pnl)
    return at, value


def _from_holdings(facts: RunFacts, p: Positions) -> tuple[IntArray, FloatArray, tuple[str, ...]]:
    """Cash plus marked holdings at each row; rows without a snapshot of their own carry the last one."""
    order = np.lexsort((p.seq, p.ts))
    prices = _PriceBook(p, order)
    has_snapshot: BoolArray = np.array([isinstance(held, dict) for held in p.holdings[order]])
    snapshots = p.holdings[order][has_snapshot]
    sizes = np.fromiter(map(len, snapshots), dtype=np.int64, count=len(snapshots))
    codes = {name: code for code, name in enumerate(p.symbols)}
    names = chain.from_iterable(snapshots)
    symbol = np.fromiter((codes.get(str(name), -1) for name in names), dtype=np.int64, count=int(sizes.sum()))
    amounts = chain.from_iterable(held.values() for held in snapshots)
    amount = np.fromiter((float(held or 0) for held in amounts), dtype=np.float64, count=len(symbol))
    multiplier = np.array([float(facts.multipliers.get(name, 1.0)) for name in p.symbols] or [1.0])
    cash = _carried(p.cash[order])
    snapshot_of_row = np.cumsum(has_snapshot) - 1
    rows = np.flatnonzero((snapshot_of_row >= 0) & ~np.isnan(cash))
    value = cash[rows] + _marked(prices, rows, snapshot_of_row[rows], sizes, symbol, amount, multiplier)
    good = ~np.isnan(value)
    warnings: tuple[str, ...] = ()
    if not good.all():
        missing = int((~good).sum())
        warnings = (f"{missing} rows hold something no row has priced yet; they are left out of the equity curve.",)
    return p.ts[order][rows][good], value[good], warnings


def _marked(
    prices: _PriceBook,
    rows: IntArray,
    snapshot: IntArray,
    sizes: IntArray,
    symbol: IntArray,
    amount: FloatArray,
    multiplier: FloatArray,
) -> FloatArray:
    """Value of what is held at each row, looked up in chunks so that memory stays bounded."""
    begins = np.cumsum(sizes) - sizes
    value = np.zeros(len(rows))
    counts = sizes[snapshot]
    ends = np.cumsum(counts)
    first = 0
    while first < len(rows):
        done = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + _CHUNK, side="right")))
        many = counts[first:last]
        owner = np.repeat(np.arange(len(many)), many)
        offset = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
        entry = np.repeat(begins[snapshot[first:last]], many) + offset
        held = np.flatnonzero(amount[entry] != 0)
        entry, owner = entry[held], owner[held]
        price = prices.at(symbol[entry], rows[first:last][owner])
        worth = amount[entry] * price * multiplier[np.maximum(symbol[entry], 0)]
        value[first:last] = np.bincount(owner, weights=worth, minlength=len(many))
        first = last
    return value


class _PriceBook:
    """The last price of a symbol at or before a row."""

    def __init__(self, p: Positions, order: IntArray) -> None:
        self._rows = max(len(order), 1)
        priced = np.flatnonzero(~np.isnan(p.price[order]))
        key = p.symbol[order][priced] * self._rows + priced
        by_key = np.argsort(key)
        self._key, self._price = key[by_key], p.price[order][priced][by_key]

    def at(self, symbol: IntArray, row: IntArray) -> FloatArray:
        """Prices, NaN where the symbol has had none so far (or is not known: −1)."""
        found = np.searchsorted(self._key, symbol * self._rows + row, side="right") - 1
        hit = (found >= 0) & (symbol >= 0)
        hit[hit] = self._key[found[hit]] // self._rows == symbol[hit]
        return np.where(hit, self._price[np.maximum(found, 0)] if len(self._price) else np.nan, np.nan)


def _carried(values: FloatArray) -> FloatArray:
    """Each value, or the last one before it."""
    source = np.where(np.isnan(values), -1, np.arange(len(values)))
    last = np.maximum.accumulate(source) if len(source) else source
    return np.where(last >= 0, values[np.maximum(last, 0)], np.nan)


class EquityPoint(BaseModel):
    """Equity at one moment; `drawdown` in percent of the peak so far."""

    t: datetime
    equity: float
    drawdown: float | None


class EquitySeries(BaseModel):
    """An equity curve small enough to draw; `total_points` is how many it was made from."""

    points: list[EquityPoint]
    basis: Basis
    total_points: int


def equity_points(
    frame: RunFrame, points: int = 500, *, since: datetime | None = None, until: datetime | None = None
) -> EquitySeries:
    """The curve in at most about `points` points: first, last, and the lowest and highest of each stretch.

    With `since` or `until` the part between them, finer, with the points next to it, so that a line drawn of it
    reaches its edges. Drawdown is of the whole run's peak either way.
    """
    curve = frame.equity
    first = np.searchsorted(curve.at, to_microseconds(since), side="right") - 1 if since else 0
    last = np.searchsorted(curve.at, to_microseconds(until), side="left") + 1 if until else len(curve)
    first = max(int(first), 0)
    kept = first + extremes(curve.value[first:last], max(points, 4))
    drawdown = curve.drawdown_pct
    return EquitySeries(
        points=[
            EquityPoint(t=to_datetime(curve.at[i]), equity=clean(curve.value[i]) or 0.0, drawdown=clean(drawdown[i], 6))
            for i in kept
        ],
        basis=curve.basis,
        total_points=len(curve),
    )


def extremes(value: FloatArray, points: int) -> IntArray:
    """Indices of at most about `points` values: first, last, and the lowest and highest of each stretch."""
    count = len(value)
    if count <= points:
        return np.arange(count)
    size = -(-count // ((points - 2) // 2))
    width = -(-count // size) * size
    low = np.pad(value, (0, width - count), constant_values=np.inf).reshape(-1, size).argmin(axis=1)
    high = np.pad(value, (0, width - count), constant_values=-np.inf).reshape(-1, size).argmax(axis=1)
    base = np.arange(0, width, size)
    return np.unique(np.concatenate([[0, count - 1], base + low, base + high]))
