"""How far a difference of means or of shares is from what chance makes of it.

Trades of one day move together, so the error of a mean is taken over days, not over trades: what each trade adds to the
difference is summed by UTC day, and the error is that of the sum of the days. Intervals are of 95 % by Student's t with
one degree of freedom less than there are days; they say nothing of how the groups were chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, log1p, sqrt
from statistics import NormalDist

import numpy as np

from backend.analysis.arrays import FloatArray, IntArray

_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference with its 95 % interval and the chance of one as large where there is none (two-sided)."""

    low: float
    high: float
    p_value: float


def t_quantile(p: float, freedom: int) -> float:
    """Student's t quantile by its expansion around the normal one (Abramowitz and Stegun 26.7.5); within 1 % from four
    degrees of freedom on, and wide below."""
    z = _NORMAL.inv_cdf(p)
    n = float(freedom)
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * n**4)
    )


def t_two_sided(t: float, freedom: int) -> float:
    """The chance of a t as large by size (Wallace 1959): within 0.001 from two degrees of freedom on."""
    n = float(freedom)
    z = (8 * n + 1) / (8 * n + 3) * sqrt(n * log1p(t * t / n))
    return erfc(z / sqrt(2))


def mean_interval(values: FloatArray, days: IntArray) -> Interval | None:
    """Of a mean; None for fewer than two days or values that are all alike."""
    if len(values) < 2:
        return None
    return _interval(float(values.mean()), (values - values.mean()) / len(values), days)


def difference_interval(a: FloatArray, days_a: IntArray, b: FloatArray, days_b: IntArray) -> Interval | None:
    """Of the mean of `a` less that of `b`; None where neither varies or all happened on one day."""
    if len(a) < 2 or len(b) < 2:
        return None
    parts = np.concatenate([(a - a.mean()) / len(a), (b.mean() - b) / len(b)])
    return _interval(float(a.mean() - b.mean()), parts, np.concatenate([days_a, days_b]))


def _interval(value: float, parts: FloatArray, days: IntArray) -> Interval | None:
    _, place = np.unique(days, return_inverse=True)
    count = int(place.max()) + 1
    if count < 2:
        return None
    by_day = np.bincount(place, weights=parts)
    error = sqrt(float((by_day**2).sum()) * count / (count - 1))
    if error <= 1e-12 * max(1.0, abs(value)):
        return None
    reach = t_quantile(0.975, count - 1) * error
    return Interval(value - reach, value + reach, t_two_sided(value / error, count - 1))


def share_interval(wins: int, decided: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, as ratios."""
    if not decided:
        return 0.0, 1.0
    share, z2 = wins / decided, _Z * _Z
    centre = (share + z2 / (2 * decided)) / (1 + z2 / decided)
    reach = _Z / (1 + z2 / decided) * sqrt(share * (1 - share) / decided + z2 / (4 * decided**2))
    return centre - reach, centre + reach


def share_difference(wins_a: int, decided_a: int, wins_b: int, decided_b: int) -> Interval | None:
    """Newcombe's 95 % interval of a difference of shares, as ratios, with the p-value of the pooled test."""
    if not decided_a or not decided_b:
        return None
    a, b = wins_a / decided_a, wins_b / decided_b
    (low_a, high_a), (low_b, high_b) = share_interval(wins_a, decided_a), share_interval(wins_b, decided_b)
    below = sqrt((a - low_a) ** 2 + (high_b - b) ** 2)
    above = sqrt((high_a - a) ** 2 + (b - low_b) ** 2)
    pooled = (wins_a + wins_b) / (decided_a + decided_b)
    error = sqrt(pooled * (1 - pooled) * (1 / decided_a + 1 / decided_b))
    p_value = erfc(abs(a - b) / error / sqrt(2)) if error else 1.0
    return Interval(a - b - below, a - b + above, p_value)
