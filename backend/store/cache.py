"""Parsed runs kept between requests: bounded by bytes, keyed by run and version.

Only speed depends on it. The right to read a run is checked by the database on every request before the cache is asked.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from backend.analysis import RunFrame
from backend.store.runs import RunRow, RunStore

DEFAULT_BUDGET_BYTES = 256 * 1024 * 1024
# A run under way from the database takes several times what it takes when it is here.
_LOADS_AT_ONCE = 4


class FrameCache:
    """Least recently used frames go first; one load per key at a time."""

    def __init__(self, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> None:
        self._budget = budget_bytes
        self._frames: OrderedDict[tuple[int, int], RunFrame] = OrderedDict()
        self._locks: dict[tuple[int, int], asyncio.Lock] = {}
        self._loads = asyncio.Semaphore(_LOADS_AT_ONCE)

    async def get(self, run_id: int, version: int, load: Callable[[], Awaitable[RunFrame]]) -> RunFrame:
        """The frame of `run_id` at `version`, loaded once however many ask at the same time."""
        key = (run_id, version)
        if (frame := self._frames.get(key)) is not None:
            self._frames.move_to_end(key)
            return frame
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if (frame := self._frames.get(key)) is None:
                    async with self._loads:
                        frame = await load()
                    self._frames[key] = frame
                    self._shrink()
        finally:
            if not lock.locked():
                self._locks.pop(key, None)
        return frame

    def _shrink(self) -> None:
        held = sum(frame.nbytes for frame in self._frames.values())
        while held > self._budget and len(self._frames) > 1:
            _, dropped = self._frames.popitem(last=False)
            held -= dropped.nbytes


async def load_frame(frames: FrameCache, store: RunStore, run: RunRow) -> RunFrame:
    """The run's frame, from the cache or in one round trip. The caller's right to `run` has been checked."""
    return await frames.get(run.id, run.version, lambda: store.get_frame(run.id))
