"""Netted rows → what each finished round trip made, and what the file states for it, without a loop over rows.

A trip is a `trade_ref`, else a book from flat to flat. Sums of signed cash give its P&L whatever the accounting (FIFO,
average cost), so that no convention stands between what is read and what is stated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from backend.importers.netting import BoolArray, FloatArray, IntArray, books_of, signed_quantities
from backend.importers.position_columns import ACTIONS, PositionColumns

_BUY, _SELL, _SHORT, _COVER, _HOLD = range(len(ACTIONS))
_DUST = 1e-9
_A_CENT = 0.01


@dataclass(frozen=True, slots=True)
class Trips:
    """Finished trips as columns. `base` is the P&L at a multiplier of 1 before costs; `stated` what the file states
    (NaN where it states none for some closing), in `stated_rows` figures; `stake` the worth of the openings at a
    multiplier of 1; `rounding` how far half a unit of the printed prices moves `base`; `last_row` the closing.
    """

    symbol: IntArray
    symbols: tuple[str, ...]
    base: FloatArray
    fees: FloatArray
    funding: FloatArray
    closing_fees: FloatArray
    stated: FloatArray
    stated_rows: FloatArray
    stake: FloatArray
    rounding: FloatArray
    last_row: IntArray

    def __len__(self) -> int:
        return len(self.symbol)

    def taken(self, places: npt.NDArray[Any]) -> Trips:
        """The trips at these places."""
        columns = {name: getattr(self, name)[places] for name in self.__slots__ if name != "symbols"}
        return Trips(symbols=self.symbols, **columns)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows by side books, in order of time within each; what each closes beyond what its book holds."""

    order: IntArray
    book: IntArray
    opens: BoolArray
    excess: FloatArray
    flat: BoolArray


def ledger_of(rows: PositionColumns) -> Ledger:
    """Rows that trade, by side book (a `trade_ref`, else an account's symbol; long and short apart)."""
    codes = rows.action_codes.astype(np.int64)
    book = books_of(rows)
    refs = rows.column("trade_ref")
    if refs is not None:
        ref = pd.factorize(np.array(refs, dtype=object))[0].astype(np.int64)
        book = pd.factorize(book * (int(ref.max(initial=0)) + 2) + ref + 1)[0].astype(np.int64)
    book = book * 2 + (codes >= _SHORT)
    quantity = np.abs(signed_quantities(rows))
    trading = np.flatnonzero((codes != _HOLD) & (quantity > 0))
    order = trading[np.argsort(book[trading], kind="stable")]
    side, size = book[order], quantity[order]
    opens = (codes[order] == _BUY) | (codes[order] == _SHORT)
    grouped = pd.Series(np.where(opens, size, -size)).groupby(side, sort=False)
    running = grouped.cumsum().to_numpy(dtype=np.float64)
    lowest = np.minimum(0.0, pd.Series(running).groupby(side, sort=False).cummin().to_numpy(dtype=np.float64))
    before = np.concatenate([[0.0], lowest[:-1]]) if len(lowest) else lowest
    before[np.concatenate([[True], side[1:] != side[:-1]])[: len(before)]] = 0.0
    largest = np.zeros(int(side.max(initial=0)) + 1)
    np.maximum.at(largest, side, size)
    dust = _DUST * largest[side]
    excess = before - lowest
    return Ledger(order, side, opens, np.where(excess > dust, excess, 0.0), running - lowest <= dust)


def trips_of(rows: PositionColumns, multipliers: Mapping[str, float], inverse: Collection[str]) -> Trips:
    """The finished trips in which nothing was closed that the file did not open."""
    ledger = ledger_of(rows)
    symbol, symbols = _symbols(rows)
    order, starts = ledger.order, _starts(ledger)
    trip = np.cumsum(starts) - 1
    count = int(trip[-1]) + 1 if len(trip) else 0
    finished = np.zeros(count, dtype=np.bool_)
    finished[trip[ledger.flat]] = True
    finished[trip[ledger.excess > 0]] = False
    price = _column(rows, "price")[order]
    quantity = np.abs(signed_quantities(rows))[order]
    codes = rows.action_codes[order]
    by_symbol = np.array([float(multipliers.get(name, 1.0)) for name in symbols] or [1.0])
    turned = np.array([name in inverse for name in symbols] or [False])[symbol[order]]
    own = rows.floats("multiplier")
    factor = (
        by_symbol[symbol[order]]
        if own is None
        else np.where(np.isnan(own[order]), by_symbol[symbol[order]], own[order])
    )
    with np.errstate(divide="ignore"):
        worth = np.where(turned, -1.0 / price, price) * quantity * factor
    sold = (codes == _SELL) | (codes == _SHORT)
    fees, funding, stated = (_column(rows, name)[order] for name in ("fees", "funding", "realized_pnl"))
    closes = ~ledger.opens

    def total(values: FloatArray) -> FloatArray:
        return np.bincount(trip, weights=values, minlength=count).astype(np.float64)

    last = np.zeros(count, dtype=np.int64)
    last[trip] = order
    lacking = total((closes & np.isnan(stated)).astype(np.float64)) > 0
    step = price_step(rows)
    first = np.concatenate([np.flatnonzero(starts), [len(order)]])[:count]
    trips = Trips(
        symbol=symbol[order][first] if count else np.empty(0, dtype=np.int64),
        symbols=symbols,
        base=total(np.where(sold, worth, -worth)),
        fees=total(np.nan_to_num(fees)),
        funding=total(np.nan_to_num(funding)),
        closing_fees=total(np.where(closes, np.nan_to_num(fees), 0.0)),
        stated=np.where(lacking, np.nan, total(np.nan_to_num(stated))),
        stated_rows=total(closes.astype(np.float64)),
        stake=total(np.where(ledger.opens, np.abs(worth), 0.0)),
        rounding=total(np.where(turned, 0.0, quantity * factor * step / 2)),
        last_row=last,
    )
    return trips.taken(np.flatnonzero(finished & np.isfinite(trips.base)))


def price_step(rows: PositionColumns) -> float:
    """One unit of the last decimal that the prices are written with; whole prices are not taken for rounded ones."""
    return min(unit_of(rows.floats("price")), _A_CENT)


def unit_of(values: FloatArray | None) -> float:
    """One unit of the last decimal that any of the numbers needs, at least 1e-8 of 1."""
    if values is None:
        return 1.0
    known = values[np.isfinite(values)]
    for digits in range(9):
        if bool((np.abs(known - np.round(known, digits)) <= 1e-12 * np.abs(known)).all()):
            return float(10.0**-digits)
    return 1e-8


def _starts(ledger: Ledger) -> BoolArray:
    """Where a trip begins: at a book's first row, and after each row that leaves the book flat."""
    if not len(ledger.order):
        return np.zeros(0, dtype=np.bool_)
    starts = np.ones(len(ledger.order), dtype=np.bool_)
    starts[1:] = (ledger.book[1:] != ledger.book[:-1]) | ledger.flat[:-1]
    return starts


def _symbols(rows: PositionColumns) -> tuple[IntArray, tuple[str, ...]]:
    codes, names = pd.factorize(np.array(rows.column("symbol"), dtype=object))
    return codes.astype(np.int64), tuple(map(str, names))


def _column(rows: PositionColumns, name: str) -> FloatArray:
    values = rows.floats(name)
    return np.full(len(rows), np.nan) if values is None else values
