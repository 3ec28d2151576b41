"""The best of all filters on dealt results of many trades, by the limit of their distribution.

With many trades in a group its dealt sum is normal, and sums of groups depend on each other only by the trades they
share: all are drawn together, at a cost that does not grow with the number of deals times trades. Groups of few trades
are drawn result by result, since rare large results keep their sums from being normal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from backend.analysis.arrays import BoolArray, FloatArray, IntArray
from backend.analysis.chance.families import NONE, Family
from backend.analysis.chance.statistic import Sample

_FEW = 300  # trades in a group up to which results are drawn one by one
_GROUPS = 200  # groups of a family that may be drawn together
_AT_ONCE = 2_000_000  # results drawn at a time: bounds memory


def best_by_limit(
    sample: Sample, families: Sequence[Family], deals: int, rng: np.random.Generator, fewest: int, *, two_sided: bool
) -> FloatArray:
    """The largest statistic of every deal over all filters that take out and keep at least `fewest`."""
    few = max(_FEW, len(sample) // _GROUPS)
    taken = [_Taken(family, sample, few, fewest) for family in families]
    best = np.full(deals, NONE)
    for z in (*_together(sample, taken, deals, rng, fewest), *_one_by_one(sample, taken, deals, rng)):
        if z.shape[1]:
            best = np.fmax(best, (np.abs(z) if two_sided else z).max(axis=1))
    return best


class _Taken:
    """A family's groups of many trades, the filters made of them, and its filters of few trades."""

    def __init__(self, family: Family, sample: Sample, few: int, fewest: int) -> None:
        self.family = family
        counts = np.bincount(family.codes, minlength=family.groups)
        unions = family.unions
        removed = counts if unions is None else counts @ unions
        allowed = (removed >= fewest) & (len(sample) - removed >= fewest)
        self.small = np.flatnonzero(allowed & (removed < few))
        large = np.flatnonzero(allowed & (removed >= few))
        kept = large if unions is None else np.flatnonzero(counts)
        place = np.full(family.groups, -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        self.codes, self.size, self.counts = place[family.codes], len(kept), counts[kept]
        self.filters = np.eye(len(kept)) if unions is None else unions[np.ix_(kept, large)].astype(np.float64)

    def members(self, chosen: int) -> BoolArray:
        """Which trades one of its filters takes out."""
        unions, codes = self.family.unions, self.family.codes
        taken: BoolArray = codes == chosen if unions is None else unions[codes, chosen]
        return taken


def _together(
    sample: Sample, taken: Sequence[_Taken], deals: int, rng: np.random.Generator, fewest: int
) -> Iterator[FloatArray]:
    """z (deals × filters) of the filters of many trades."""
    parts = [each for each in taken if each.size]
    if not parts:
        return
    spread = _covariance(sample, parts)
    values, vectors = np.linalg.eigh(spread)
    drawn = rng.normal(size=(deals, len(spread))) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    begin = 0
    for each in parts:
        own = slice(begin, begin + each.size)
        begin += each.size
        error = np.sqrt(np.maximum((each.filters * (spread[own, own] @ each.filters)).sum(axis=0), 1e-300))
        yield -(drawn[:, own] @ each.filters) / error
        if each.family.together > 1:
            yield _of_worst(sample, each, drawn[:, own], spread[own, own], fewest)


def _covariance(sample: Sample, parts: Sequence[_Taken]) -> FloatArray:
    """Of the groups' sums of dealt results, from how many trades any two share in each half."""
    total = sum(each.size for each in parts)
    spread = np.zeros((total, total))
    for half in sample.halves:
        count = half.stop - half.start
        variance = float(sample.net[half].var()) if count else 0.0
        row = 0
        for a in parts:
            column = 0
            for b in parts:
                if column >= row:
                    shared = _shared(a, b, half)
                    expected = np.outer(_trades_in(a, half), _trades_in(b, half)) / max(count, 1)
                    block = variance * (shared - expected)
                    spread[row : row + a.size, column : column + b.size] += block
                    if column > row:
                        spread[column : column + b.size, row : row + a.size] += block.T
                column += b.size
            row += a.size
    return spread


def _trades_in(each: _Taken, half: slice) -> IntArray:
    """Trades of each group in one half."""
    codes = each.codes[half]
    return np.bincount(codes[codes >= 0], minlength=each.size)


def _shared(a: _Taken, b: _Taken, half: slice) -> FloatArray:
    both = (a.codes[half] >= 0) & (b.codes[half] >= 0)
    key = a.codes[half][both] * b.size + b.codes[half][both]
    return np.bincount(key, minlength=a.size * b.size).reshape(a.size, b.size).astype(np.float64)


def _of_worst(sample: Sample, each: _Taken, drawn: FloatArray, spread: FloatArray, fewest: int) -> FloatArray:
    """z of the groups that lost most, two and more together."""
    made = drawn + each.counts * float(sample.net.mean())
    many = min(each.family.together, each.size)
    worst = np.argsort(made, axis=1)[:, :many]
    found = np.full((len(drawn), max(many - 1, 0)), NONE)
    for deal, order in enumerate(worst):
        for count in range(2, many + 1):
            chosen = order[:count]
            if made[deal, chosen[-1]] < 0 and len(sample) - each.counts[chosen].sum() >= fewest:
                error = float(np.sqrt(max(spread[np.ix_(chosen, chosen)].sum(), 1e-300)))
                found[deal, count - 2] = -float(drawn[deal, chosen].sum()) / error
    return found


def _one_by_one(sample: Sample, taken: Sequence[_Taken], deals: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """z (deals × 1) of each filter of few trades, from results drawn for each of its trades."""
    results = sample.centred(sample.net)
    for each in taken:
        for chosen in each.small.tolist():
            days = sample.day[each.members(chosen)]
            starts = np.flatnonzero(np.append(True, days[1:] != days[:-1]))
            z = np.empty(deals)
            # What the trades that are kept add to the square: each day's less the group's share of it.
            of_others = max(len(days) ** 2 / len(results) * float(results.var()), 1e-300)
            step = max(_AT_ONCE // len(days), 1)
            for first in range(0, deals, step):
                many = min(step, deals - first)
                dealt = results[rng.integers(0, len(results), (many, len(days)))]
                sums = np.add.reduceat(dealt, starts, axis=1)
                z[first : first + many] = -sums.sum(axis=1) / np.sqrt((sums**2).sum(axis=1) + of_others)
            yield z[:, np.newaxis]
