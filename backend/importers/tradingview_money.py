"""What a TradingView list of trades leaves to be worked out: point value, commission, initial capital."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace

from backend.importers.csv_sheet import Sheet
from backend.importers.tradingview_columns import Layout
from backend.importers.whole_trades import WholeTrade, point_values

_MOST_COMMISSION = 0.02  # of the turnover
_HALF_CENT = 0.005
_LARGEST_POINT_VALUE = 1e9
_QUANTITY_ROUNDING = 5e-5


def point_value(trades: Sequence[WholeTrade], sheet: Sheet, layout: Layout) -> float:
    """Money per point and unit: from the column of values where it is in the P&L's currency, else from the P&L."""
    if "entry_price" in sheet.bound and layout.price_ccy == layout.pnl_ccy:
        values, prices, quantities = sheet.numbers("entry_price"), sheet.numbers("price"), sheet.numbers("quantity")
        ratios = [
            abs(value / (price * quantity))
            for value, price, quantity in zip(values, prices, quantities, strict=True)
            if value and price and quantity and price * quantity
        ]
        found = statistics.median(ratios) if ratios else 0.0
        # Some builds state the value at entry on both rows, others at each row's own price.
        if 1 / _LARGEST_POINT_VALUE < found < _LARGEST_POINT_VALUE:
            return _whole(found)
    found = next(iter(point_values(trades).values()), 1.0)
    return _whole(found) if layout.price_ccy == layout.pnl_ccy else found


def with_commission(trades: Sequence[WholeTrade], multiplier: float) -> tuple[list[WholeTrade], bool]:
    """The trades with what their P&L falls short of price × quantity as fees, where all of them can be so explained."""
    short = [_shortfall(trade, multiplier) for trade in trades]
    closed = [
        (trade, gap) for trade, gap in zip(trades, short, strict=True) if gap is not None and trade.exit is not None
    ]
    plausible = all(
        -_tolerance(trade, multiplier)
        <= gap
        <= _tolerance(trade, multiplier) + _MOST_COMMISSION * _turnover(trade, multiplier)
        for trade, gap in closed
    )
    telling = sum(gap > _tolerance(trade, multiplier) for trade, gap in closed)
    if not plausible or telling * 2 < len(closed) or not closed:
        return list(trades), False
    return [_charged(trade, gap) if gap is not None else trade for trade, gap in zip(trades, short, strict=True)], True


def implied_capital(sheet: Sheet) -> float | None:
    """The roundest capital of which every cumulative P&L is the percentage stated; None where none is."""
    if "equity" not in sheet.bound or "cash" not in sheet.bound:
        return None
    low, high = 0.0, math.inf
    for money, share in zip(sheet.numbers("equity"), sheet.numbers("cash"), strict=True):
        if money is None or share is None or abs(share) < 0.05 or money * share <= 0:
            continue
        low = max(low, (abs(money) - _HALF_CENT) / (abs(share) + _HALF_CENT) * 100)
        high = min(high, (abs(money) + _HALF_CENT) / (abs(share) - _HALF_CENT) * 100)
    if not 0 < low <= high < 1e15 or high > 1.05 * low:
        return None
    for digits in range(1, 7):
        step = 10.0 ** (math.floor(math.log10(high)) + 1 - digits)
        candidate = math.floor(high / step) * step
        if candidate >= low:
            return float(f"{candidate:.6g}")
    return None


def _shortfall(trade: WholeTrade, multiplier: float) -> float | None:
    return None if trade.net_pnl is None or trade.exit is None else trade.points * multiplier - trade.net_pnl


def _turnover(trade: WholeTrade, multiplier: float) -> float:
    leg = trade.entries[0]
    return leg.quantity * (leg.price + (trade.exit.price if trade.exit else 0.0)) * multiplier


def _tolerance(trade: WholeTrade, multiplier: float) -> float:
    """What rounding to cents and of the quantity may come to."""
    leg = trade.entries[0]
    moved = abs(trade.exit.price - leg.price) if trade.exit else 0.0
    return 2 * _HALF_CENT + moved * multiplier * max(_QUANTITY_ROUNDING, leg.quantity * _QUANTITY_ROUNDING)


def _charged(trade: WholeTrade, gap: float) -> WholeTrade:
    """The shortfall on both sides, by their value."""
    leg, closing = trade.entries[0], trade.exit
    if closing is None or gap <= 0:
        return trade
    share = leg.price / (leg.price + closing.price) if leg.price + closing.price > 0 else 0.5
    return replace(trade, entries=(replace(leg, fees=gap * share),), exit=replace(closing, fees=gap * (1 - share)))


def _whole(value: float) -> float:
    """A whole number of money per point, where the value is near one."""
    nearest = float(round(value))
    return nearest if nearest >= 1 and abs(value - nearest) <= 0.05 * nearest else float(f"{value:.6g}")
