"""From positions to trades: round trips by `trade_ref`, else first in, first out per symbol and side.

`buy` opens longs and `sell` closes them, `short` opens shorts and `cover` closes them. A closing row opens nothing:
what it closes beyond what is open is in no trade, and a warning names it. Within one instant the rows' own order
counts, unless it would close what the same instant opens later; then openings go first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from backend.analysis.arrays import BoolArray, FloatArray, IntArray, sum_by
from backend.analysis.currency import half_unit
from backend.analysis.matching import Matches, match_fills

if TYPE_CHECKING:
    from backend.analysis.positions import Positions

Method = Literal["episode", "lot"]
Side = Literal["long", "short"]
BUY, SELL, SHORT, COVER, HOLD = range(5)
_WARNINGS_SHOWN = 10
_NOISE = 1e-9
_A_CENT = 0.01
_CONVERSION_DRIFT = 1.5  # how far a rate between two currencies may move within a run, as a factor


@dataclass(frozen=True)
class Trades:
    """Trades as columns, by opening time; `trade_id` counts from 1. Money in the run's currency, times in microseconds.

    net_pnl = gross_pnl − fees − funding. `side` is 1 for long and −1 for short; `symbol` indexes `symbols`.
    Open trades (`is_open`) are marked at the last known price; their `closed_at` is the time of the run's last row.
    `mae` ≤ 0 and `mfe` ≥ 0 are money before costs, NaN where the extremes are not known. `return_pct` is net P&L in
    percent of the value at entry. `stop_price` is the protective stop that stood at the entry, NaN where it is not
    known or lies on the winning side; `r` is net P&L ÷ what would have been lost there before costs. `stated_pnl` is
    the P&L that the source states for the trade, NaN where it states none. `leverage` is that of the first fill, NaN
    where the source states none. `entry_row` and `exit_row` index the positions (−1: none); `ref` is −1 without one.
    In `inverse` trades P&L is quantity × multiplier × (1/entry − 1/exit) and the prices are harmonic means.
    `outcome` is 1 for a win, −1 for a loss, 0 for a trade that made nothing (see `outcomes_of`).
    `unallocated_costs` are fees and funding that belong to no trade.
    """

    trade_id: IntArray
    symbol: IntArray
    symbols: tuple[str, ...]
    ref: IntArray
    side: IntArray
    is_open: BoolArray
    opened_at: IntArray
    closed_at: IntArray
    quantity: FloatArray
    entry_price: FloatArray
    exit_price: FloatArray
    multiplier: FloatArray
    gross_pnl: FloatArray
    fees: FloatArray
    funding: FloatArray
    net_pnl: FloatArray
    return_pct: FloatArray
    holding_seconds: FloatArray
    low_price: FloatArray
    high_price: FloatArray
    stop_price: FloatArray
    r: FloatArray
    leverage: FloatArray
    mae: FloatArray
    mfe: FloatArray
    stated_pnl: FloatArray
    outcome: IntArray
    inverse: BoolArray
    entry_row: IntArray
    exit_row: IntArray
    unallocated_costs: float
    warnings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.trade_id)

    @cached_property
    def closed(self) -> IntArray:
        """Indices of the closed trades, by opening time."""
        return np.flatnonzero(~self.is_open)

    @cached_property
    def closing_order(self) -> IntArray:
        """Places in `closed`, by closing time; of trades that close together, by opening."""
        return np.argsort(self.closed_at[self.closed], kind="stable")

    @property
    def closed_in_order(self) -> IntArray:
        """Indices of the closed trades, by closing time."""
        return self.closed[self.closing_order]

    @cached_property
    def closed_before(self) -> IntArray:
        """How many trades were closed before each closed trade was opened; what closes at that instant is not."""
        return np.searchsorted(self.closed_at[self.closed_in_order], self.opened_at[self.closed], side="left")

    @cached_property
    def open(self) -> IntArray:
        """Indices of the trades still open at the end."""
        return np.flatnonzero(self.is_open)

    @cached_property
    def result(self) -> FloatArray:
        """Net P&L, exactly 0 for a trade that made nothing: what wins and losses are told apart by."""
        return np.where(self.outcome == 0, 0.0, self.net_pnl)

    @cached_property
    def entry_value(self) -> FloatArray:
        """Value at entry: price × quantity × multiplier (÷ price for inverse contracts)."""
        return self.value_at(self.entry_price)

    def value_at(self, price: FloatArray) -> FloatArray:
        """Value of each trade's quantity at a price of its own."""
        return _worth(price, self.inverse) * self.quantity * self.multiplier

    def gross_at(self, price: FloatArray) -> FloatArray:
        """Gross P&L of each trade, had all of it been closed at a price of its own."""
        gains = np.where(self.inverse, -self.side, self.side)
        made: FloatArray = gains * (self.value_at(price) - self.entry_value)
        return made


def build_trades(
    positions: Positions,
    multipliers: Mapping[str, float],
    method: Method = "episode",
    *,
    inverse: Collection[str] = (),
    pnl_is_stated: bool = False,
    stated_after: Collection[str] = ("fees", "funding"),
    currency: str = "USD",
    drawn: Collection[str] = (),
) -> Trades:
    """Pair opening and closing rows and add up what each trade made.

    Args:
        positions: the run's rows, in order of seq.
        multipliers: money per point of price and unit, by symbol; 1 where not named. A row's own comes first.
        method: "episode" makes one trade from flat to flat, "lot" one trade of each opening fill. Rows tied by
            `trade_ref` are one trade either way. What is closed of an episode or lot that is still open at the end is a
            closed trade; the rest is an open one. A `trade_ref` with something left is one open trade.
        pnl_is_stated: a closed trade's net P&L is what the source states, where it states one; what a point of price
            was worth in that trade follows from it. For sources whose P&L is in another currency than their prices.
        inverse: symbols whose P&L is quantity × multiplier × (1/entry − 1/exit).
        stated_after: the costs that the stated P&L is after.
        currency: of the money, which says below what a result is none.
        drawn: the `trade_ref`s that the source itself counts as neither won nor lost.
    """
    matches = match_fills(positions, method)
    trade_of, count = _trade_of_segments(matches)
    terms = _Terms.of(
        positions, multipliers, inverse, pnl_is_stated=pnl_is_stated, stated_after=frozenset(stated_after)
    )
    return _assemble(positions, matches, trade_of, count, replace(terms, currency=currency, drawn=frozenset(drawn)))


@dataclass(frozen=True, slots=True)
class _Terms:
    """How price and quantity become money, a row, and what the source's own P&L is."""

    multiplier: FloatArray
    inverse: BoolArray
    pnl_is_stated: bool
    stated_after: frozenset[str]
    currency: str = "USD"
    drawn: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        p: Positions,
        multipliers: Mapping[str, float],
        inverse: Collection[str],
        *,
        pnl_is_stated: bool,
        stated_after: frozenset[str],
    ) -> _Terms:
        by_symbol = np.array([float(multipliers.get(name, 1.0)) for name in p.symbols] or [1.0])
        turned = np.array([name in inverse for name in p.symbols] or [False])
        own = np.where(np.isnan(p.multiplier), by_symbol[p.symbol], p.multiplier)
        return cls(own, turned[p.symbol], pnl_is_stated, stated_after)


def fill_values(positions: Positions, multipliers: Mapping[str, float], inverse: Collection[str] = ()) -> FloatArray:
    """Value of each row in money; NaN where it has no price or quantity."""
    terms = _Terms.of(positions, multipliers, inverse, pnl_is_stated=False, stated_after=frozenset())
    return _worth(positions.price, terms.inverse) * positions.quantity * terms.multiplier


def _worth(price: FloatArray, inverse: BoolArray) -> FloatArray:
    """What one unit of quantity is worth at a price before the multiplier: the price, or 1 ÷ price."""
    if not inverse.any():
        return price
    return np.where(inverse, np.divide(1.0, price, out=np.full(len(price), np.nan), where=price > 0), price)


def _trade_of_segments(matches: Matches) -> tuple[IntArray, int]:
    """Number the trades: the closed and the open part of a group apart, a `trade_ref` group whole."""
    group = matches.group[matches.opening]
    remainder = matches.closing < 0
    has_remainder = np.zeros(int(group.max()) + 1 if len(group) else 0, dtype=np.bool_)
    has_remainder[group[remainder]] = True
    by_ref = matches.by_ref[matches.opening]
    key = group * 2 + (remainder | (by_ref & has_remainder[group])) if len(group) else group
    keys, trade_of = np.unique(key, return_inverse=True)
    return trade_of.astype(np.int64), len(keys)


def _last_prices(positions: Positions) -> FloatArray:
    """The last price of each symbol that any row gives."""
    last = np.full(max(len(positions.symbols), 1), np.nan)
    priced = np.flatnonzero(~np.isnan(positions.price))
    in_time = priced[np.argsort(positions.ts[priced], kind="stable")]
    last[positions.symbol[in_time]] = positions.price[in_time]
    return last


def _extreme(kind: Literal["low", "high"], column: FloatArray, rows: IntArray, trade: IntArray, n: int) -> FloatArray:
    extreme = np.full(n, np.nan)
    (np.fmin if kind == "low" else np.fmax).at(extreme, trade, column[rows])
    return extreme


def _initial_stop(
    stops: FloatArray, m: Matches, opening: IntArray, trade: IntArray, entry_row: IntArray, quantity: FloatArray
) -> FloatArray:
    """Each trade's stop, weighted by size as its entry price is; an opening that names none has the first one's."""
    own = stops[opening]
    stop = np.where(np.isnan(own), stops[entry_row][trade], own) if len(own) else own
    return sum_by(trade, stop * m.quantity, len(quantity)) / quantity


def _assemble(p: Positions, m: Matches, trade: IntArray, n: int, terms: _Terms) -> Trades:
    """Add the matched pieces up by trade and put the trades in order of opening."""
    opening, remainder = m.open_rows[m.opening], m.closing < 0
    closing = np.where(remainder, -1, m.close_rows[m.closing] if len(m.close_rows) else -1)
    entry = p.price[opening]
    exit_price = np.where(remainder, _last_prices(p)[p.symbol[opening]], p.price[closing] if len(p) else np.nan)
    inverse = terms.inverse[opening]
    # One over the price rises as the price falls, so that a long of an inverse contract gains as it should.
    side = np.where((p.action[opening] == BUY) ^ inverse, 1, -1)
    worth_in, worth_out = _worth(entry, inverse), _worth(exit_price, inverse)
    share_in = m.quantity / p.quantity[opening]
    # What a closing row closes beyond what is open takes its part of the costs with it, out of every trade.
    share_out = np.where(remainder, 0.0, m.quantity / p.quantity[closing] if len(p) else 0.0)

    def cost(column: FloatArray) -> FloatArray:
        return sum_by(trade, column[opening] * share_in + np.where(remainder, 0.0, column[closing]) * share_out, n)

    quantity = sum_by(trade, m.quantity, n)
    first = np.full(n, len(p), dtype=np.int64)
    np.minimum.at(first, trade, m.opening)
    last = np.full(n, -1, dtype=np.int64)
    np.maximum.at(last, trade, m.closing)
    is_open = np.zeros(n, dtype=np.bool_)
    is_open[trade[remainder]] = True
    entry_row = m.open_rows[first] if n else first
    exit_row = np.where(last >= 0, m.close_rows[last], -1) if len(m.close_rows) else np.full(n, -1, dtype=np.int64)
    rows, of_trade = np.concatenate([opening, closing[~remainder]]), np.concatenate([trade, trade[~remainder]])
    ref = np.where(m.by_ref[first], p.trade_ref[entry_row], -1) if n else first
    turned = terms.inverse[entry_row] if n else np.zeros(0, dtype=np.bool_)
    columns = _Columns(
        symbol=p.symbol[entry_row],
        ref=ref,
        side=p.action[entry_row],
        is_open=is_open,
        opened_at=p.ts[entry_row],
        closed_at=np.where(is_open, p.ts.max() if len(p) else 0, p.ts[exit_row] if len(p) else 0),
        quantity=quantity,
        entry_price=_worth(sum_by(trade, worth_in * m.quantity, n) / quantity, turned),
        exit_price=_worth(sum_by(trade, worth_out * m.quantity, n) / quantity, turned),
        multiplier=terms.multiplier[entry_row] if n else np.empty(0),
        inverse=turned,
        gross_pnl=sum_by(trade, side * (worth_out - worth_in) * m.quantity * terms.multiplier[opening], n),
        fees=cost(p.fees) + _held_cost(p, p.fees, ref, n),
        funding=cost(p.funding) + _held_cost(p, p.funding, ref, n),
        closing_fees=sum_by(trade[~remainder], p.fees[closing[~remainder]] * share_out[~remainder], n),
        low_price=_extreme("low", p.low_price, rows, of_trade, n),
        high_price=_extreme("high", p.high_price, rows, of_trade, n),
        stop_price=_initial_stop(p.stop_price, m, opening, trade, entry_row, quantity),
        stated=sum_by(trade[~remainder], p.realized_pnl[closing[~remainder]] * share_out[~remainder], n),
        entry_row=entry_row,
        exit_row=exit_row,
    )
    told = _as_stated(columns, terms.stated_after) if terms.pnl_is_stated else columns
    return _finish(p, told, m.warnings, terms)


def _as_stated(c: _Columns, stated_after: frozenset[str]) -> _Columns:
    """The closed trades' gross P&L from what the source states, and the money per point that it implies."""
    known = ~c.is_open & ~np.isnan(c.stated)
    gross = np.where(known, c.stated + _costs(stated_after, c.fees, c.funding, c.closing_fees), c.gross_pnl)
    long_side = np.where((c.side == BUY) ^ c.inverse, 1, -1)
    points = long_side * (_worth(c.exit_price, c.inverse) - _worth(c.entry_price, c.inverse)) * c.quantity
    with np.errstate(over="ignore"):
        implied = np.divide(gross, points, out=c.multiplier.copy(), where=known & (points != 0))
    # Where the price hardly moved, rounding would make anything of it.
    sane = (implied > c.multiplier / _CONVERSION_DRIFT) & (implied < c.multiplier * _CONVERSION_DRIFT)
    return replace(c, gross_pnl=gross, multiplier=np.where(sane, implied, c.multiplier))


def _held_cost(p: Positions, column: FloatArray, ref: IntArray, n: int) -> FloatArray:
    """Costs booked on `hold` rows that name a trade, such as a funding payment."""
    booked = np.flatnonzero((p.action == HOLD) & (p.trade_ref >= 0) & (column != 0))
    if not len(booked) or not n:
        return np.zeros(n)
    trade_of_ref = np.full(len(p.refs), -1, dtype=np.int64)
    named = np.flatnonzero(ref >= 0)[::-1]
    trade_of_ref[ref[named]] = named
    trade = trade_of_ref[p.trade_ref[booked]]
    return sum_by(trade[trade >= 0], column[booked][trade >= 0], n)


@dataclass(frozen=True, slots=True)
class _Columns:
    """What the rows say of each trade, before it is put in order."""

    symbol: IntArray
    ref: IntArray
    side: IntArray
    is_open: BoolArray
    opened_at: IntArray
    closed_at: IntArray
    quantity: FloatArray
    entry_price: FloatArray
    exit_price: FloatArray
    multiplier: FloatArray
    inverse: BoolArray
    gross_pnl: FloatArray
    fees: FloatArray
    funding: FloatArray
    closing_fees: FloatArray
    low_price: FloatArray
    high_price: FloatArray
    stop_price: FloatArray
    stated: FloatArray
    entry_row: IntArray
    exit_row: IntArray


def _finish(p: Positions, c: _Columns, warnings: tuple[str, ...], terms: _Terms) -> Trades:
    order = np.lexsort((c.is_open, c.entry_row, c.opened_at))
    side = np.where(c.side[order] == BUY, 1, -1)
    quantity, entry, exit_price = c.quantity[order], c.entry_price[order], c.exit_price[order]
    multiplier, gross = c.multiplier[order], c.gross_pnl[order]
    fees, funding = c.fees[order], c.funding[order]
    net = gross - fees - funding
    ours = gross - _costs(terms.stated_after, fees, funding, c.closing_fees[order])
    low, high = c.low_price[order], c.high_price[order]
    known = ~np.isnan(low) & ~np.isnan(high)
    low, high = np.fmin(low, exit_price), np.fmax(high, exit_price)
    adverse, favourable = np.where(side > 0, low, high), np.where(side > 0, high, low)
    inverse = c.inverse[order]
    money = quantity * multiplier
    value = _worth(entry, inverse) * money

    def moved(to: FloatArray) -> FloatArray:
        """P&L before costs had the trade closed at a price."""
        return np.where(inverse, -side, side) * (_worth(to, inverse) - _worth(entry, inverse)) * money

    risk = -moved(c.stop_price[order])
    # A stop on the winning side was moved there later: what was risked at the entry is not known.
    risked = risk > 0
    opened, closed = c.opened_at[order], c.closed_at[order]
    costs = float(p.fees.sum() + p.funding.sum() - fees.sum() - funding.sum())
    ids = np.arange(1, len(order) + 1, dtype=np.int64)
    unallocated = costs if abs(costs) > 0.005 else 0.0
    if unallocated:
        warnings = (
            *warnings,
            f"Costs of {costs:.2f} stand on rows that belong to no trade; they are in no trade's P&L.",
        )
    return Trades(
        trade_id=ids,
        symbol=c.symbol[order],
        symbols=p.symbols,
        ref=c.ref[order],
        side=side,
        is_open=c.is_open[order],
        opened_at=opened,
        closed_at=closed,
        quantity=quantity,
        entry_price=entry,
        exit_price=exit_price,
        multiplier=multiplier,
        gross_pnl=gross,
        fees=fees,
        funding=funding,
        net_pnl=net,
        return_pct=_share_pct(net, value),
        holding_seconds=(closed - opened) / 1e6,
        low_price=np.where(known, low, np.nan),
        high_price=np.where(known, high, np.nan),
        stop_price=np.where(risked, c.stop_price[order], np.nan),
        r=np.divide(net, risk, out=np.full(len(net), np.nan), where=risked),
        leverage=p.leverage[c.entry_row[order]],
        mae=np.where(known, np.minimum(0.0, moved(adverse)), np.nan),
        mfe=np.where(known, np.maximum(0.0, moved(favourable)), np.nan),
        stated_pnl=c.stated[order],
        outcome=outcomes_of(
            net,
            c.stated[order] if terms.stated_after >= {"fees", "funding"} else np.full(len(net), np.nan),
            value,
            ~c.is_open[order],
            np.isin(c.ref[order], [at for at, ref in enumerate(p.refs) if ref in terms.drawn]),
            terms.currency,
        ),
        inverse=inverse,
        entry_row=c.entry_row[order],
        exit_row=c.exit_row[order],
        unallocated_costs=unallocated,
        warnings=(*warnings, *_stated_differs(ids, ours, c.stated[order], c.is_open[order], terms.stated_after)),
    )


def _share_pct(net: FloatArray, value: FloatArray) -> FloatArray:
    """Net of what was put in, in percent; NaN where nothing was, or so little that no number can say it."""
    with np.errstate(over="ignore"):
        share = np.divide(net * 100, value, out=np.full(len(net), np.nan), where=value > 0)
    return np.where(np.isfinite(share), share, np.nan)


def outcomes_of(
    net: FloatArray, stated: FloatArray, value: FloatArray, closed: BoolArray, drawn: BoolArray, currency: str
) -> IntArray:
    """Whether each trade won (1), lost (−1) or made nothing (0).

    Nothing is what the source states: that the trade is drawn, or a net P&L of zero that the rows give too, to a cent.
    Where it states no net P&L, nothing is what shows as 0.00: half a unit of the currency's digits, or of as many more
    as tell typical results apart. What is less than 1e-9 of the value at entry is the noise of sums.
    """
    noise = np.abs(net) <= _NOISE * np.abs(np.nan_to_num(value))
    half = half_unit(currency, net[closed])
    says = closed & ~np.isnan(stated)
    stated_zero = (np.abs(stated) <= _NOISE * np.abs(np.nan_to_num(value))) & (np.abs(net) <= max(half, _A_CENT))
    zero = drawn | noise | np.where(says, stated_zero, np.abs(net) <= half)
    return np.where(zero, 0, np.sign(net)).astype(np.int64)


def _costs(after: frozenset[str], fees: FloatArray, funding: FloatArray, closing_fees: FloatArray) -> FloatArray:
    """The costs of each trade that the source's own P&L is after."""
    costs = np.zeros(len(fees))
    if "fees" in after:
        costs = costs + fees
    elif "closing_fees" in after:
        costs = costs + closing_fees
    return costs + funding if "funding" in after else costs


def _stated_differs(
    ids: IntArray, ours: FloatArray, stated: FloatArray, is_open: BoolArray, after: frozenset[str]
) -> list[str]:
    """Name the trades whose P&L is not what the source states, beyond a cent and 0.01 %."""
    apart = np.abs(ours - stated)
    differs = np.flatnonzero(~is_open & ~np.isnan(stated) & (apart > 0.01) & (apart > np.abs(stated) * 1e-4))
    kind = "net P&L" if after >= {"fees", "funding"} else "P&L"
    named = [
        f"Trade {ids[i]}: the source states a {kind} of {stated[i]:.2f}, its prices and costs give {ours[i]:.2f}."
        for i in differs[:_WARNINGS_SHOWN]
    ]
    if len(differs) > _WARNINGS_SHOWN:
        named.append(f"{len(differs) - _WARNINGS_SHOWN} more trades differ from the {kind} the source states.")
    return named
