"""How the results of closed trades are spread: a histogram with round edges, and what describes it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import FloatArray, sum_by
from backend.analysis.breakdown import money
from backend.analysis.trade_list import measure_of

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

UNITS: dict[str, Literal["money", "pct", "seconds"]] = {
    "net_pnl": "money", "return_pct": "pct", "holding_seconds": "seconds", "mae": "money", "mfe": "money",
    "fees": "money",
}  # fmt: skip
BASIS = (
    "closed trades; zero is an edge, so that no bin holds wins and losses; the outer bins hold all that lies beyond "
    "the 1st and 99th percentiles"
)
_SECONDS = (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800)
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Bin(BaseModel):
    """Trades with `low` ≤ value < `high`; None where the bin is open to that side."""

    low: float | None
    high: float | None
    trade_count: int
    net_pnl: float


class Distribution(BaseModel):
    """One measure of the closed trades; `unknown_count` of them have none. Percentiles interpolate linearly."""

    kind: Literal["distribution"] = "distribution"
    measure: str
    unit: Literal["money", "pct", "seconds"]
    currency: str
    trade_count: int
    unknown_count: int
    bins: list[Bin]
    mean: float | None
    stdev: float | None
    skew: float | None
    percentiles: dict[str, float]
    basis: str = BASIS


def distribution(frame: RunFrame, measure: str = "net_pnl", bins: int = 40) -> Distribution:
    """Spread of a measure in at most about `bins` bins.

    Raises:
        InvalidCriteria: for a measure there is none of.
    """
    closed = frame.trades.closed
    values = measure_of(frame, measure)[closed]
    known = ~np.isnan(values)
    values, net = values[known], frame.trades.net_pnl[closed][known]
    deviation = float(values.std(ddof=1)) if len(values) > 1 else math.nan
    centred = values - values.mean() if len(values) else values
    spread = float((centred**2).mean()) if len(values) else 0.0
    return Distribution(
        measure=measure,
        unit=UNITS[measure],
        currency=frame.facts.currency,
        trade_count=len(values),
        unknown_count=int((~known).sum()),
        bins=_bins(values, net, bins, in_time=UNITS[measure] == "seconds"),
        mean=money(values.mean()) if len(values) else None,
        stdev=money(deviation),
        skew=money(float((centred**3).mean()) / spread**1.5) if len(values) > 2 and spread > 0 else None,
        percentiles={
            f"p{p:02d}": money(level) or 0.0
            for p, level in zip((5, 25, 50, 75, 95), np.percentile(values, (5, 25, 50, 75, 95)), strict=True)
        }
        if len(values)
        else {},
    )


def _bins(values: FloatArray, net: FloatArray, count: int, *, in_time: bool) -> list[Bin]:
    if not len(values):
        return []
    low, high = (float(level) for level in np.percentile(values, (1, 99)))
    step = _step(max(high - low, 0.0) / max(count - 2, 1) or abs(high) or 1.0, in_time=in_time)
    first, last = math.floor(low / step), math.floor(high / step) + 1
    edges = np.arange(first, last + 1) * step
    place = np.searchsorted(edges, values, side="right")
    counts = np.bincount(place, minlength=len(edges) + 1)
    sums = sum_by(place, net, len(edges) + 1)
    found = [
        Bin(
            low=money(edges[i - 1]) if i > 0 else None,
            high=money(edges[i]) if i < len(edges) else None,
            trade_count=int(counts[i]),
            net_pnl=money(sums[i]) or 0.0,
        )
        for i in range(len(edges) + 1)
    ]
    # The open bins are shown where something lies in them.
    return found[0 if counts[0] else 1 : None if counts[-1] else -1]


def _step(least: float, *, in_time: bool) -> float:
    """The smallest round step not below `least`."""
    if in_time and least <= _SECONDS[-1]:
        return float(next(step for step in _SECONDS if step >= least))
    size = 10.0 ** math.floor(math.log10(least))
    # The last one is above whatever division has rounded up.
    return next((step * size for step in _STEPS if step * size >= least), 10 * size)
