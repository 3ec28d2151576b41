"""The events of one turn in order, as they go on the wire, for a reader that may go away and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from backend.conversations.sse_frames import frame

HELD_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024


class EventLog:
    """Written by one turn, read by one connection at a time; a new reader takes the place of the one before.

    `put` takes an event's JSON; `read` gives SSE frames, encoded once and numbered from 1, all that wait joined into
    one chunk. A reader that is `limit` bytes behind holds the writer back, and with it the provider; while nobody reads
    the writer goes on. What was read is kept only when `keeps`: a reader that can't come back needs nothing twice.
    """

    def __init__(self, *, keeps: bool, limit: int = HELD_BYTES) -> None:
        # A list, for most of the time it is empty: a deque holds room for 64 even then.
        self._frames: list[bytes] = []
        self._dropped = 0
        self._read = 0
        self._keeps = keeps
        self._limit = limit
        self._waiting = 0
        self._closed = False
        self._reader: object | None = None
        self._filled = asyncio.Event()
        self._drained: asyncio.Event | None = None  # made when a writer has to wait: most never do

    @property
    def held(self) -> int:
        """Bytes that wait for the reader."""
        return self._waiting

    @property
    def has_reader(self) -> bool:
        """Whether a connection reads now."""
        return self._reader is not None

    @property
    def has_room(self) -> bool:
        """Whether the reader, if there is one, is not too far behind."""
        return self._reader is None or self._waiting < self._limit

    async def put(self, data: bytes) -> None:
        """Add one event; waits first while the reader is too far behind."""
        await self.room()
        self._append(data)

    async def room(self) -> None:
        """Return when the reader is not too far behind."""
        while not self.has_room:
            self._drained = self._drained or asyncio.Event()
            self._drained.clear()
            await self._drained.wait()

    def close(self, last: bytes | None = None) -> None:
        """No more events will come but `last`."""
        if last is not None:
            self._append(last)
        self._closed = True
        self._filled.set()

    async def read(self, after: int = 0) -> AsyncGenerator[bytes, None]:
        """Whole frames from the one after number `after` on, until the log is closed or another reader begins."""
        me = self._reader = object()
        self._seek(after)
        try:
            while self._reader is me:
                if chunk := self._take():
                    yield chunk
                elif self._closed:
                    return
                else:
                    self._filled.clear()
                    await self._filled.wait()
        finally:
            if self._reader is me:
                self._reader = None
                self._make_room()

    def _append(self, data: bytes) -> None:
        encoded = frame(self._dropped + len(self._frames) + 1, data)
        self._frames.append(encoded)
        self._waiting += len(encoded)
        self._filled.set()

    def _seek(self, after: int) -> None:
        """Place the reader; one before it, if there is one, is woken and finds that it was replaced."""
        self._read = min(max(after - self._dropped, 0), len(self._frames))
        self._waiting = sum(len(self._frames[place]) for place in range(self._read, len(self._frames)))
        self._filled.set()
        self._make_room()

    def _take(self) -> bytes:
        """The frames that wait, up to a chunk's size; empty when there are none."""
        end, size = self._read, 0
        while end < len(self._frames) and size < _CHUNK_BYTES:
            size += len(self._frames[end])
            end += 1
        taken = b"".join(self._frames[self._read : end])
        self._read = end
        if not self._keeps:
            del self._frames[:end]
            self._dropped, self._read = self._dropped + end, 0
        self._waiting -= size
        self._make_room()
        return taken

    def _make_room(self) -> None:
        if self._drained is not None:
            self._drained.set()
