"""What share of a run an answer is about: of its trades and of the money they made, open ones included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from backend.analysis.arrays import BoolArray, IntArray, clean

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame


class Coverage(BaseModel):
    """`trade_count` of `of_trades` trades (closed and open) made `pnl` of the run's `of_pnl`.

    `trades_pct` is the share of the trades. `pnl_pct` is the share of the run's total P&L: below zero or above 100
    where the rest made the opposite; None where the run made nothing.
    """

    trade_count: int
    of_trades: int
    trades_pct: float | None
    pnl: float
    of_pnl: float
    pnl_pct: float | None


def cover(frame: RunFrame, chosen: IntArray | BoolArray) -> Coverage:
    """How much of the run the trades at these indices are."""
    net = frame.trades.net_pnl
    made, whole = float(net[chosen].sum()), float(net.sum())
    count = len(net[chosen])
    return Coverage(
        trade_count=count,
        of_trades=len(net),
        trades_pct=clean(count / len(net) * 100, 6) if len(net) else None,
        pnl=clean(made, 8) or 0.0,
        of_pnl=clean(whole, 8) or 0.0,
        pnl_pct=clean(made / whole * 100, 6) if clean(whole, 8) else None,
    )
