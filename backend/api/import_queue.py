"""Imports take turns, so that what is read at once stays within the bound on memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.errors import TooManyRequests
from backend.importers.progress import Progress, tell

SMALL_AT_ONCE = 2
# Of large files one is read; so many more may wait, each on disk.
LARGE_WAITING = 8
_RETRY_AFTER_S = 60.0


class ImportQueue:
    """Two small files at once, and one large file at a time beside them, in each process of the server."""

    def __init__(self) -> None:
        self._small = _Line(SMALL_AT_ONCE)
        self._large = _Line(1)

    def admit(self, *, small: bool) -> ImportPlace:
        """A place in the line, which its holder gives back whatever happens.

        Raises:
            TooManyRequests: `imports_busy`, where too many large files wait already.
        """
        if not small and self._large.waiting >= LARGE_WAITING:
            raise TooManyRequests(
                "Several large files are waiting to be imported. Try again in a minute.",
                code="imports_busy",
                retry_after=_RETRY_AFTER_S,
            )
        return ImportPlace(self._small if small else self._large)


class _Line:
    def __init__(self, at_once: int) -> None:
        self.places = asyncio.Semaphore(at_once)
        self.waiting = 0


class ImportPlace:
    """One import's place: it waits, then it has its turn, then it is gone."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        self._has_turn = False
        self._gone = False
        line.waiting += 1

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Wait for the turn and hold it; whether there is a wait is said as progress."""
        try:
            if self._line.places.locked():
                tell(Progress("waiting"))
            await self._line.places.acquire()
            self._has_turn = True
            self._line.waiting -= 1
            yield
        finally:
            self.leave()

    def leave(self) -> None:
        """Give the place back, whether or not its turn had come; a second time is nothing."""
        if self._gone:
            return
        self._gone = True
        if self._has_turn:
            self._line.places.release()
        else:
            self._line.waiting -= 1
