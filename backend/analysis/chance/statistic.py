"""A run's closed trades as the statistic needs them, and the statistic of any one removal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import FloatArray, IntArray, day_of, group_starts

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame


@dataclass(frozen=True, slots=True)
class Score:
    """The statistic over the whole run and over each half; 0 where nothing is told apart."""

    z: float
    first: float
    second: float

    def weaker(self, other: Score) -> Score:
        """Of each the one nearer to zero; 0 where they are of different signs."""
        pairs = ((self.z, other.z), (self.first, other.first), (self.second, other.second))
        return Score(*(min(pair, key=abs) if pair[0] * pair[1] > 0 else 0.0 for pair in pairs))


@dataclass(frozen=True, slots=True)
class Sample:
    """Closed trades by opening time, in two halves by number.

    `net` is their net P&L, `size` their value at entry, `day` the number of the UTC day they opened on (0, 1, …),
    `starts` where each stretch of one day and half begins, `day_of_start` and `half_of_start` which those are.
    """

    net: FloatArray
    size: FloatArray
    day: IntArray
    half: int
    starts: IntArray
    day_of_start: IntArray
    half_of_start: IntArray

    def __len__(self) -> int:
        return len(self.net)

    @property
    def days(self) -> int:
        """On how many days trades were opened."""
        return int(self.day[-1]) + 1 if len(self.day) else 0

    @property
    def halves(self) -> tuple[slice, slice]:
        """Places of the trades of each half."""
        return slice(0, self.half), slice(self.half, len(self.net))

    def centred(self, values: FloatArray) -> FloatArray:
        """Values less their half's mean, along the last axis."""
        shown = np.array(values, dtype=np.float64)
        for part in self.halves:
            if part.stop > part.start:
                shown[..., part] -= shown[..., part].mean(axis=-1, keepdims=True)
        return shown

    def beyond_size(self, net: FloatArray) -> FloatArray:
        """Net P&L less what the size of each trade makes at its half's mean return, along the last axis."""
        shown = np.array(net, dtype=np.float64)
        for part in self.halves:
            put_in = float(self.size[part].sum())
            if put_in > 0:
                rate = shown[..., part].sum(axis=-1, keepdims=True) / put_in
                shown[..., part] -= rate * self.size[part]
        return shown

    def by_day(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sums by day of each half, along the last axis: (… × days) for the first half and for the second."""
        shape = (*values.shape[:-1], self.days)
        sums = (np.zeros(shape), np.zeros(shape))
        if values.shape[-1]:
            parts = np.add.reduceat(values, self.starts, axis=-1)
            for half, total in enumerate(sums):
                mine = self.half_of_start == half
                total[..., self.day_of_start[mine]] = parts[..., mine]
        return sums

    def score(self, removed: FloatArray, *, by_size: bool = False) -> Score:
        """The statistic of taking out these shares of the trades.

        `by_size` is for removals that go by the trades' sizes. Whether results grow with size is not known, so they are
        judged by the mean result and by what each size makes at the mean return, and the weaker of the two counts.
        """
        share = self.centred(removed)
        score = _score(*self.by_day(share * self.centred(self.net)))
        return score.weaker(_score(*self.by_day(share * self.beyond_size(self.net)))) if by_size else score


def _score(first: FloatArray, second: FloatArray) -> Score:
    return Score(float(ratio(first + second)), float(ratio(first)), float(ratio(second)))


def ratio(by_day: FloatArray) -> FloatArray:
    """−Σ ⁄ √Σ² along the last axis; 0 where all are zero."""
    spread = np.sqrt((by_day**2).sum(axis=-1))
    total: FloatArray = -by_day.sum(axis=-1)
    least = 1e-12 * np.abs(by_day).max(initial=1e-300)
    z: FloatArray = np.divide(total, spread, out=np.zeros_like(total), where=spread > least)
    return z


def sample_of(frame: RunFrame) -> Sample:
    """The run's closed trades; kept on the frame."""
    if "sample" not in frame.cache:
        t, closed = frame.trades, frame.trades.closed
        days = day_of(t.opened_at[closed])
        day = np.cumsum(group_starts(days)) - 1 if len(days) else days
        half = len(closed) // 2
        second = (np.arange(len(closed)) >= half).astype(np.int64)
        starts = np.flatnonzero(group_starts(day, second)) if len(closed) else np.empty(0, dtype=np.int64)
        frame.cache["sample"] = Sample(
            net=t.net_pnl[closed],
            size=t.entry_value[closed],
            day=day,
            half=half,
            starts=starts,
            day_of_start=day[starts],
            half_of_start=second[starts],
        )
    found: Sample = frame.cache["sample"]
    return found
