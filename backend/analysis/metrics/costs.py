"""Figures of what trading cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.analysis.figures import Reading, missing, reading
from backend.analysis.metrics.trades import NO_TRADES

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_NO_GROSS = "gross P&L is zero, or less than money is counted in"


def fees(frame: RunFrame) -> Reading:
    """Fees of closed trades; above zero is a cost."""
    return reading(float(frame.trades.fees[frame.trades.closed].sum()))


def funding(frame: RunFrame) -> Reading:
    """Funding of closed trades; above zero is a cost."""
    return reading(float(frame.trades.funding[frame.trades.closed].sum()))


def fees_share_of_gross(frame: RunFrame) -> Reading:
    """Fees in percent of the size of the gross P&L."""
    closed = frame.trades.closed
    gross = abs(float(frame.trades.gross_pnl[closed].sum()))
    if not len(closed):
        return missing(NO_TRADES)
    return (
        reading(float(frame.trades.fees[closed].sum()) / gross * 100)
        if gross >= frame.equity.least
        else missing(_NO_GROSS)
    )


def average_fees(frame: RunFrame) -> Reading:
    """Mean fees of a closed trade."""
    closed = frame.trades.closed
    return reading(frame.trades.fees[closed].mean()) if len(closed) else missing(NO_TRADES)
