"""The run's equity over time, its drawdown and its daily returns.

The basis is the source's own equity, else cash + holdings at the last known prices, else initial cash + cumulative net
P&L of the trades (open trades marked at the end). The basis is named in every result.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Literal

import numpy as np

from backend.analysis.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    day_of,
    to_microseconds,
    weekday_of,
)
from backend.analysis.currency import half_unit
from backend.analysis.flows import (
    NO_FLOWS,
    Flows,
    found_flows,
    marked_by_fills,
    marked_by_trades,
    merged,
    stated_flows,
)
from backend.analysis.periods import (
    DAYS_A_YEAR,
    WEEKDAYS_A_YEAR,
    Period,
    convention,
    daily_values,
    period_values,
    simple_returns,
    vary,
)

if TYPE_CHECKING:
    from backend.analysis.positions import Positions, RunFacts
    from backend.analysis.trades import Trades

Basis = Literal["source", "holdings", "cumulative_pnl"]
BASIS_WORDS: dict[Basis, str] = {
    "source": "equity as the source file states it",
    "holdings": "cash plus holdings at the last price known at each moment",
    "cumulative_pnl": "closed trades: initial cash plus the net P&L of the trades closed so far; open trades are "
    "marked at the end",
}
_NOISE = 1e-12  # of the largest equity: what sums of many numbers leave
_CENT = 0.01
_APART = 1e-6  # of equity
_CHUNK = 500_000  # holdings looked up at a time: bounds memory, not results


@dataclass(frozen=True)
class EquityCurve:
    """Equity in money at each moment that says something of it, one point a moment, in order of time.

    `at` in microseconds. `has_level` is false where no starting capital is known: `value` is then P&L since the start,
    and no return or percentage can be had from it. `start` is the equity the run began with, `flows` what was paid in
    (out below zero) at each point: it is in `value` and in no return. `least` is half the smallest amount that money
    is counted in. `day_ends` is how many day-ends a trade stays open over on average, where equity is known only when
    trades close, else None.
    """

    at: IntArray
    value: FloatArray
    basis: Basis
    has_level: bool
    start: float
    periods_per_year: int
    every_day: bool
    period: Period = "day"
    flows: FloatArray | None = None
    least: float = 0.005
    day_ends: float | None = None
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def made(self) -> FloatArray:
        """Equity less what was paid in so far."""
        return self.value if self.flows is None else self.value - np.cumsum(self.flows)

    @cached_property
    def level(self) -> FloatArray:
        """What the equity begun with has grown to without flows: that of which returns and percentages are.

        Each stretch's return is of the equity at its beginning; what was paid in within it counts from its end on.
        """
        if self.flows is None or self.ruined:
            return self.made
        before = np.concatenate([[self.start], self.value[:-1]])
        grown: FloatArray = self.start * np.cumprod((self.value - self.flows) / before)
        return grown

    @cached_property
    def ruined(self) -> bool:
        """Whether equity was ever zero or below, so that no return can be had."""
        return self.has_level and (self.start <= 0 or bool((self.value <= 0).any()))

    @cached_property
    def measured(self) -> FloatArray:
        """What falls are measured on: `level`, or the P&L where there is none."""
        return self.level if self.has_level else self.made

    @cached_property
    def peak(self) -> FloatArray:
        """Highest of `measured` so far, the start included."""
        return self._peak(self.measured)

    @cached_property
    def drawdown_money(self) -> FloatArray:
        """Fall of the money made from its highest so far, ≤ 0."""
        return self._fall(self.made)

    @cached_property
    def drawdown_pct(self) -> FloatArray:
        """Fall from the peak so far in percent of it, ≤ 0; NaN where there is no positive peak."""
        blank = np.full(len(self.value), np.nan)
        if not self.has_level:
            return blank
        depth: FloatArray = np.divide(self._fall(self.level) * 100, self.peak, out=blank, where=self.peak > 0)
        return depth

    def _peak(self, series: FloatArray) -> FloatArray:
        return np.maximum(np.maximum.accumulate(series), self.start) if len(series) else series

    def _fall(self, series: FloatArray) -> FloatArray:
        """Below the peak so far; what sums leave by rounding is no fall."""
        fall = series - self._peak(series)
        noise = _NOISE * max(float(np.abs(series).max(initial=0.0)), abs(self.start))
        return np.where(fall < -noise, fall, 0.0)

    @cached_property
    def daily(self) -> tuple[IntArray, FloatArray]:
        """(days since the epoch, last equity of each day); days without data carry the last value.

        Weekends are left out unless the run trades on them.
        """
        return daily_values(self.at, self.value, every_day=self.every_day)

    @cached_property
    def daily_levels(self) -> FloatArray:
        """`level` at the end of each of the days of `daily`."""
        return daily_values(self.at, self.level, every_day=self.every_day)[1]

    @property
    def days_per_year(self) -> int:
        """How many daily returns make a year."""
        if self.period == "day":
            return self.periods_per_year
        return DAYS_A_YEAR if self.every_day else WEEKDAYS_A_YEAR

    @cached_property
    def daily_returns(self) -> FloatArray:
        """Returns of the days as ratios, the first against the equity the run began with; empty where undefined."""
        return self._returns(self.daily_levels)

    @cached_property
    def closes(self) -> FloatArray:
        """`level` at the end of each period that returns are of."""
        if self.period == "day":
            return self.daily_levels
        return period_values(self.at, self.level, self.period, self.periods_per_year)

    @cached_property
    def returns(self) -> FloatArray:
        """Returns of the run's periods (days, unless it sets others) as ratios; empty where undefined."""
        return self.daily_returns if self.period == "day" else self._returns(self.closes)

    def _returns(self, closes: FloatArray) -> FloatArray:
        return np.empty(0) if not self.has_level or self.ruined else simple_returns(self.start, closes)

    @cached_property
    def returns_vary(self) -> bool:
        """Whether `returns` differ by more than the rounding of numbers and of money."""
        if not len(self.returns):
            return False
        return vary(self.returns, np.concatenate([[self.start], self.closes[:-1]]), self.least)


def build_equity(facts: RunFacts, positions: Positions, trades: Trades) -> EquityCurve:
    """Make the equity curve on the best basis the positions allow."""
    warnings: tuple[str, ...] = ()
    known = ~np.isnan(positions.equity)
    has_snapshots = (positions.holdings != None).any() and (~np.isnan(positions.cash)).any()  # noqa: E711
    stated = stated_flows(facts.flows)
    basis: Basis
    if known.any():
        basis, at, value = "source", positions.ts[known], positions.equity[known]
    elif has_snapshots:
        basis = "holdings"
        at, value, warnings = _from_holdings(facts, positions)
    else:
        basis = "cumulative_pnl"
        at, value = _from_trades(facts, positions, trades, stated)
    at, value = _one_a_moment(at, value)
    has_level = basis != "cumulative_pnl" or facts.initial_cash is not None
    start = facts.initial_cash if facts.initial_cash is not None else float(value[0]) if len(value) else 0.0
    if basis != "cumulative_pnl":
        found = _found(facts, positions, trades, at, value, stated)
        warnings = (*warnings, *found.warnings)
        stated = merged(stated, found)
    began, ended = _span(facts, positions)
    if began is not None and (facts.initial_cash is not None or not has_level) and (not len(at) or began < at[0]):
        at, value = np.concatenate([[began], at]), np.concatenate([[start], value])
    if len(at) and ended is not None and ended > at[-1]:
        at, value = np.concatenate([at, [ended]]), np.concatenate([value, value[-1:]])
    periods, period, every_day = convention(facts.periods_per_year, weekend=_trades_on_weekends(positions))
    curve = EquityCurve(
        at=at.astype(np.int64),
        value=value.astype(np.float64),
        basis=basis,
        has_level=has_level,
        start=start,
        periods_per_year=periods,
        every_day=every_day,
        period=period,
        flows=stated.at_points(at) if len(stated.at) and len(at) else None,
        least=half_unit(facts.currency, trades.net_pnl[trades.closed]),
        warnings=warnings,
    )
    return _told(curve, facts, trades)


def _one_a_moment(at: IntArray, value: FloatArray) -> tuple[IntArray, FloatArray]:
    """In order of time; of the values of one moment the last."""
    order = np.argsort(at, kind="stable")
    at, value = at[order], value[order]
    last = np.append(at[1:] != at[:-1], True) if len(at) else np.empty(0, dtype=np.bool_)
    return at[last], value[last]


def _found(
    facts: RunFacts, positions: Positions, trades: Trades, at: IntArray, value: FloatArray, stated: Flows
) -> Flows:
    by_symbol = np.array([float(facts.multipliers.get(name, 1.0)) for name in positions.symbols] or [1.0])
    multiplier = np.where(np.isnan(positions.multiplier), by_symbol[positions.symbol], positions.multiplier)
    by_trades = facts.pnl_is_stated or facts.inverse
    marks = marked_by_trades(trades, at) if by_trades else marked_by_fills(positions, multiplier, at)
    return NO_FLOWS if marks is None else found_flows(marks, at, value, facts.initial_cash, stated)


def _told(curve: EquityCurve, facts: RunFacts, trades: Trades) -> EquityCurve:
    """The curve with what its reader must know: how often equity is known, and a final equity that does not add up."""
    if curve.basis == "cumulative_pnl":
        return replace(curve, day_ends=_day_ends(curve, trades)) if len(trades) and len(curve) else curve
    if facts.initial_cash is None or not len(curve):
        return curve
    explained = facts.initial_cash + float(trades.net_pnl.sum()) - trades.unallocated_costs
    explained += 0.0 if curve.flows is None else float(curve.flows.sum())
    apart = float(curve.value[-1]) - explained
    if abs(apart) <= max(_CENT, _APART * abs(explained)):
        return curve
    said = (
        f"The final equity of {curve.value[-1]:,.2f} is {apart:+,.2f} apart from starting cash, net P&L of closed and "
        f"open trades and money paid in or out ({explained:,.2f}): costs, interest or marks that the rows don't show."
    )
    return replace(curve, warnings=(*curve.warnings, said))


def _day_ends(curve: EquityCurve, trades: Trades) -> float:
    """How many ends of the run's days a trade stays open over, on average."""
    days = curve.daily[0]
    first, last = (
        np.searchsorted(days, day_of(moment), side="left") for moment in (trades.opened_at, trades.closed_at)
    )
    return float((last - first).mean())


def _span(facts: RunFacts, positions: Positions) -> tuple[int | None, int | None]:
    """When the run began and ended: what its facts say, if that does not contradict its rows."""
    if not len(positions):
        return None, None
    first, last = int(positions.ts.min()), int(positions.ts.max())
    began = min(first, to_microseconds(facts.started_at)) if facts.started_at else first
    ended = max(last, to_microseconds(facts.ended_at)) if facts.ended_at else last
    return began, ended


def _trades_on_weekends(positions: Positions) -> bool:
    return bool((weekday_of(positions.ts[positions.action < 4]) >= 5).any())


def _from_trades(facts: RunFacts, positions: Positions, trades: Trades, flows: Flows) -> tuple[IntArray, FloatArray]:
    closed = trades.closed_in_order
    at, change = trades.closed_at[closed], trades.net_pnl[closed]
    open_pnl = float(trades.net_pnl[trades.open].sum()) - trades.unallocated_costs
    if open_pnl and len(positions):
        at, change = np.append(at, positions.ts.max()), np.append(change, open_pnl)
    if len(flows.at):
        at, change = np.concatenate([at, flows.at]), np.concatenate([change, flows.amount])
        order = np.argsort(at, kind="stable")
        at, change = at[order], change[order]
    return at, (facts.initial_cash or 0.0) + np.cumsum(change)


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
