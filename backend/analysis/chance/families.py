"""Sets of filters that could all have been proposed, scored on one deal at a time.

A family splits the trades into groups; its filters take out groups. All filters of a family are scored by sums over
the cells of day and group, so that a deal costs about as much as one pass over the trades.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.analysis.arrays import BoolArray, FloatArray, IntArray, sum_by
from backend.analysis.chance.statistic import Sample, ratio

NONE = -np.inf


@dataclass(frozen=True, slots=True)
class Family:
    """`codes` is the group of each closed trade, by opening time.

    `unions` has a row for each group and a column for each filter: the groups it takes out. Without it each group is a
    filter, and `together` says up to how many of those that lost most may be taken out as one.
    """

    codes: IntArray
    groups: int
    unions: BoolArray | None = None
    together: int = 1


class FamilyScores:
    """The statistics of a family's filters on any deal of one sample."""

    def __init__(self, family: Family, sample: Sample, fewest: int) -> None:
        self._family, self._sample = family, sample
        codes, n = family.codes, len(sample)
        counts = np.stack([np.bincount(codes[part], minlength=family.groups) for part in sample.halves])
        self._sizes = counts.sum(axis=0)
        unions = np.eye(family.groups) if family.unions is None else family.unions.astype(np.float64)
        chosen = counts @ unions
        removed = chosen.sum(axis=0)
        self.allowed = (removed >= fewest) & (n - removed >= fewest)
        in_half = np.array([[max(part.stop - part.start, 1)] for part in sample.halves])
        self._share = chosen / in_half
        self._fewest = fewest
        if family.unions is not None:
            self._unions = family.unions[:, self.allowed].astype(np.float64)
            self._share = self._share[:, self.allowed]
            self._taken = np.concatenate([self._unions, -self._share])
            self._key = sample.day * family.groups + codes
        else:
            keys, self._cell = np.unique(sample.day * family.groups + codes, return_inverse=True)
            self._cell_day, self._cell_group = np.divmod(keys, family.groups)

    @property
    def empty(self) -> bool:
        """Whether no filter of the family takes out and keeps enough."""
        return not self.allowed.any()

    def scores(self, dealt: FloatArray, days: FloatArray, mean: FloatArray) -> FloatArray:
        """z of each filter that is allowed, and of the groups that lost most together.

        Args:
            dealt: net P&L of each trade less its half's mean.
            days: sums of that by day, (days × 2 halves).
            mean: the mean net P&L of each trade's half.
        """
        return self._of_groups(dealt, days, mean) if self._family.unions is None else self._of_unions(dealt, days)

    def _of_unions(self, dealt: FloatArray, days: FloatArray) -> FloatArray:
        """By the products of the groups' daily sums with each other: a filter's square is the sum of its groups'."""
        size = self._sample.days * self._family.groups
        cells = sum_by(self._key, dealt, size).reshape(self._sample.days, -1)
        groups = np.concatenate([cells, days], axis=1)
        # Not by BLAS: its threads cost more than they bring at this size, and far more on a busy machine.
        products = np.einsum("di,dj->ij", groups, groups)
        spread = (self._taken * (products @ self._taken)).sum(axis=0)
        z: FloatArray = -(cells.sum(axis=0) @ self._unions) / np.sqrt(np.maximum(spread, 1e-300))
        return z

    def _of_groups(self, dealt: FloatArray, days: FloatArray, mean: FloatArray) -> FloatArray:
        cells = sum_by(self._cell, dealt, len(self._cell_day))
        groups = self._family.groups
        total = sum_by(self._cell_group, cells, groups)
        squares = sum_by(self._cell_group, cells**2, groups)
        cross = sum(
            self._share[half] * sum_by(self._cell_group, cells * days[self._cell_day, half], groups) for half in (0, 1)
        )
        of_days = days.T @ days
        spread = squares - 2 * cross + (self._share * (of_days @ self._share)).sum(axis=0)
        found: FloatArray = -total[self.allowed] / np.sqrt(np.maximum(spread[self.allowed], 1e-300))
        if self._family.together < 2:
            return found
        return np.append(found, np.array(self._of_worst(cells, days, total, mean)))

    def _of_worst(self, cells: FloatArray, days: FloatArray, total: FloatArray, mean: FloatArray) -> list[float]:
        """The groups that lost most, two and more together; `total` is by group, less its share of the mean."""
        sample, groups = self._sample, self._family.groups
        counts = self._share * np.array([[sample.half], [len(sample) - sample.half]])
        made = total + counts[0] * mean[0] + counts[1] * mean[-1]
        order = [k for k in np.argsort(made, kind="stable")[: self._family.together].tolist() if made[k] < 0]
        found = []
        for many in range(2, len(order) + 1):
            chosen = np.zeros(groups, dtype=np.bool_)
            chosen[order[:many]] = True
            removed = float(self._sizes[chosen].sum())
            if removed < self._fewest or len(sample) - removed < self._fewest:
                continue
            mine = chosen[self._cell_group]
            by_day = sum_by(self._cell_day[mine], cells[mine], sample.days)
            by_day -= days @ self._share[:, chosen].sum(axis=1)
            found.append(float(ratio(by_day)))
        return found
