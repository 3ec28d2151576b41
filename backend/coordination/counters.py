"""Counts that limits are made of: rates that refill, and sums over a day."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

_SWEEP_EVERY = 4096


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` at once, refilled evenly over `period_s` seconds."""

    count: int
    period_s: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rate that is used up: which of those asked for (its place), and in how many seconds there is room again."""

    place: int
    wait_s: float


@dataclass(frozen=True, slots=True)
class Total:
    """A sum so far, and the seconds until it begins anew."""

    amount: int
    left_s: float


class Counters(Protocol):
    """Named counts. Names hold no personal data beyond ids and addresses."""

    async def take(self, rates: Sequence[tuple[str, Rate]]) -> Refusal | None:
        """Take one of each named rate, or of none: the refusal names the first that is used up."""

    async def add(self, name: str, amount: int, period_s: float) -> Total:
        """Add to a sum that begins anew `period_s` seconds after its first addition."""

    async def total(self, name: str) -> Total:
        """A sum as it stands."""

    async def forget(self, name: str) -> None:
        """Begin the named rate or sum anew."""


class LocalCounters(Counters):
    """Counts of this process, by a clock that does not jump when the machine's is set.

    A rate is one number (the generic cell rate algorithm): the moment at which it will be full again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}
        self._sums: dict[str, tuple[int, float]] = {}
        self._calls = 0

    @override
    async def take(self, rates: Sequence[tuple[str, Rate]]) -> Refusal | None:
        now = self._clock()
        self._sweep(now)
        full_at: dict[str, float] = {}
        for place, (name, rate) in enumerate(rates):
            then = max(self._full_at.get(name, now), now) + rate.period_s / rate.count
            if then - now > rate.period_s + 1e-9:
                return Refusal(place, then - now - rate.period_s)
            full_at[name] = then
        self._full_at.update(full_at)
        return None

    @override
    async def add(self, name: str, amount: int, period_s: float) -> Total:
        now = self._clock()
        self._sweep(now)
        so_far, ends_at = self._sums.get(name, (0, 0.0))
        if ends_at <= now:
            so_far, ends_at = 0, now + period_s
        self._sums[name] = (so_far + amount, ends_at)
        return Total(so_far + amount, ends_at - now)

    @override
    async def total(self, name: str) -> Total:
        amount, ends_at = self._sums.get(name, (0, 0.0))
        left = ends_at - self._clock()
        return Total(amount, left) if left > 0 else Total(0, 0.0)

    @override
    async def forget(self, name: str) -> None:
        self._full_at.pop(name, None)
        self._sums.pop(name, None)

    def _sweep(self, now: float) -> None:
        """Forget now and then what says nothing any more, so that many addresses don't fill the memory."""
        self._calls += 1
        if self._calls % _SWEEP_EVERY == 0:
            self._full_at = {name: then for name, then in self._full_at.items() if then > now}
            self._sums = {name: entry for name, entry in self._sums.items() if entry[1] > now}
