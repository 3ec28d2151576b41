"""Figures of the closed trades: how often they won, how much, and in what streaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import BoolArray, FloatArray, clean, group_starts, weightiest
from backend.analysis.figures import MAX_TRADE_IDS, Reading, missing, reading

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

NO_TRADES = "no trade was closed"
NO_WINS = "no trade won"
NO_LOSSES = "no trade lost"


def _net(frame: RunFrame) -> FloatArray:
    return frame.trades.net_pnl[frame.trades.closed]


def _result(frame: RunFrame) -> FloatArray:
    """Net P&L of the closed trades, 0 where a trade made nothing."""
    return frame.trades.result[frame.trades.closed]


def _ids(frame: RunFrame, chosen: BoolArray) -> list[int]:
    """Ids of the chosen closed trades, worst first where they lost and best first where they won."""
    closed = frame.trades.closed[chosen]
    first = weightiest(frame.trades.net_pnl[closed], MAX_TRADE_IDS)
    return [int(trade_id) for trade_id in frame.trades.trade_id[closed[first]]]


def trade_count(frame: RunFrame) -> Reading:
    """Closed trades."""
    return reading(len(frame.trades.closed))


def win_count(frame: RunFrame) -> Reading:
    """Closed trades with net P&L above zero."""
    won = _result(frame) > 0
    return reading(int(won.sum()), trade_ids=_ids(frame, won))


def loss_count(frame: RunFrame) -> Reading:
    """Closed trades with net P&L below zero."""
    lost = _result(frame) < 0
    return reading(int(lost.sum()), trade_ids=_ids(frame, lost))


def breakeven_count(frame: RunFrame) -> Reading:
    """Closed trades that made nothing: zero as the source states it, or as it shows in the currency's digits."""
    even = _result(frame) == 0
    return reading(int(even.sum()), trade_ids=_ids(frame, even))


def open_count(frame: RunFrame) -> Reading:
    """Trades still open at the end."""
    still_open = frame.trades.open
    return reading(len(still_open), trade_ids=frame.trades.trade_id[still_open])


def win_rate(frame: RunFrame) -> Reading:
    """Wins in percent of wins and losses."""
    net = _result(frame)
    decided = int((net != 0).sum())
    return reading(float((net > 0).sum()) / decided * 100) if decided else missing("no trade won or lost")


def gross_pnl(frame: RunFrame) -> Reading:
    """P&L of closed trades before costs."""
    return reading(float(frame.trades.gross_pnl[frame.trades.closed].sum()))


def net_pnl(frame: RunFrame) -> Reading:
    """P&L of closed trades after fees and funding."""
    return reading(float(_net(frame).sum()))


def open_pnl(frame: RunFrame) -> Reading:
    """P&L of open trades at the last known prices, after the costs paid so far."""
    still_open = frame.trades.open
    return reading(float(frame.trades.net_pnl[still_open].sum()), trade_ids=frame.trades.trade_id[still_open])


def total_pnl(frame: RunFrame) -> Reading:
    """P&L of closed and open trades: the money the run made or lost; its trades, those that weigh most first."""
    net = frame.trades.net_pnl
    return reading(float(net.sum()), trade_ids=frame.trades.trade_id[weightiest(net, MAX_TRADE_IDS)])


def average_win(frame: RunFrame) -> Reading:
    """Mean net P&L of wins."""
    net = _result(frame)
    return reading(net[net > 0].mean(), trade_ids=_ids(frame, net > 0)) if (net > 0).any() else missing(NO_WINS)


def average_loss(frame: RunFrame) -> Reading:
    """Mean net P&L of losses (below zero)."""
    net = _result(frame)
    return reading(net[net < 0].mean(), trade_ids=_ids(frame, net < 0)) if (net < 0).any() else missing(NO_LOSSES)


def largest_win(frame: RunFrame) -> Reading:
    """Highest net P&L of a trade that won."""
    net = _result(frame)
    if not (net > 0).any():
        return missing(NO_WINS)
    return reading(net.max(), trade_ids=[frame.trades.trade_id[frame.trades.closed[net.argmax()]]])


def largest_loss(frame: RunFrame) -> Reading:
    """Lowest net P&L of a trade that lost."""
    net = _result(frame)
    if not (net < 0).any():
        return missing(NO_LOSSES)
    return reading(net.min(), trade_ids=[frame.trades.trade_id[frame.trades.closed[net.argmin()]]])


def payoff_ratio(frame: RunFrame) -> Reading:
    """Average win over the size of the average loss."""
    win, loss = average_win(frame), average_loss(frame)
    if not isinstance(win.value, float):
        return win
    if not isinstance(loss.value, float):
        return loss
    # A loss of less than figures are rounded to is zero.
    return reading(win.value / abs(loss.value)) if loss.value else missing(NO_LOSSES)


def profit_factor(frame: RunFrame) -> Reading:
    """Sum of wins over the size of the sum of losses."""
    net = _result(frame)
    if not len(net):
        return missing(NO_TRADES)
    # A loss of less than figures are rounded to is zero.
    lost = clean(net[net < 0].sum()) or 0.0
    return reading(float(net[net > 0].sum()) / -lost) if lost < 0 else missing(NO_LOSSES)


def expectancy(frame: RunFrame) -> Reading:
    """Mean net P&L of a closed trade."""
    net = _net(frame)
    return reading(net.mean()) if len(net) else missing(NO_TRADES)


def expectancy_r(frame: RunFrame) -> Reading:
    """Mean R of the closed trades whose stop is known; `low_sample` where that is not all of them."""
    r = frame.trades.r[frame.trades.closed]
    if not len(r):
        return missing(NO_TRADES)
    known = r[~np.isnan(r)]
    if not len(known):
        return missing("no closed trade has a known stop at entry, so the risk taken (R) is not known")
    return reading(known.mean(), low_sample=len(known) < len(r))


def stop_warnings(frame: RunFrame) -> list[str]:
    """That R rests on a part of the closed trades, where it does."""
    r = frame.trades.r[frame.trades.closed]
    known = int((~np.isnan(r)).sum())
    if known in (0, len(r)):
        return []
    return [f"A stop at entry is known for {known} of {len(r)} closed trades; R and the expectancy in R are of these."]


def sqn(frame: RunFrame) -> Reading:
    """System quality number."""
    net = _net(frame)
    if len(net) < 2:
        return missing("fewer than 2 closed trades")
    if np.ptp(net) <= max(frame.equity.least, 1e-9 * float(np.abs(net).max())):
        return missing("all trades made the same, but for rounding")
    spread = float(net.std(ddof=1))
    return reading(float(np.sqrt(len(net))) * net.mean() / spread, low_sample=len(net) < 30)


def kelly(frame: RunFrame) -> Reading:
    """Kelly fraction of win rate and payoff ratio."""
    rate, payoff = win_rate(frame), payoff_ratio(frame)
    if not isinstance(rate.value, float):
        return rate
    if not isinstance(payoff.value, float):
        return payoff
    if not payoff.value:
        return missing("the average win is zero but for rounding")
    won = rate.value / 100
    return reading(won - (1 - won) / payoff.value)


def streaks(net: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(sign of each streak, its length) of results in order; zeros end a streak and make one of their own."""
    if not len(net):
        return np.empty(0), np.empty(0)
    sign = np.sign(net)
    starts = np.flatnonzero(group_starts(sign))
    return sign[starts], np.diff(np.append(starts, len(net))).astype(np.float64)


def _longest(frame: RunFrame, wanted: int) -> Reading:
    trades = frame.trades
    net = trades.result[trades.closed_in_order]
    if not len(net):
        return missing(NO_TRADES)
    sign, length = streaks(net)
    of_kind = np.where(sign == wanted, length, 0)
    longest = int(of_kind.argmax())
    begin = int(length[:longest].sum())
    ids = trades.trade_id[trades.closed_in_order[begin : begin + int(of_kind[longest])]]
    return reading(int(of_kind[longest]), trade_ids=ids)


def longest_winning_streak(frame: RunFrame) -> Reading:
    """Most wins in a row, by closing time."""
    return _longest(frame, 1)


def longest_losing_streak(frame: RunFrame) -> Reading:
    """Most losses in a row, by closing time."""
    return _longest(frame, -1)


def _holding(frame: RunFrame, chosen: BoolArray, otherwise: str) -> Reading:
    seconds = frame.trades.holding_seconds[frame.trades.closed][chosen]
    return reading(seconds.mean()) if len(seconds) else missing(otherwise)


def average_holding(frame: RunFrame) -> Reading:
    """Mean time from opening to closing."""
    return _holding(frame, np.ones(len(frame.trades.closed), dtype=np.bool_), NO_TRADES)


def average_holding_winners(frame: RunFrame) -> Reading:
    """Mean holding time of wins."""
    return _holding(frame, _result(frame) > 0, NO_WINS)


def average_holding_losers(frame: RunFrame) -> Reading:
    """Mean holding time of losses."""
    return _holding(frame, _result(frame) < 0, NO_LOSSES)


def _excursion(frame: RunFrame, column: FloatArray) -> Reading:
    known = column[frame.trades.closed]
    known = known[~np.isnan(known)]
    return reading(known.mean()) if len(known) else missing("the source gives no price extremes while trades were open")


def average_mae(frame: RunFrame) -> Reading:
    """Mean maximum adverse excursion."""
    return _excursion(frame, frame.trades.mae)


def average_mfe(frame: RunFrame) -> Reading:
    """Mean maximum favourable excursion."""
    return _excursion(frame, frame.trades.mfe)
