"""Whole trades, as most backtesters list them → the opening and closing rows of one `trade_ref`.

Where a source states a trade's P&L it may be in another currency than the prices, or in lots of an unstated size. What
one point of price was worth is then had from the stated P&L: typically, per symbol, for `settings["multipliers"]`, and
exactly, per trade, by the analysis, which `settings["pnl_basis"] = "stated"` tells to believe the source.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backend.importers.base import Action, ImportedPosition

_NICE = (1.0, 2.0, 2.5, 5.0)
_NICE_WITHIN = 0.005
_CENT, _NOTABLE = 0.015, 0.01
_LARGEST_POINT_VALUE = 1e9


@dataclass(frozen=True, slots=True)
class Leg:
    """One opening or closing fill of a trade; `quantity` > 0, `fees` > 0 is a cost.

    `stop` is the protective stop that stood when it opened the trade, where the source states it.
    """

    ts: datetime
    quantity: float
    price: float
    fees: float = 0.0
    tag: str | None = None
    stop: float | None = None


@dataclass(frozen=True, slots=True)
class WholeTrade:
    """A trade: openings, and the fill that closed it (None while it is open).

    `net_pnl` as the source states it, after all costs; `funding` > 0 is a cost. `adverse` and `favourable` are the
    largest moves against and for the trade, in money and without sign, where the source has them.
    """

    ref: str
    symbol: str
    is_short: bool
    entries: Sequence[Leg]
    exit: Leg | None
    net_pnl: float | None = None
    funding: float = 0.0
    adverse: float | None = None
    favourable: float | None = None

    @property
    def points(self) -> float:
        """Price moved in the trade's favour, times quantity; 0 while it is open."""
        if self.exit is None:
            return 0.0
        moved = sum((self.exit.price - entry.price) * entry.quantity for entry in self.entries)
        return -moved if self.is_short else moved

    @property
    def gross_pnl(self) -> float | None:
        """The stated net P&L before costs."""
        if self.net_pnl is None or self.exit is None:
            return None
        return self.net_pnl + self.funding + self.exit.fees + sum(entry.fees for entry in self.entries)


def rows_of(trades: Iterable[WholeTrade], multipliers: Mapping[str, float]) -> list[ImportedPosition]:
    """All rows in order of time; the rows of one moment keep the order of the trades, openings first in each.

    A `ref` that the source gives twice gets the trade's place in the list added, so that each trade keeps its own.
    """
    rows: list[ImportedPosition] = []
    seen: set[str] = set()
    for at, trade in enumerate(trades, 1):
        own = replace(trade, ref=f"{trade.ref}.{at}") if trade.ref in seen else trade
        seen.add(own.ref)
        rows += _rows(own, multipliers.get(trade.symbol, 1.0))
    rows.sort(key=lambda row: row.ts)
    return rows


def point_values(trades: Iterable[WholeTrade]) -> dict[str, float]:
    """Money per point of price and unit, by symbol, as the stated P&L implies it; symbols where it is 1 are left out.

    The median over the trades, weighted by how far price moved: rounding weighs most on the smallest moves.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for trade in trades:
        gross, points = trade.gross_pnl, trade.points
        if gross is None or not points or not math.isfinite(points):
            continue
        value = gross / points
        if 1 / _LARGEST_POINT_VALUE < value < _LARGEST_POINT_VALUE:
            found.setdefault(trade.symbol, []).append((value, abs(points)))
    medians = {symbol: _tidy(_weighted_median(pairs)) for symbol, pairs in found.items()}
    return {symbol: value for symbol, value in medians.items() if value != 1.0}


def stated_settings(multipliers: Mapping[str, float]) -> dict[str, Any]:
    """The settings that tell the analysis to believe the stated P&L."""
    return {"pnl_basis": "stated", **({"multipliers": dict(multipliers)} if multipliers else {})}


def unexplained(trades: Iterable[WholeTrade], multipliers: Mapping[str, float]) -> int:
    """How many trades state a P&L that price, quantity, multiplier and listed costs don't give (a cent and 1 %)."""
    count = 0
    for trade in trades:
        gross = trade.gross_pnl
        if gross is not None:
            apart = abs(gross - trade.points * multipliers.get(trade.symbol, 1.0))
            count += apart > _CENT and apart > _NOTABLE * abs(gross)
    return count


def _rows(trade: WholeTrade, multiplier: float) -> list[ImportedPosition]:
    opening: Action = "short" if trade.is_short else "buy"
    closing: Action = "cover" if trade.is_short else "sell"
    rows = [_row(entry, trade, opening) for entry in trade.entries]
    if trade.exit is None:
        return rows
    low, high = _extremes(trade, multiplier)
    rows.append(
        ImportedPosition(
            ts=trade.exit.ts,
            action=closing,
            symbol=trade.symbol,
            quantity=trade.exit.quantity,
            price=trade.exit.price,
            fees=trade.exit.fees,
            funding=trade.funding,
            trade_ref=trade.ref,
            realized_pnl=trade.net_pnl,
            low_price=low,
            high_price=high,
            tag=trade.exit.tag,
        )
    )
    return rows


def _row(leg: Leg, trade: WholeTrade, action: Action) -> ImportedPosition:
    return ImportedPosition(
        ts=leg.ts,
        action=action,
        symbol=trade.symbol,
        quantity=leg.quantity,
        price=leg.price,
        fees=leg.fees,
        trade_ref=trade.ref,
        stop_price=leg.stop,
        tag=leg.tag,
    )


def _extremes(trade: WholeTrade, multiplier: float) -> tuple[float | None, float | None]:
    """The lowest and highest price while the trade was open, from its largest moves in money."""
    if trade.adverse is None or trade.favourable is None or trade.exit is None:
        return None, None
    quantity = sum(entry.quantity for entry in trade.entries)
    price = sum(entry.price * entry.quantity for entry in trade.entries) / quantity
    down, up = (trade.favourable, trade.adverse) if trade.is_short else (trade.adverse, trade.favourable)
    unit = quantity * multiplier
    low, high = max(0.0, price - down / unit), price + up / unit
    return (low, high) if math.isfinite(low) and math.isfinite(high) and high < 1e18 else (None, None)


def _weighted_median(pairs: list[tuple[float, float]]) -> float:
    pairs.sort()
    half = sum(weight for _, weight in pairs) / 2
    if not math.isfinite(half):
        return statistics.median(value for value, _ in pairs)
    running = 0.0
    for value, weight in pairs:
        running += weight
        if running >= half:
            return value
    return pairs[-1][0]


def _tidy(value: float) -> float:
    """The round number that contract sizes are, where rounding alone separates the value from it."""
    power = 10.0 ** math.floor(math.log10(value))
    for nice in (*_NICE, 10.0):
        if abs(value - nice * power) <= _NICE_WITHIN * nice * power:
            return nice * power
    return float(f"{value:.6g}")
