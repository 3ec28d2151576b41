"""The stretches a run spent below its peak: when, how deep, and what was traded on the way down."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import clean, group_starts, to_datetime
from backend.analysis.breakdown import money

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

BASIS = "equity below its highest value so far; trades are those closed after the peak and no later than the trough"


class DrawdownPeriod(BaseModel):
    """One fall from a peak. `depth_pct` is in percent of the peak (None without a level), `depth` in money, both ≤ 0.

    `recovered_at` is None where the run ended under water. Days are of 24 hours.
    """

    rank: int
    peak_at: datetime
    trough_at: datetime
    recovered_at: datetime | None
    depth_pct: float | None
    depth: float
    days_down: float
    days_under_water: float
    trade_count: int
    net_pnl: float


class Drawdowns(BaseModel):
    """The deepest falls, deepest first; `total` is how many there were."""

    kind: Literal["drawdowns"] = "drawdowns"
    currency: str
    total: int
    items: list[DrawdownPeriod]
    basis: str = BASIS


def drawdown_periods(frame: RunFrame, limit: int = 5) -> Drawdowns:
    """The deepest falls from a peak, by percent where each can be told so, else by money."""
    curve, t = frame.equity, frame.trades
    below = curve.drawdown_money < 0
    begins = np.flatnonzero(group_starts(below) & below) if len(below) else np.empty(0, dtype=np.int64)
    if not len(begins):
        return Drawdowns(currency=frame.facts.currency, total=0, items=[])
    changes = np.flatnonzero(group_starts(below))
    following = np.searchsorted(changes, begins, side="right")
    ends = np.append(changes, len(below))[following]
    # In percent only where all of them can be told so: equity that begins at nothing has a first fall from no peak.
    in_pct = curve.has_level and np.isfinite(curve.drawdown_pct[below]).all()
    depth = curve.drawdown_pct if in_pct else curve.drawdown_money
    worst = np.minimum.reduceat(np.where(below, depth, 0.0), begins)
    order = t.closed_in_order
    closed_at, made = t.closed_at[order], np.concatenate([[0.0], np.cumsum(t.net_pnl[order])])
    items = []
    for rank, place in enumerate(np.argsort(worst, kind="stable")[: max(limit, 0)].tolist(), start=1):
        begin, end = int(begins[place]), int(ends[place])
        peak, trough = max(begin - 1, 0), begin + int(np.argmin(depth[begin:end]))
        first, last = np.searchsorted(closed_at, curve.at[[peak, trough]], side="right").tolist()
        until = end if end < len(below) else len(below) - 1
        items.append(
            DrawdownPeriod(
                rank=rank,
                peak_at=to_datetime(curve.at[peak]),
                trough_at=to_datetime(curve.at[trough]),
                recovered_at=to_datetime(curve.at[end]) if end < len(below) else None,
                depth_pct=clean(curve.drawdown_pct[trough], 6),
                depth=money(curve.drawdown_money[trough]) or 0.0,
                days_down=_days(curve.at[trough] - curve.at[peak]),
                days_under_water=_days(curve.at[until] - curve.at[peak]),
                trade_count=last - first,
                net_pnl=money(made[last] - made[first]) or 0.0,
            )
        )
    return Drawdowns(currency=frame.facts.currency, total=len(begins), items=items)


def _days(microseconds: np.int64) -> float:
    return float(round(microseconds / 86_400e6, 4))
