"""Further figures of the closed trades: medians, extremes, sizes, leverage, and how uncertain the average trade is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from backend.analysis.arrays import FloatArray, day_of
from backend.analysis.figures import MAX_TRADE_IDS, Reading, Unit, missing, reading
from backend.analysis.metrics.trades import NO_LOSSES, NO_TRADES, NO_WINS, average_loss, average_win

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_NO_EXTREMES = "the source gives no price extremes while trades were open"
_NO_LEVERAGE = "the source states no leverage"


def _net(frame: RunFrame) -> FloatArray:
    return frame.trades.net_pnl[frame.trades.closed]


def _median(values: FloatArray, otherwise: str) -> Reading:
    return reading(float(np.median(values))) if len(values) else missing(otherwise)


def median_trade(frame: RunFrame) -> Reading:
    """Median net P&L of a closed trade."""
    return _median(_net(frame), NO_TRADES)


def median_win(frame: RunFrame) -> Reading:
    """Median net P&L of the wins."""
    net = frame.trades.result[frame.trades.closed]
    return _median(net[net > 0], NO_WINS)


def median_loss(frame: RunFrame) -> Reading:
    """Median net P&L of the losses."""
    net = frame.trades.result[frame.trades.closed]
    return _median(net[net < 0], NO_LOSSES)


def median_holding(frame: RunFrame) -> Reading:
    """Median time from opening to closing, in seconds."""
    return _median(frame.trades.holding_seconds[frame.trades.closed], NO_TRADES)


def total_win(frame: RunFrame) -> Reading:
    """Sum of the wins."""
    net = frame.trades.result[frame.trades.closed]
    return reading(float(net[net > 0].sum())) if len(net) else missing(NO_TRADES)


def total_loss(frame: RunFrame) -> Reading:
    """Sum of the losses, below zero."""
    net = frame.trades.result[frame.trades.closed]
    return reading(float(net[net < 0].sum())) if len(net) else missing(NO_TRADES)


def break_even_win_rate(frame: RunFrame) -> Reading:
    """The win rate at which wins and losses of their average sizes balance, in percent."""
    win, loss = average_win(frame), average_loss(frame)
    if not isinstance(win.value, float):
        return win
    if not isinstance(loss.value, float):
        return loss
    return reading(-loss.value / (win.value - loss.value) * 100)


def expectancy_error(frame: RunFrame) -> Reading:
    """Standard error of the mean net P&L of a closed trade, over UTC days: trades of one day move together."""
    net = _net(frame)
    if len(net) < 2:
        return missing("fewer than 2 closed trades")
    _, day = np.unique(day_of(frame.trades.closed_at[frame.trades.closed]), return_inverse=True)
    count = int(day.max()) + 1
    if count < 2:
        return missing("all trades were closed on one day")
    by_day = np.bincount(day, weights=(net - net.mean()) / len(net))
    return reading(float(np.sqrt((by_day**2).sum() * count / (count - 1))), low_sample=count < 20)


def average_return(frame: RunFrame) -> Reading:
    """Mean net P&L in percent of the value at entry."""
    values = frame.trades.return_pct[frame.trades.closed]
    known = values[~np.isnan(values)]
    return reading(known.mean()) if len(known) else missing(NO_TRADES)


def _one(frame: RunFrame, column: FloatArray, *, lowest: bool) -> Reading:
    """The lowest or highest value over all trades, open ones too, with the trade."""
    if not len(column) or np.isnan(column).all():
        return missing(_NO_EXTREMES)
    place = int(np.nanargmin(column) if lowest else np.nanargmax(column))
    return reading(float(column[place]), trade_ids=[frame.trades.trade_id[place]])


def largest_mae(frame: RunFrame) -> Reading:
    """The furthest that one trade went against its entry."""
    return _one(frame, frame.trades.mae, lowest=True)


def largest_mfe(frame: RunFrame) -> Reading:
    """The furthest that one trade was ahead."""
    return _one(frame, frame.trades.mfe, lowest=False)


def average_given_back(frame: RunFrame) -> Reading:
    """Mean of what closed trades were ahead at best and did not keep."""
    t, closed = frame.trades, frame.trades.closed
    back = np.maximum(0.0, t.mfe[closed] - t.gross_pnl[closed])
    known = back[~np.isnan(back)]
    return reading(known.mean()) if len(known) else missing(_NO_EXTREMES)


def average_size(frame: RunFrame) -> Reading:
    """Mean value at entry."""
    value = frame.trades.entry_value[frame.trades.closed]
    known = value[~np.isnan(value)]
    return reading(known.mean()) if len(known) else missing(NO_TRADES)


def average_leverage(frame: RunFrame) -> Reading:
    """Mean leverage over the trades, open ones too, whose leverage is stated."""
    known = frame.trades.leverage[~np.isnan(frame.trades.leverage)]
    return reading(known.mean()) if len(known) else missing(_NO_LEVERAGE)


def max_leverage(frame: RunFrame) -> Reading:
    """Highest leverage of a trade."""
    leverage = frame.trades.leverage
    if not len(leverage) or np.isnan(leverage).all():
        return missing(_NO_LEVERAGE)
    highest = float(np.nanmax(leverage))
    ids = frame.trades.trade_id[np.flatnonzero(leverage == highest)[:MAX_TRADE_IDS]]
    return reading(highest, trade_ids=ids)


def fees_bps(frame: RunFrame) -> Reading:
    """Fees over the value traded (entries and exits) of the closed trades, in hundredths of a percent."""
    t, closed = frame.trades, frame.trades.closed
    value = (t.entry_value + t.value_at(t.exit_price))[closed]
    traded = float(np.nansum(value))
    return reading(float(t.fees[closed].sum()) / traded * 10_000) if traded > 0 else missing(NO_TRADES)


def total_costs(frame: RunFrame) -> Reading:
    """Fees and funding of the closed trades."""
    t, closed = frame.trades, frame.trades.closed
    return reading(float(t.fees[closed].sum() + t.funding[closed].sum()))


def initial_cash(frame: RunFrame) -> Reading:
    """Cash the run began with."""
    cash = frame.facts.initial_cash
    return reading(float(cash)) if cash is not None else missing("the source states no starting capital")


def final_cash(frame: RunFrame) -> Reading:
    """Cash at the end: the last that the source states."""
    known = np.flatnonzero(~np.isnan(frame.positions.cash))
    if not len(known):
        return missing("the source states no cash")
    p = frame.positions
    last = known[np.lexsort((p.seq[known], p.ts[known]))[-1]]
    return reading(float(p.cash[last]))


def trades_per_day(frame: RunFrame) -> Reading:
    """Trades opened on each UTC day on which any was."""
    opened = frame.trades.opened_at
    return reading(len(opened) / len(np.unique(day_of(opened)))) if len(opened) else missing(NO_TRADES)


Further = tuple[str, Unit, Literal["returns", "trades", "costs", "exposure"], str, "Callable[[RunFrame], Reading]"]
FURTHER: tuple[Further, ...] = (
    ("initial_cash", "money", "returns", "Cash the run began with.", initial_cash),
    ("final_cash", "money", "returns", "The last cash that the source states.", final_cash),
    ("total_win", "money", "trades", "Sum of the net P&L of the wins.", total_win),
    ("total_loss", "money", "trades", "Sum of the net P&L of the losses (below zero).", total_loss),
    ("median_trade", "money", "trades", "Median net P&L of a closed trade.", median_trade),
    ("median_win", "money", "trades", "Median net P&L of the wins.", median_win),
    ("median_loss", "money", "trades", "Median net P&L of the losses (below zero).", median_loss),
    ("average_return", "pct", "trades", "Mean net P&L in percent of the value at entry.", average_return),
    (
        "break_even_win_rate", "pct", "trades",
        "1 ÷ (1 + payoff ratio): the win rate at which wins and losses of their average sizes balance.",
        break_even_win_rate,
    ),
    (
        "expectancy_error", "money", "trades",
        "Standard error of the expectancy, over UTC days (trades of one day move together).", expectancy_error,
    ),
    ("median_holding", "seconds", "trades", "Median time from first opening to last closing fill.", median_holding),
    ("largest_mae", "money", "trades", "The furthest one trade, open or closed, was in loss.", largest_mae),
    ("largest_mfe", "money", "trades", "The furthest one trade, open or closed, was ahead.", largest_mfe),
    (
        "average_given_back", "money", "trades", "Mean of MFE − gross P&L: what trades were ahead and did not keep.",
        average_given_back,
    ),
    ("trades_per_day", "ratio", "trades", "Trades opened ÷ UTC days on which any was.", trades_per_day),
    ("total_costs", "money", "costs", "Fees + funding of the closed trades.", total_costs),
    (
        "fees_bps", "ratio", "costs",
        "Fees ÷ value of entries and exits of the closed trades, in basis points (0.01 %).", fees_bps,
    ),
    ("average_size", "money", "exposure", "Mean value at entry: price × quantity × multiplier.", average_size),
    (
        "average_leverage", "ratio", "exposure", "Mean leverage of the trades, open ones too, where it is stated.",
        average_leverage,
    ),
    ("max_leverage", "ratio", "exposure", "Highest leverage of a trade, where the source states it.", max_leverage),
)  # fmt: skip
