"""What is shared by stops and targets: an exit price at a distance from entry, replayed within the known extremes.

The extremes of a trade do not say whether they came while it was open or on the same bar before or after. So a trade
whose own exit lies beyond the price surely met it; one whose extremes alone do may have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from backend.analysis.arrays import FloatArray
from backend.analysis.rules.base import Outcome

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_NOTE = (
    "Bounded: the lowest and highest prices of each trade are known, their order is not. Worst and best case are "
    "given; fills are taken at the exit price itself, without slippage or gaps, with the trade's own costs."
)
_NO_PRICES = (
    "The source does not give the price extremes of every trade while it was open, so it can't be known which trades "
    "would have been exited."
)


def excursion_pct(frame: RunFrame, kind: Literal["stop", "target"]) -> FloatArray:
    """Furthest move against (stop) or for (target) each closed trade in percent of entry, ≥ 0; NaN where not known."""
    t, closed = frame.trades, frame.trades.closed
    money = -t.mae[closed] if kind == "stop" else t.mfe[closed]
    value = t.entry_value[closed]
    move: FloatArray = np.divide(money * 100, value, out=np.full(len(closed), np.nan), where=value > 0)
    return move


def exit_at(frame: RunFrame, distance_pct: float, kind: Literal["stop", "target"]) -> Outcome:
    """Exit each closed trade at `distance_pct` of its entry price against it (stop) or for it (target)."""
    t, closed = frame.trades, frame.trades.closed
    net = t.net_pnl[closed]
    reached = excursion_pct(frame, kind)
    none_removed = np.zeros(len(closed), dtype=np.bool_)
    if not len(closed) or np.isnan(reached).any():
        return Outcome(net, net, none_removed, "needs_prices", _NO_PRICES)
    sign = -1.0 if kind == "stop" else 1.0
    at_exit = sign * distance_pct / 100 * t.entry_value[closed] - t.fees[closed] - t.funding[closed]
    own_move = sign * t.gross_pnl[closed] / np.where(t.entry_value[closed] > 0, t.entry_value[closed], np.nan) * 100
    surely = own_move >= distance_pct
    maybe = ~surely & (reached >= distance_pct)
    low = np.where(surely, at_exit, np.where(maybe, np.minimum(at_exit, net), net))
    high = np.where(surely, at_exit, np.where(maybe, np.maximum(at_exit, net), net))
    return Outcome(low, high, none_removed, "bounded", _NOTE)
