"""What the best of all that could have been proposed makes of results dealt anew, and where a statistic ranks in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from backend.analysis.arrays import FloatArray, IntArray
from backend.analysis.chance.families import NONE, Family, FamilyScores
from backend.analysis.chance.limit import best_by_limit
from backend.analysis.chance.statistic import Sample, ratio

ALPHA = 0.025
FEWEST = 10  # trades taken out, and trades kept
_DEALS = 199
_WALKED = 1_500  # trades up to which rules that depend on the results so far are walked through every deal
_DEALT = 5_000  # trades up to which every deal is made; beyond, its sums are drawn from their limit
_SEED = 20_011
Walk = Callable[[FloatArray], FloatArray]  # net P&L dealt (trades × deals) → shares taken out


@dataclass(frozen=True, slots=True)
class Path:
    """A removal that depends on the results so far."""

    walk: Walk
    by_size: bool = False


@dataclass(frozen=True, slots=True)
class Proposals:
    """Everything that could have been proposed.

    `shares` are removals that go by the trades' sizes and that no result changes: the share of each trade that is taken
    out. `exits` counts values that change exits, for which no deal exists.
    """

    families: Sequence[Family] = ()
    shares: Sequence[FloatArray] = ()
    paths: Sequence[Path] = ()
    exits: int = 0

    def __add__(self, other: Proposals) -> Proposals:
        return Proposals(
            (*self.families, *other.families),
            (*self.shares, *other.shares),
            (*self.paths, *other.paths),
            self.exits + other.exits,
        )


@dataclass(frozen=True, slots=True)
class Null:
    """The largest statistic of each deal, rising; beyond chance is what is above `critical`."""

    maxima: FloatArray

    @property
    def deals(self) -> int:
        """How often the results were dealt."""
        return len(self.maxima)

    @property
    def critical(self) -> float | None:
        """What a statistic must be above; None where nothing could have been proposed."""
        allowed = int(ALPHA * (self.deals + 1)) - 1
        value = float(self.maxima[self.deals - 1 - allowed])
        return value if np.isfinite(value) else None

    def p_value(self, z: float) -> float:
        """How often the best of a deal is as good, the run itself counted as one of them."""
        as_good = self.deals - int(np.searchsorted(self.maxima, z, side="left"))
        return (1 + as_good) / (self.deals + 1)


def null_of(sample: Sample, proposals: Proposals, *, two_sided: bool = False) -> Null:
    """Deal the results anew within each half and keep the best statistic of every deal (by size, if `two_sided`)."""
    rng = np.random.default_rng(_SEED)
    few = len(sample) <= _WALKED
    best = np.full(_DEALS, NONE)
    if len(sample) < 2 * FEWEST:
        return Null(best)
    guessed = proposals.exits
    if len(sample) > _DEALT:
        best = best_by_limit(sample, proposals.families, _DEALS, rng, FEWEST, two_sided=two_sided)
        guessed += 2 * len(proposals.shares)  # each is judged by the mean result and by the mean return
    else:
        orders = _Orders(sample, rng, proposals)
        for deal in range(_DEALS):
            best[deal] = orders.best_of_next(two_sided=two_sided, keep=few and bool(proposals.paths))
    if few:
        for path in proposals.paths:
            best = np.fmax(best, orders.walked(path, two_sided=two_sided))
    else:
        # A removal that reads only what is closed tells nothing apart in dealt results: at these numbers its
        # statistic is normal. Values are taken for independent, which makes the best of them larger than it is.
        guessed += len(proposals.paths)
    if guessed:
        drawn = rng.normal(size=(_DEALS, guessed))
        best = np.fmax(best, (np.abs(drawn) if two_sided else drawn).max(axis=1))
    return Null(np.sort(best))


class _Orders:
    """The deals of one sample, one after another."""

    def __init__(self, sample: Sample, rng: np.random.Generator, proposals: Proposals) -> None:
        self._sample, self._rng = sample, rng
        self._centred = sample.centred(sample.net)
        self._mean = sample.net - self._centred
        self._rate = np.divide(sample.net, sample.size, out=np.zeros(len(sample)), where=sample.size > 0)
        scored = [FamilyScores(family, sample, FEWEST) for family in proposals.families]
        self._families = [scores for scores in scored if not scores.empty]
        self._shares = np.array([sample.centred(each) for each in proposals.shares])
        self._kept: list[IntArray] = []

    def best_of_next(self, *, two_sided: bool, keep: bool) -> float:
        """The largest statistic of one more deal."""
        sample = self._sample
        first, second = sample.halves
        order = np.concatenate(
            [self._rng.permutation(first.stop), sample.half + self._rng.permutation(second.stop - second.start)]
        )
        if keep:
            self._kept.append(order)
        dealt = self._centred[order]
        days = np.stack(sample.by_day(dealt), axis=1)
        found = [scores.scores(dealt, days, self._mean) for scores in self._families]
        if len(self._shares):
            by_size = sample.beyond_size(self._rate[order] * sample.size)
            found += [self._of_shares(self._shares * dealt), self._of_shares(self._shares * by_size)]
        sizes = [np.abs(z) if two_sided else z for z in found if len(z)]
        return max((float(z.max()) for z in sizes), default=NONE)

    def _of_shares(self, products: FloatArray) -> FloatArray:
        first, second = self._sample.by_day(products)
        return ratio(first + second)

    def walked(self, path: Path, *, two_sided: bool) -> FloatArray:
        """The statistic of a rule applied anew to each deal that was kept."""
        sample, order = self._sample, np.array(self._kept)
        if path.by_size:
            dealt = self._rate[order] * sample.size
            result = sample.beyond_size(dealt)
        else:
            dealt = self._centred[order] + self._mean
            result = self._centred[order]
        removed = path.walk(np.ascontiguousarray(dealt.T)).T
        enough = ((removed != 0).sum(axis=1) >= FEWEST) & ((removed < 1).sum(axis=1) >= FEWEST)
        z = self._of_shares(sample.centred(removed) * result)
        return np.where(enough, np.abs(z) if two_sided else z, NONE)


def detectable(critical: float, trades: int, share: float) -> float:
    """How many standard deviations worse a share of the trades must have done for its removal to be beyond chance."""
    return critical / sqrt(trades * share * (1 - share))
