"""Imports take turns, so that what is read at once stays within the bound on memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.errors import TooManyRequests

SMALL_AT_ONCE = 2
# Of large files one is read; so many more may wait, each on disk.
LARGE_WAITING = 8
_RETRY_AFTER_S = 60.0


class ImportTurns:
    """Two small files at once, and one large file at a time beside them, in each process of the server."""

    def __init__(self) -> None:
        self._small = asyncio.Semaphore(SMALL_AT_ONCE)
        self._large = asyncio.Semaphore(1)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self, *, small: bool) -> AsyncIterator[None]:
        """Wait for a turn and hold it.

        Raises:
            TooManyRequests: `imports_busy`, where too many large files wait already.
        """
        if small:
            async with self._small:
                yield
            return
        if self._waiting >= LARGE_WAITING:
            raise TooManyRequests(
                "Several large files are waiting to be imported. Try again in a minute.",
                code="imports_busy",
                retry_after=_RETRY_AFTER_S,
            )
        self._waiting += 1
        try:
            await self._large.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._large.release()
