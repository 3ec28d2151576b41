"""An equity curve thinned so that it can be drawn."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import FloatArray, IntArray, clean, to_datetime, to_microseconds
from backend.analysis.equity import Basis

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame


class EquityPoint(BaseModel):
    """Equity at one moment; `drawdown` in percent of the peak so far."""

    t: datetime
    equity: float
    drawdown: float | None


class EquitySeries(BaseModel):
    """An equity curve small enough to draw; `total_points` is how many it was made from."""

    points: list[EquityPoint]
    basis: Basis
    total_points: int


def equity_points(
    frame: RunFrame, points: int = 500, *, since: datetime | None = None, until: datetime | None = None
) -> EquitySeries:
    """The curve in at most about `points` points: first, last, and the lowest and highest of each stretch.

    With `since` or `until` the part between them, finer, with the points next to it, so that a line drawn of it
    reaches its edges. Drawdown is of the whole run's peak either way.
    """
    curve = frame.equity
    first = np.searchsorted(curve.at, to_microseconds(since), side="right") - 1 if since else 0
    last = np.searchsorted(curve.at, to_microseconds(until), side="left") + 1 if until else len(curve)
    first = max(int(first), 0)
    kept = first + extremes(curve.value[first:last], max(points, 4))
    drawdown = curve.drawdown_pct
    return EquitySeries(
        points=[
            EquityPoint(t=to_datetime(curve.at[i]), equity=clean(curve.value[i]) or 0.0, drawdown=clean(drawdown[i], 6))
            for i in kept
        ],
        basis=curve.basis,
        total_points=len(curve),
    )


def extremes(value: FloatArray, points: int) -> IntArray:
    """Indices of at most about `points` values: first, last, and the lowest and highest of each stretch."""
    count = len(value)
    if count <= points:
        return np.arange(count)
    size = -(-count // ((points - 2) // 2))
    width = -(-count // size) * size
    low = np.pad(value, (0, width - count), constant_values=np.inf).reshape(-1, size).argmin(axis=1)
    high = np.pad(value, (0, width - count), constant_values=-np.inf).reshape(-1, size).argmax(axis=1)
    base = np.arange(0, width, size)
    return np.unique(np.concatenate([[0, count - 1], base + low, base + high]))
