"""Interleaved rounds: every contender once a round, so that what the machine does meanwhile hits all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One contender: median seconds, and its ratio to the first contender in each round."""

    name: str
    seconds: float
    ratios: list[float]

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "seconds": round(self.seconds, 6),
            "ratio": round(statistics.median(self.ratios), 4),
            "ratios": [round(ratio, 4) for ratio in self.ratios],
        }


async def interleave(
    contenders: Mapping[str, Callable[[], Awaitable[object]]],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
) -> list[Row]:
    """Seconds for each contender, `rounds` times in turn, after one round that does not count.

    By default of this process's CPU; `time.perf_counter` where others (a database) do the work.
    """
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, run in contenders.items():
            began = clock()
            await run()
            if number:
                taken[name].append(clock() - began)
    base = next(iter(taken.values()))
    return [
        Row(name, statistics.median(times), [mine / theirs for mine, theirs in zip(times, base, strict=True)])
        for name, times in taken.items()
    ]
