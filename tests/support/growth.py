"""Whether the time of some work grows with its input and no faster."""

from __future__ import annotations

import time
from collections.abc import Callable

_TRIES = 5
# Four times the input takes four times as long, or sixteen where each piece is looked at anew for each other one.
MOST = 9.0
_TOO_SHORT_S = 0.0005


def growth(work: Callable[[int], object], count: int) -> float:
    """How many times as long `work(4 * count)` takes as `work(count)`, in processor time; the best of some tries.

    `count` is doubled until the time can be told.
    """
    while (short := _seconds(work, count)) < _TOO_SHORT_S and count < 10_000_000:
        count *= 2
    return _seconds(work, 4 * count) / short


def _seconds(work: Callable[[int], object], count: int) -> float:
    best = float("inf")
    for _ in range(_TRIES):
        began_at = time.thread_time()
        work(count)
        best = min(best, time.thread_time() - began_at)
        if best > 1.0:
            break
    return best
